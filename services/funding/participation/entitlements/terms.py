"""What is granted, what the attendance says by now, and what was paid beyond it. Amounts are pence."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.funding.participation.entitlements.tables import Entitlement
from shared.problems import Conflict


class ClaimedAgain(Conflict):
    title = "What was recovered is claimed again"
    detail = (
        "The involvement payment was recovered from the person, and another claim asks for it by now. Let an approver "
        "return or refuse that claim first, or wait until it is paid. Then resolve this payment as not paid."
    )


class Terms(NamedTuple):
    """What somebody may be paid for one attendance, and what that follows from."""

    pence: int
    minutes: int
    held_on: date


class Snapshot(NamedTuple):
    """What was granted and what the attendance said before a change; None for nothing."""

    granted: Terms | None
    recorded: Terms | None


def granted_terms(entitlement: Entitlement) -> Terms | None:
    """Return what is granted, or None where it was withdrawn."""
    if entitlement.status == "withdrawn":
        return None
    return Terms(entitlement.pence, entitlement.minutes, entitlement.held_on)


def recorded_terms(entitlement: Entitlement) -> Terms | None:
    """Return what the attendance says by now, or None where the person did not attend."""
    pence, minutes = entitlement.attendance_pence, entitlement.attendance_minutes
    held_on = entitlement.attendance_held_on
    return None if pence is None or minutes is None or held_on is None else Terms(pence, minutes, held_on)


def take_snapshot(entitlements: Iterable[Entitlement]) -> dict[UUID, Snapshot]:
    """Return what is granted and recorded, by the entitlement's id."""
    return {
        entitlement.id: Snapshot(granted_terms(entitlement), recorded_terms(entitlement))
        for entitlement in entitlements
    }


def recount_overpaid(entitlement: Entitlement) -> None:
    """Set what was paid beyond the entitlement. What was written off counts as long as it is beyond it."""
    beyond = max(0, entitlement.paid_pence - entitlement.recovered_pence - entitlement.entitled_pence)
    entitlement.written_off_pence = min(entitlement.written_off_pence, beyond)
    entitlement.overpaid_pence = beyond - entitlement.written_off_pence


def count_payment(entitlement: Entitlement, involvement_pence: int) -> None:
    """Count the involvement payment of a claim that the bank paid. What is beyond the entitlement is overpaid."""
    entitlement.paid_pence += involvement_pence
    recount_overpaid(entitlement)


def count_voided(entitlement: Entitlement, involvement_pence: int) -> None:
    """Stop counting the involvement payment of a claim that was not paid after all. It is claimed and owed again.

    What was recovered of it was not overpaid, and is claimed again with the rest. Raises ClaimedAgain where another
    claim that is not paid asks for that.
    """
    entitlement.paid_pence -= involvement_pence
    not_overpaid = max(0, entitlement.recovered_pence - entitlement.paid_pence)
    if entitlement.claimed_pence + not_overpaid > entitlement.highest_pence:
        raise ClaimedAgain
    entitlement.recovered_pence -= not_overpaid
    entitlement.claimed_pence += not_overpaid
    recount_overpaid(entitlement)


def pounds(pence: int) -> str:
    """Format an amount, as in £1,234.50."""
    return f"£{pence // 100:,}.{pence % 100:02}"


def explain(entitlement: Entitlement) -> str | None:
    """Return in plain words what is special about this entitlement and what happens next, or None for nothing."""
    sentences: list[str] = []
    if entitlement.in_question:
        sentences.append(
            f"The attendance was corrected: {_recorded(entitlement)}. A funding officer decides whether this "
            "entitlement stands, and nothing more of it is paid before that. Ask the centre if the correction is wrong."
        )
    elif entitlement.status == "withdrawn":
        sentences.append("The attendance was corrected: nothing can be claimed. Ask the centre if you did take part.")
    if entitlement.overpaid_pence:
        sentences.append(
            f"{pounds(entitlement.overpaid_pence)} more was paid than this entitlement says. The centre gets in touch; "
            "there is nothing to do now."
        )
    if (
        entitlement.claimed_pence - entitlement.overpaid_pence - entitlement.written_off_pence
        > entitlement.entitled_pence
    ):
        sentences.append(
            f"Claims ask for {pounds(entitlement.claimed_pence)}, and the entitlement says "
            f"{pounds(entitlement.entitled_pence)}. The centre gives them back, so that the involvement payment can be "
            "lowered."
        )
    if entitlement.overlaps and entitlement.status == "granted":
        sentences.append(
            "Another meeting of yours took place at the same time. Together they are paid as one meeting: "
            + (f"{pounds(entitlement.pence)} of that here. " if entitlement.pence else "all of that there. ")
            + "Other costs can be claimed here."
        )
    return " ".join(sentences) or None


def _recorded(entitlement: Entitlement) -> str:
    recorded = recorded_terms(entitlement)
    if recorded is None:
        return "it says that you did not take part"
    held_on = f"{recorded.held_on.day} {recorded.held_on:%B %Y}"
    return f"{recorded.minutes} minutes on {held_on}, for which {pounds(recorded.pence)} is paid"
