"""How a scheme's money may move. Amounts are pence; each function changes the row and refuses what the cap forbids."""

from services.funding.ledger.ledger import rules as ledger
from services.funding.ledger.ledger.rules import Posting, SchemeAccounts
from services.funding.programme.programme.tables import Programme, Scheme
from shared.problems import Conflict


class ProgrammeExhausted(Conflict):
    title = "The programme has not that much left"
    detail = "The caps of all schemes together may not exceed the award. Choose a lower cap, or lower another scheme's."


class CapBelowPromises(Conflict):
    title = "More than this is already promised"
    detail = (
        "The cap cannot go below what is reserved and approved. Release what assemblies did not need, or choose more."
    )


class SchemeExhausted(Exception):
    """The scheme cannot set aside that much: `available_pence` is what it has."""

    def __init__(self, available_pence: int) -> None:
        super().__init__(available_pence)
        self.available_pence = available_pence


def accounts(scheme: Scheme) -> SchemeAccounts:
    return SchemeAccounts(scheme.id, scheme.code)


def set_cap(programme: Programme, scheme: Scheme, cap_pence: int) -> list[Posting]:
    """Raises ProgrammeExhausted or CapBelowPromises. The scheme's cap is counted in the programme already."""
    change = cap_pence - scheme.cap_pence
    if programme.allocated_pence + change > programme.pence:
        raise ProgrammeExhausted
    if cap_pence < scheme.reserved_pence + scheme.approved_pence:
        raise CapBelowPromises
    programme.allocated_pence += change
    scheme.cap_pence = cap_pence
    if change > 0:
        return [ledger.allocate(accounts(scheme), change)]
    return [ledger.take_back(accounts(scheme), -change)] if change else []


def set_aside(scheme: Scheme, pence: int) -> None:
    """Raises SchemeExhausted."""
    if pence > scheme.available_pence:
        raise SchemeExhausted(scheme.available_pence)
    scheme.reserved_pence += pence


def give_back(scheme: Scheme, pence: int) -> None:
    scheme.reserved_pence -= pence


def owe(scheme: Scheme, pence: int) -> None:
    """What was reserved is now approved."""
    scheme.reserved_pence -= pence
    scheme.approved_pence += pence


def owe_no_more(scheme: Scheme, pence: int) -> None:
    """What was approved is merely reserved again."""
    scheme.approved_pence -= pence
    scheme.reserved_pence += pence


def settle(scheme: Scheme, pence: int) -> None:
    scheme.paid_pence += pence
