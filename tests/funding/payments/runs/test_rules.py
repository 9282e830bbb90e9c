from services.funding.participation.claims.tables import Claim
from services.funding.payments.runs import rules
from services.funding.payments.runs.pain002 import Word
from shared.persistence.tables import new_id
from tests.support.callers import APPROVER, CARER, FINANCE


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


def test_a_run_is_settled_once_the_bank_has_answered_for_each_payment_and_not_before() -> None:
    run, (first, second) = rules.make_run(None, [approved(), approved()], (), FINANCE)
    run.status = "released"
    rules.hear(first, Word("paid"))
    rules.settle(run, [first, second])
    assert run.status == "released"
    rules.hear(second, Word("refused", "AC04"))
    rules.settle(run, [first, second])
    assert run.status == "settled"
