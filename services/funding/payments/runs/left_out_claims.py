"""The approved claims that a payment run did not take, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from shared.callers import Caller

MAX_CLAIMS_PER_RUN = 1000


class ApprovedClaim(NamedTuple):
    """An approved claim that a run of all claims did not take, and what may have kept it out."""

    claim_id: UUID
    claimant_id: UUID
    approver_id: UUID | None
    refused_by_bank: bool
    in_question: bool
    has_bank_details: bool
    payment_unclear: bool = False
    account_refused: bool = False

    def reason(self, finance: Caller) -> str:
        """Return why this officer's run did not take it, and what can be done."""
        if finance.id in (self.claimant_id, self.approver_id):
            own = "claimed" if self.claimant_id == finance.id else "approved"
            return f"you {own} this one: leave it to a colleague in finance"
        if self.in_question:
            return "its entitlement is in question or withdrawn: a funding officer or an approver decides"
        if self.payment_unclear:
            return "it may have been paid already: first its payment is resolved, see the runs that need attention"
        if self.refused_by_bank:
            return (
                "the bank refused it: a run takes it once its person has corrected their bank details"
                if self.account_refused
                else "the bank refused it: check it, then name it in `claims`"
            )
        if not self.has_bank_details:
            return "no bank details: ask the person to add theirs"
        return f"the run has its {MAX_CLAIMS_PER_RUN:,} claims already, or it was approved just now: make another run"


@dataclass(frozen=True, slots=True)
class LeftOutClaims:
    """The approved claims that a run did not take: the first ones with reasons, and how many in all."""

    reasons: Mapping[UUID, str]
    count: int


NOTHING_LEFT_OUT = LeftOutClaims({}, 0)
