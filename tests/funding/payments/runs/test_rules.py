from typing import Any

import pytest

from services.funding.participation.claims.tables import Claim
from services.funding.payments.runs import left_out_claims, rules
from shared.persistence.tables import new_id
from tests.funding.world import HELD_ON
from tests.support.callers import APPROVER, CARER, FINANCE, SECOND_FINANCE


def approved() -> Claim:
    return Claim(
        person_id=CARER.id,
        entitlement_id=new_id(),
        assembly_id=new_id(),
        scheme_id=new_id(),
        pence=1_000,
        status="approved",
        approved_by=APPROVER.id,
    )


def test_a_run_is_settled_once_each_payment_has_an_outcome_and_not_before() -> None:
    run, (first, second) = rules.create_run(None, [approved(), approved()], (), FINANCE)
    run.status = "released"
    first.status = "paid"
    rules.settle(run, [first, second])
    assert run.status == "released"
    second.status = "refused"
    rules.settle(run, [first, second])
    assert run.status == "settled"


def test_end_to_end_ids_have_at_most_18_characters_that_every_scheme_takes() -> None:
    _, payments = rules.create_run(None, [approved() for _ in range(200)], (), FINANCE)
    ids = {payment.end_to_end_id for payment in payments}
    assert len(ids) == 200
    assert all(len(id) == 18 and id.isalnum() and id.isascii() for id in ids)


def test_a_claim_that_may_have_been_paid_is_in_no_run() -> None:
    claim = approved()
    claim.payment_unclear = True
    with pytest.raises(rules.PaymentsUnclear, match="Leave out"):
        rules.create_run([claim.id], [claim], (), FINANCE)


def test_whoever_made_a_run_does_not_release_it() -> None:
    run, payments = rules.create_run(None, [approved()], (), FINANCE)
    with pytest.raises(rules.OwnRun, match="another finance officer"):
        rules.release(run, [], FINANCE, today=HELD_ON, bank_holidays=())
    assert (run.status, run.released_by) == ("draft", None)
    rules.release(run, payments, SECOND_FINANCE, today=HELD_ON, bank_holidays=())
    assert (run.status, run.released_by) == ("released", SECOND_FINANCE.id)
    assert payments[0].released_by == SECOND_FINANCE.id


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"claimant_id": FINANCE.id}, "you claimed this one"),
        ({"approver_id": FINANCE.id}, "you approved this one"),
        ({"in_question": True, "refused_by_bank": True}, "its entitlement is in question or withdrawn"),
        ({"refused_by_bank": True}, "the bank refused it"),
        ({"refused_by_bank": True, "payment_unclear": True}, "it may have been paid already"),
        ({"has_bank_details": False}, "no bank details"),
        ({}, "the run has its 1,000 claims already"),
    ],
    ids=["own", "approved", "in question", "refused", "unclear", "no details", "full"],
)
def test_a_claim_that_was_left_out_says_why(facts: dict[str, Any], reason: str) -> None:
    claim = left_out_claims.ApprovedClaim(
        new_id(), CARER.id, APPROVER.id, refused_by_bank=False, in_question=False, has_bank_details=True
    )
    assert claim._replace(**facts).reason(FINANCE).startswith(reason)
