"""What a claim's person and the staff read, for every status and everything that bears on it."""

from datetime import date
from itertools import product
from typing import get_args

import pytest

from services.funding.participation.claims.situations import (
    FILE_IN_DOUBT,
    OTHER_PAYMENT_UNCLEAR,
    PAYMENT_UNCLEAR,
    UNREMARKABLE,
    ClaimSituation,
    attention,
    what_next,
)
from services.funding.participation.claims.tables import Claim, ClaimStatus
from shared.persistence.tables import new_id
from tests.support.callers import CARER

OPEN: list[ClaimStatus] = ["submitted", "approved", "in_payment"]
PROMISE = "You will be paid by"


def claim_in(status: ClaimStatus, **fields: object) -> Claim:
    facts = {
        "id": new_id(),
        "person_id": CARER.id,
        "entitlement_id": new_id(),
        "assembly_id": new_id(),
        "scheme_id": new_id(),
        "status": status,
        "promised_on": date(2026, 12, 7),
        "paid_on": date(2026, 12, 1) if status == "paid" else None,
    }
    return Claim.model_validate(facts | fields)


@pytest.mark.parametrize("status", OPEN)
def test_nobody_is_promised_payment_of_what_is_not_paid_now(status: ClaimStatus) -> None:
    assert PROMISE in what_next(claim_in(status))
    for situation, words in (
        (ClaimSituation(withdrawn=True), "says that you did not take part"),
        (ClaimSituation(in_question=True), "A funding officer decides what follows"),
        (ClaimSituation(exceeded=True), "you can lower the involvement payment"),
        (ClaimSituation(overdue=True), "It takes longer than 7 December 2026, which we had promised"),
        (ClaimSituation(payment_unclear=True), OTHER_PAYMENT_UNCLEAR),
    ):
        text = what_next(claim_in(status), situation)
        assert (words in text, PROMISE in text, "Nothing to do" in text) == (True, False, False)
    assert what_next(claim_in(status, payment_unclear=True), ClaimSituation(withdrawn=True)) == PAYMENT_UNCLEAR


def test_what_is_paid_on_a_day_that_has_not_come_is_not_called_paid() -> None:
    assert what_next(claim_in("paid")) == "Paid on 1 December 2026."
    assert what_next(claim_in("paid"), ClaimSituation(paid_ahead=True)) == "The bank pays you on 1 December 2026."


def test_nobody_is_promised_payment_by_a_file_that_the_bank_has_not_taken() -> None:
    claim = claim_in("in_payment", file_in_doubt=True)
    for situation in (UNREMARKABLE, ClaimSituation(overdue=True, needs_attention=True)):
        assert what_next(claim, situation) == FILE_IN_DOUBT
    assert PROMISE not in FILE_IN_DOUBT
    text = attention(claim, ClaimSituation(needs_attention=True)) or ""
    assert ("whole file" in text, "/v1/payment-runs?needs_attention=true" in text) == (True, True)
    assert "A funding officer" in what_next(claim, ClaimSituation(in_question=True))


def test_what_may_be_at_the_bank_already_is_not_called_stopped() -> None:
    for situation in (ClaimSituation(withdrawn=True), ClaimSituation(in_question=True), ClaimSituation(exceeded=True)):
        assert "If the bank has the payment already" in what_next(claim_in("in_payment"), situation)
        assert "If the bank" not in what_next(claim_in("approved"), situation)


def test_a_claim_with_its_person_says_that_the_attendance_was_corrected() -> None:
    for status in ("draft", "returned"):
        assert "nothing can be claimed" in what_next(claim_in(status), ClaimSituation(withdrawn=True))
        assert "submit this claim after that" in what_next(claim_in(status), ClaimSituation(in_question=True))
    for status in ("refused", "paid"):
        assert what_next(claim_in(status), ClaimSituation(withdrawn=True)) == what_next(claim_in(status))


def test_more_than_was_set_aside_takes_longer_and_then_has_taken_longer() -> None:
    claim = claim_in("submitted", beyond_reservation=True)
    assert "It may take longer than 7 December 2026" in what_next(claim)
    assert "It takes longer than 7 December 2026" in what_next(claim, ClaimSituation(overdue=True))


def test_only_who_can_mend_a_refusal_by_other_bank_details_is_asked_to() -> None:
    account = claim_in("approved", needs_attention=True, bank_reason="AC04", refused_payee_version=1)
    ours = claim_in("approved", needs_attention=True, bank_reason="AM04")
    nobodys = claim_in("approved", needs_attention=True)
    assert "Look at your bank details and correct them" in what_next(account)
    assert what_next(account, ClaimSituation(details_corrected=True)) == (
        "You have corrected your bank details; we will try again."
    )
    assert "your bank details are not the reason. You do not need to do anything" in what_next(ours)
    assert what_next(nobodys).startswith("You were not paid yet. You do not need to do anything")
    for claim in (account, ours, nobodys):
        assert PROMISE not in what_next(claim, ClaimSituation(overdue=True))


def test_staff_read_why_a_claim_needs_attention_and_who_does_what() -> None:
    def text(claim: Claim, **facts: bool) -> str:
        return attention(claim, ClaimSituation(needs_attention=True, **facts)) or ""

    claim = claim_in("approved")
    assert f"/v1/entitlements/{claim.entitlement_id}/resolve" in text(claim, in_question=True)
    assert f"An approver returns or refuses it (POST /v1/claims/{claim.id}/decisions)" in text(claim, withdrawn=True)
    assert "its person lowers the involvement payment" in text(claim, exceeded=True)
    assert "7 December 2026" in text(claim, overdue=True)
    assert "/v1/payment-runs?needs_attention=true" in text(claim, payment_unclear=True)
    account = claim_in("approved", needs_attention=True, bank_reason="AC04", refused_payee_version=1)
    assert "once they have corrected their bank details" in text(account)
    assert "7 December 2026" in text(account, details_corrected=True, overdue=True)
    ours = claim_in("approved", needs_attention=True, bank_reason="AM04")
    assert ("(AM04)" in text(ours), "Someone in finance settles that" in text(ours)) == (True, True)


def test_there_is_a_text_for_every_status_and_situation() -> None:
    for status, facts in product(get_args(ClaimStatus), product((False, True), repeat=len(UNREMARKABLE))):
        situation = ClaimSituation(*facts)
        assert what_next(claim_in(status), situation)
        assert (attention(claim_in(status), situation) is not None) == situation.needs_attention
