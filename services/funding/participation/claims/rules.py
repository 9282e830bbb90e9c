"""What a claim may become, who takes which step, and which date is promised. Amounts are pence."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from services.funding.ledger.ledger.rules import Posting
from services.funding.participation.claims.tables import Claim, ClaimLine, ClaimReason, ClaimStep, Part, Step
from services.funding.participation.entitlements import rules as entitlements
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.programme.programme import rules as programme
from services.funding.programme.programme.tables import Scheme
from services.funding.programme.reservations import rules as reservations
from services.funding.programme.reservations.tables import Reservation
from shared.callers import Caller
from shared.events.contracts.funding import ClaimPaid, ClaimSubmitted
from shared.problems import Conflict, Invalid, NotAllowed

Decision = Literal["approved", "refused", "returned"]


class ClaimAlreadySubmitted(Conflict):
    title = "This claim has been submitted already"
    detail = "Nothing more to do: the claim says when you will be paid. To change it, ask for it to be returned."


class ClaimEmpty(Conflict):
    title = "There is nothing in this claim yet"
    detail = "Add at least one cost line, then submit it."


class CapExceeded(Conflict):
    title = "There is not enough money set aside for this"
    detail = "The scheme cannot carry this claim. Please call the centre: nobody should be out of pocket."


class ClaimNotSubmitted(Conflict):
    title = "This claim is not waiting for a decision"
    detail = "It was decided already, or is not submitted yet. Fetch it to see where it stands."


class OwnClaim(NotAllowed):
    title = "Someone else must decide this"
    detail = "Nobody decides on a claim of their own. Leave it to another approver."


class ReasonNeeded(Invalid):
    pointer = "/reason"
    title = "Say why, in words that help the person"
    detail = "A claim is refused or returned with a reason: what is wrong, and what they can do."


def recount(claim: Claim, lines: Sequence[ClaimLine]) -> None:
    """The claim's sums follow its lines; every edit makes a new version."""
    claim.pence = sum(line.pence for line in lines)
    claim.involvement_pence = sum(line.pence for line in lines if line.kind == "involvement_payment")
    claim.edits += 1


def require_editable(claim: Claim) -> None:
    """Raises ClaimAlreadySubmitted."""
    if claim.status not in ("draft", "returned"):
        raise ClaimAlreadySubmitted


def add_working_days(start: date, days: int, bank_holidays: Collection[date]) -> date:
    """The date `days` working days after `start`: neither weekends nor English bank holidays count."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day, bank_holidays)
    return day


def is_working_day(day: date, bank_holidays: Collection[date]) -> bool:
    return day.weekday() < 5 and day not in bank_holidays


def submit(
    claim: Claim,
    entitlement: Entitlement,
    reservation: Reservation,
    scheme: Scheme,
    *,
    today: date,
    bank_holidays: Collection[date],
) -> tuple[ClaimSubmitted, ClaimStep, list[Posting]]:
    """Promise a date and speak for the money. Raises the problems of the claim, the entitlement and the cap."""
    require_editable(claim)
    if claim.pence == 0:
        raise ClaimEmpty
    entitlements.claim(entitlement, claim.involvement_pence)
    try:
        postings = reservations.hold(reservation, scheme, claim.pence, claim.id)
    except programme.SchemeExhausted as exhausted:
        raise CapExceeded from exhausted
    promised_on = add_working_days(today, scheme.promise_working_days, bank_holidays)
    claim.status = "submitted"
    claim.promised_on = promised_on
    submitted = ClaimSubmitted(
        claim_id=claim.id, assembly_id=claim.assembly_id, promised_on=promised_on, pence=claim.pence
    )
    return submitted, step(claim, "submitted", "claimant", claim.person_id), postings


def decide(
    claim: Claim,
    entitlement: Entitlement,
    reservation: Reservation,
    scheme: Scheme,
    *,
    decision: Decision,
    reason: str | None,
    approver: Caller,
) -> tuple[ClaimStep, list[Posting]]:
    """An approver's word. Raises OwnClaim, ClaimNotSubmitted, ReasonNeeded, and what is wrong with the entitlement.

    What was approved can be refused after all while it is unpaid, once its entitlement was withdrawn.
    """
    if approver.id == claim.person_id:
        raise OwnClaim
    after_all = (claim.status, decision, entitlement.status) == ("approved", "refused", "withdrawn")
    if claim.status != "submitted" and not after_all:
        raise ClaimNotSubmitted
    if decision != "approved" and not reason:
        raise ReasonNeeded
    postings: list[Posting] = []
    if decision == "approved":
        entitlements.require_standing(entitlement)
        postings = reservations.approve(reservation, scheme, claim.pence, claim.id)
        claim.approved_by = approver.id
    else:
        if after_all:
            postings = reservations.reverse(reservation, scheme, claim.pence, claim.id)
        reservations.let_go(reservation, claim.pence)
        entitlements.unclaim(entitlement, claim.involvement_pence)
    claim.status = decision
    claim.needs_attention = False
    return step(claim, decision, "approver", approver.id, reason), postings


def take_into_run(claim: Claim, finance: Caller) -> ClaimStep:
    claim.status = "in_payment"
    claim.needs_attention = False
    claim.bank_reason = None
    return step(claim, "in_payment", "finance", finance.id)


def take_out_of_run(claim: Claim, finance: Caller) -> ClaimStep:
    """Its run was cancelled before release."""
    claim.status = "approved"
    return step(claim, "payment_stopped", "finance", finance.id)


def refused_by_bank(claim: Claim, reason: str, finance: Caller) -> ClaimStep:
    """Back to approved, for a person to look at: it is owed still."""
    claim.status = "approved"
    claim.needs_attention = True
    claim.bank_reason = reason
    return step(claim, "payment_refused", "bank", finance.id, explained(reason))


def pay(claim: Claim, finance: Caller, *, today: date) -> tuple[ClaimPaid, ClaimStep]:
    claim.status = "paid"
    claim.paid_on = today
    paid = ClaimPaid(claim_id=claim.id, assembly_id=claim.assembly_id, paid_on=today, pence=claim.pence)
    return paid, step(claim, "paid", "bank", finance.id)


def step(claim: Claim, taken: Step, part: Part, by: UUID, reason: str | None = None) -> ClaimStep:
    made = ClaimStep(claim_id=claim.id, step=taken, part=part, taken_by=by)
    made.words = ClaimReason(step_id=made.id, reason=reason) if reason else None
    return made


BANK_REASONS = {
    "AC01": "The bank does not know this account number.",
    "AC03": "The bank does not know this account number.",
    "AC04": "This account is closed.",
    "AC06": "This account is blocked.",
    "AG01": "This account cannot take payments of this kind.",
    "AM05": "The bank thinks that this was paid before.",
    "BE01": "The name does not fit the account.",
    "MD07": "The bank was told that the account holder has died.",
    "RC01": "The bank does not know this sort code.",
}
"""ISO 20022 external status reasons that people meet, in plain words. Source: ExternalStatusReason1Code."""


def explained(reason: str) -> str:
    """The bank's reason in plain words."""
    return BANK_REASONS.get(reason, f"The bank gave the reason {reason}.")


NEXT: dict[str, Callable[[Claim], str]] = {
    "draft": lambda _: "Add your costs, then submit the claim.",
    "returned": lambda _: "Read the reason in the history, correct the claim and submit it again.",
    "submitted": lambda claim: f"Nothing to do. You will be paid by {_told(claim.promised_on)}.",
    "refused": lambda _: "Read the reason in the history. If you think that it is wrong, call the centre.",
    "approved": lambda claim: (
        "The bank could not pay you. Look at your bank details and correct them; we will try again."
        if claim.needs_attention
        else f"Approved. You will be paid by {_told(claim.promised_on)}."
    ),
    "in_payment": lambda claim: f"On its way to the bank. You will be paid by {_told(claim.promised_on)}.",
    "paid": lambda claim: f"Paid on {_told(claim.paid_on)}.",
}


def _told(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else "a date that we will tell you"


def what_next(claim: Claim) -> str:
    """What the person needs to do, or what will happen."""
    return NEXT[claim.status](claim)
