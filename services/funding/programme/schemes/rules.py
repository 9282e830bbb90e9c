"""How a scheme's money may move. Amounts are pence; functions change the row and mirror the ledger's transactions."""

from services.funding.ledger.ledger import rules as ledger
from services.funding.ledger.ledger.rules import Posting, SchemeAccounts
from services.funding.programme.programme import rules as programmes
from services.funding.programme.programme.tables import Programme
from services.funding.programme.schemes.tables import Scheme
from shared.problems import Conflict


class SchemeCodeTaken(Conflict):
    title = "Another scheme has this code"
    detail = "Choose another code, or change the scheme that has it."


class CapBelowCommitments(Conflict):
    title = "More than this is already committed"
    detail = (
        "The cap cannot go below what is reserved and approved. Release what assemblies did not need (POST "
        "/v1/reservations/{id}/release), or choose a higher cap."
    )


class SchemeExhaustedError(Exception):
    """The scheme cannot reserve that much: `available_pence` is what it has."""

    def __init__(self, available_pence: int) -> None:
        super().__init__(available_pence)
        self.available_pence = available_pence


def accounts(scheme: Scheme) -> SchemeAccounts:
    """Return the codes of the scheme's accounts in the ledger."""
    return SchemeAccounts(scheme.id, scheme.code)


def set_cap(programme: Programme, scheme: Scheme, cap_pence: int) -> list[Posting]:
    """Set the scheme's cap, and allocate the difference. Raises ProgrammeExhausted, CapBelowCommitments."""
    change = cap_pence - scheme.cap_pence
    programmes.require_unallocated(programme, change)
    if cap_pence < scheme.reserved_pence + scheme.approved_pence:
        raise CapBelowCommitments
    programme.allocated_pence += change
    scheme.cap_pence = cap_pence
    if change > 0:
        return [ledger.allocate(accounts(scheme), change)]
    return [ledger.deallocate(accounts(scheme), -change)] if change else []


def reserve(scheme: Scheme, pence: int) -> None:
    """Reserve available money. Raises SchemeExhaustedError."""
    if pence > scheme.available_pence:
        raise SchemeExhaustedError(scheme.available_pence)
    scheme.reserved_pence += pence


def release(scheme: Scheme, pence: int) -> None:
    """Make reserved money available again."""
    scheme.reserved_pence -= pence


def approve(scheme: Scheme, pence: int) -> None:
    """Owe reserved money."""
    scheme.reserved_pence -= pence
    scheme.approved_pence += pence


def reverse(scheme: Scheme, pence: int) -> None:
    """Reverse an approval: the money is reserved again."""
    scheme.approved_pence -= pence
    scheme.reserved_pence += pence


def pay(scheme: Scheme, pence: int) -> None:
    """Count approved money as paid."""
    scheme.paid_pence += pence


def void(scheme: Scheme, pence: int) -> None:
    """Count money as approved that was not paid after all."""
    scheme.paid_pence -= pence
