"""From a planned assembly to money in a person's account, and a ledger that proves it."""

from services.funding.payments.iso20022 import documents
from shared import clock
from shared.events.contracts.funding import ClaimPaid, ClaimSubmitted, EntitlementGranted, FundingReserved
from tests.funding.world import FundingWorld
from tests.support.callers import APPROVER, FINANCE


async def test_a_claim_is_promised_approved_released_and_paid_and_the_ledger_balances_at_each_step(
    world: FundingWorld,
) -> None:
    claim = await world.submitted_claim()
    assert (await world.get_claim(claim))["status"] == "submitted"
    assert (await world.get_proof())["agrees"]
    await world.json(APPROVER, "POST", f"/v1/claims/{claim}/decisions", {"decision": "approved"})
    assert (await world.get_proof())["agrees"]
    run = await world.released_run()
    content = await world.download_file(run)
    assert documents.schema_errors(documents.parse(content), "pain.001.001.09") == []
    response = await world.post_bank_message(run)
    assert response.json()["paid"] == 1, response.text
    assert response.json()["run_status"] == "settled"
    details = await world.get_claim(claim)
    assert details["status"] == "paid"
    assert [step["step"] for step in details["history"]] == ["submitted", "approved", "in_payment", "paid"]
    assert [step["role"] for step in details["history"]] == ["claimant", "approver", "finance", "bank"]
    proof = await world.get_proof()
    assert proof["balances"]
    assert proof["agrees"]
    assert proof["total"]["pence"] == 0
    paid = next(row for row in proof["reconciliation"] if row["name"] == "claims paid = bank credit")
    assert paid["ledger"] == paid["books"] == {"pence": 8_810, "currency": "GBP"}
    kinds = [type(event) for event in await world.events()]
    assert kinds == [FundingReserved, EntitlementGranted, ClaimSubmitted, ClaimPaid]
    scheme = await world.scheme()
    assert (scheme["approved_pence"], scheme["paid_pence"], scheme["reserved_pence"]) == (8_810, 8_810, 100_000 - 8_810)
    assert (await world.json(FINANCE, "GET", "/v1/ledger/transactions"))["items"][0]["kind"] == "pay"
    today, years = clock.today().isoformat(), (await world.json(FINANCE, "GET", "/v1/programme"))["years"]
    assert [year["paid"]["pence"] for year in years if year["starts_on"] <= today <= year["ends_on"]] == [8_810]
