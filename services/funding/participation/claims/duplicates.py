"""Costs that a person may have claimed before, and what an approver has to do about them. Amounts are pence."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from services.funding.participation.claims.tables import ClaimStatus
from shared.problems import Conflict, FieldError

MAX_OPEN_CLAIMS = 20
"""Of one person for one meeting. Each holds up to 50 costs, is compared with all others, and read by an approver."""


class TooManyOpenClaims(Conflict):
    title = "You have many open claims for this meeting already"
    detail = (
        f"There are {MAX_OPEN_CLAIMS}. Put these costs into one of them (PATCH /v1/claims/{{id}}), or delete a draft "
        "that you do not need (DELETE /v1/claims/{id})."
    )


class PossibleDuplicate(NamedTuple):
    """A line of another claim of the same person with the kind, day and sum of a line of this one."""

    position: int
    """Of the line in this claim. Positions start at 1."""
    claim_id: UUID
    status: ClaimStatus
    claim_position: int


class DuplicatesNotChecked(Conflict):
    title = "Some of these costs may have been claimed before"
    detail = (
        "Look at the claims in `errors`. If the costs are not the same, approve the claim and name those claims in "
        "`duplicates_checked`; otherwise return or refuse it."
    )


def require_room(open_claims: int) -> None:
    """Raise TooManyOpenClaims where one more claim for the entitlement would be too many."""
    if open_claims >= MAX_OPEN_CLAIMS:
        raise TooManyOpenClaims


def require_checked(duplicates: Sequence[PossibleDuplicate], checked: Collection[UUID]) -> list[UUID]:
    """Return the claims that this one may repeat. Raises DuplicatesNotChecked unless all of them were checked.

    Drafts do not count: nobody but the person sees them, and whoever decides on them later sees this claim.
    """
    visible = [duplicate for duplicate in duplicates if duplicate.status != "draft"]
    errors = [
        FieldError(
            pointer="/duplicates_checked",
            detail=(
                f"Line {duplicate.position} of this claim has the kind, day and sum of line "
                f"{duplicate.claim_position} of the claim {duplicate.claim_id}."
            ),
        )
        for duplicate in visible
        if duplicate.claim_id not in checked
    ]
    if errors:
        raise DuplicatesNotChecked(errors=errors)
    return sorted({duplicate.claim_id for duplicate in visible})
