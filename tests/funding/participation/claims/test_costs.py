"""What a claim may hold: the limits of costs, and costs that were claimed before."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from services.funding.participation.claims import duplicates, queries
from services.funding.participation.claims.duplicates import PossibleDuplicate
from services.funding.participation.claims.tables import Claim
from shared.persistence.tables import new_id
from tests.funding.world import FundingWorld, attendance_recorded, line
from tests.support.callers import APPROVER, CARER, FINANCE, FUNDING_OFFICER, PRACTITIONER

BUS = line("travel", 560, "Bus 73 to the clinic")


async def decide(world: FundingWorld, claim: str, **more: Any) -> Any:
    return await world.call(APPROVER, "POST", f"/v1/claims/{claim}/decisions", {"decision": "approved", **more})


async def test_a_cost_outside_the_limits_is_refused_when_it_is_drafted_and_when_it_is_changed(
    world: FundingWorld,
) -> None:
    entitlement = await world.attend()
    claim = await world.draft_claim(CARER, entitlement, BUS)
    invalid = [BUS, line("device_or_data", 1_000_000) | {"on": "2099-01-01"}]
    drafted = await world.call(CARER, "POST", "/v1/claims", {"entitlement_id": entitlement, "lines": invalid})
    changed = await world.call(CARER, "PATCH", f"/v1/claims/{claim}", {"lines": invalid}, **{"If-Match": "*"})
    for refused in (drafted, changed):
        assert (refused.status_code, refused.json()["title"]) == (422, "Some costs are outside what can be claimed")
        assert [error["pointer"] for error in refused.json()["errors"]] == ["/lines/1/on", "/lines/1/amount"]
        assert "ask the centre" in refused.json()["errors"][1]["detail"]
    assert len((await world.get_claim(claim))["lines"]) == 1


async def test_a_cost_above_the_sum_for_evidence_is_refused_with_a_way_on(world: FundingWorld) -> None:
    entitlement = await world.attend()
    sitter = line("replacement_care", 20_001)
    body = {"entitlement_id": entitlement, "lines": [BUS, sitter]}
    refused = await world.problem(CARER, "POST", "/v1/claims", body)
    assert [error["pointer"] for error in refused["errors"]] == ["/lines/1/amount"]
    assert refused["errors"][0]["detail"].startswith("Above £200.00 for one day, costs of this kind need evidence")
    # What the refusal says can be done, can be done.
    await world.submitted_claim(CARER, entitlement, BUS)
    await world.draft_claim(CARER, entitlement, line("replacement_care", 20_000))


async def test_the_limits_are_checked_again_when_a_claim_is_submitted(world: FundingWorld) -> None:
    recorded = attendance_recorded(CARER, 180, await world.plan_assembly(50_000))
    await world.handle(recorded)
    (row,) = await world.rows("SELECT id FROM entitlements WHERE registration_id = :id", id=recorded.registration_id)
    await world.add_bank_details(CARER)
    claim = await world.draft_claim(CARER, str(row["id"]), line("replacement_care", 5_000))
    corrected = recorded.model_copy(update={"held_on": recorded.held_on.replace(day=20)})
    await world.handle(corrected, sequence=2)
    refused = await world.problem(CARER, "POST", f"/v1/claims/{claim}/submit")
    assert [error["pointer"] for error in refused["errors"]] == ["/lines/0/on"]
    assert "20 November 2026" in refused["errors"][0]["detail"]
    assert (await world.get_claim(claim))["status"] == "draft"


async def test_the_sum_for_evidence_is_that_of_all_claims_for_the_meeting(world: FundingWorld) -> None:
    entitlement = await world.attend()
    first = await world.submitted_claim(CARER, entitlement, line("replacement_care", 15_000))
    body = {"entitlement_id": entitlement, "lines": [line("replacement_care", 5_001)]}
    refused = await world.problem(CARER, "POST", "/v1/claims", body)
    assert [error["pointer"] for error in refused["errors"]] == ["/lines/0/amount"]
    await world.submitted_claim(CARER, entitlement, line("replacement_care", 5_000))
    another_meeting = await world.attend()
    await world.submitted_claim(CARER, another_meeting, line("replacement_care", 5_001))
    await decide(world, first, decision="refused", reason="Paid by the council.")
    await world.submitted_claim(CARER, entitlement, line("replacement_care", 15_000))


async def test_two_claims_at_once_do_not_pass_the_sum_for_evidence(world: FundingWorld) -> None:
    await world.add_bank_details(CARER)
    entitlement = await world.attend()
    claims = [await world.draft_claim(CARER, entitlement, line("replacement_care", 15_000 + n)) for n in range(3)]
    responses = await asyncio.gather(*(world.call(CARER, "POST", f"/v1/claims/{claim}/submit") for claim in claims))
    assert sorted(response.status_code for response in responses) == [200, 422, 422]


async def test_the_same_cost_in_two_claims_is_told_to_the_person_in_the_draft(world: FundingWorld) -> None:
    entitlement = await world.attend()
    first = await world.draft_claim(CARER, entitlement, line("involvement_payment", 4_000), BUS)
    assert (await world.get_claim(first))["possible_duplicates"] == []
    other_words = BUS | {"description": "The number 73"}
    second = await world.draft_claim(CARER, entitlement, other_words, line("involvement_payment", 4_000))
    for claim, position, other, other_position in ((first, 2, second, 1), (second, 1, first, 2)):
        assert (await world.get_claim(claim))["possible_duplicates"] == [
            {"line": position, "claim_id": other, "claim_status": "draft", "claim_line": other_position}
        ]


@pytest.mark.parametrize(
    "other", [line("travel", 561), line("access_cost", 560), BUS | {"on": "2026-11-09"}], ids=["sum", "kind", "day"]
)
async def test_another_cost_is_no_duplicate(world: FundingWorld, other: dict[str, Any]) -> None:
    entitlement = await world.attend()
    await world.submitted_claim(CARER, entitlement, BUS)
    claim = await world.submitted_claim(CARER, entitlement, other)
    assert (await world.get_claim(claim, APPROVER))["possible_duplicates"] == []
    assert (await decide(world, claim)).status_code == 201


async def test_anothers_cost_and_one_that_was_refused_are_no_duplicates(world: FundingWorld) -> None:
    refused = await world.submitted_claim(CARER, await world.attend(CARER), BUS)
    await decide(world, refused, decision="refused", reason="It was paid by the council.")
    await world.submitted_claim(PRACTITIONER, await world.attend(PRACTITIONER), BUS)
    claim = await world.submitted_claim(CARER, await world.attend(CARER), BUS)
    assert (await world.get_claim(claim))["possible_duplicates"] == []
    assert (await decide(world, claim)).status_code == 201


async def test_the_same_cost_is_not_approved_unseen(world: FundingWorld) -> None:
    """Also where both claims were submitted at the same time."""
    await world.add_bank_details(CARER)
    entitlements = [await world.attend(CARER), await world.attend(CARER)]
    claims = [await world.draft_claim(CARER, entitlement, BUS) for entitlement in entitlements]
    responses = await asyncio.gather(*(world.call(CARER, "POST", f"/v1/claims/{claim}/submit") for claim in claims))
    assert [response.status_code for response in responses] == [200, 200]
    for claim, other in (claims, claims[::-1]):
        for reader in (CARER, APPROVER, FINANCE, FUNDING_OFFICER):
            (duplicate,) = (await world.get_claim(claim, reader))["possible_duplicates"]
            assert (duplicate["claim_id"], duplicate["claim_status"]) == (other, "submitted")
    for claim, other in (claims, claims[::-1]):
        for checked in ([], [claim], [str(new_id())]):
            unseen = await decide(world, claim, duplicates_checked=checked)
            assert (unseen.status_code, unseen.json()["title"]) == (
                409,
                "Some of these costs may have been claimed before",
            )
            assert [error["pointer"] for error in unseen.json()["errors"]] == ["/duplicates_checked"]
            assert other in unseen.json()["errors"][0]["detail"]
        assert (await decide(world, claim, duplicates_checked=[str(new_id()), other])).status_code == 201
        assert (await world.get_claim(claim))["history"][-1]["duplicates_checked"] == [other]
    assert (await world.get_proof())["agrees"]


async def test_a_possible_duplicate_is_returned_and_refused_without_more(world: FundingWorld) -> None:
    entitlement = await world.attend()
    for decision in ("returned", "refused"):
        await world.submitted_claim(CARER, entitlement, BUS)
        claim = await world.submitted_claim(CARER, entitlement, BUS)
        assert (await decide(world, claim, decision=decision, reason="The same bus twice?")).status_code == 201


async def test_a_draft_is_shown_to_nobody_else_and_keeps_nothing_from_being_approved(world: FundingWorld) -> None:
    entitlement = await world.attend()
    claim = await world.submitted_claim(CARER, entitlement, BUS)
    draft = await world.draft_claim(CARER, entitlement, BUS)
    assert (await world.get_claim(claim, APPROVER))["possible_duplicates"] == []
    assert [row["claim_id"] for row in (await world.get_claim(claim))["possible_duplicates"]] == [draft]
    assert (await decide(world, claim)).status_code == 201


def test_every_claim_with_the_same_cost_has_to_be_checked() -> None:
    first, second, draft = UUID(int=1), UUID(int=2), UUID(int=3)
    repeated = [
        PossibleDuplicate(1, second, "paid", 1),
        PossibleDuplicate(1, first, "submitted", 4),
        PossibleDuplicate(2, first, "submitted", 4),
        PossibleDuplicate(2, draft, "draft", 1),
    ]
    assert duplicates.require_checked(repeated, [second, first]) == [first, second]
    with pytest.raises(duplicates.DuplicatesNotChecked) as refused:
        duplicates.require_checked(repeated, [second])
    assert [error.detail for error in refused.value.errors] == [
        f"Line {position} of this claim has the kind, day and sum of line 4 of the claim {first}."
        for position in (1, 2)
    ]


MANY_LINES = """
INSERT INTO claims (id, person_id, entitlement_id, assembly_id, scheme_id, status, pence, involvement_pence,
    promised_on, needs_attention, edits)
SELECT uuidv7(), CASE WHEN n % 2 = 0 THEN claim.person_id ELSE uuidv7() END, claim.entitlement_id, claim.assembly_id,
    claim.scheme_id, 'submitted', 100 + n, 0, claim.promised_on, false, 1
FROM claims AS claim, generate_series(1, 10000) AS n WHERE claim.id = :claim;
INSERT INTO claim_lines (claim_id, position, kind, pence, spent_on)
SELECT claims.id, 1, 'travel', claims.pence, line.spent_on FROM claims, claim_lines AS line
WHERE claims.id <> :claim AND line.claim_id = :claim;
"""


async def test_duplicates_are_found_with_an_index_also_in_the_ten_thousandth_line(world: FundingWorld) -> None:
    claim = await world.submitted_claim(CARER, await world.attend(), BUS)
    async with world.database.transaction() as uow:
        for statement in MANY_LINES.split(";")[:-1]:
            await uow.session.execute(text(statement), {"claim": claim})
        for table in ("claims", "claim_lines"):
            await uow.session.execute(text(f"ANALYZE {table}"))
        row = await uow.session.get_one(Claim, UUID(claim))
        sql = queries.possible_duplicates_statement(row).compile(
            dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}
        )
        plan = await uow.session.scalar(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}"))
    (read,) = [node for node in _nodes(plan[0]["Plan"]) if node.get("Index Name") == "ix_claim_lines_cost"]
    assert read["Actual Rows"] * read["Actual Loops"] <= 2


def _nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(inner for child in node.get("Plans", []) for inner in _nodes(child))]


async def test_many_equal_costs_in_many_claims_stay_few_to_read(world: FundingWorld) -> None:
    """Fifty equal costs beside fifty in each of many drafts would be megabytes, and keep everybody else waiting."""
    entitlement = await world.attend()
    body = {"entitlement_id": entitlement, "lines": [line("travel", 1)] * 50}
    created = await asyncio.gather(
        *(world.call(CARER, "POST", "/v1/claims", body) for _ in range(duplicates.MAX_OPEN_CLAIMS + 4))
    )
    refused = [response for response in created if response.status_code == 409]
    assert {response.json()["title"] for response in refused} == {"You have many open claims for this meeting already"}
    assert (len(refused), len(created) - len(refused)) == (4, duplicates.MAX_OPEN_CLAIMS)
    drafts = [response.json()["id"] for response in created if response.status_code == 201]
    others = (await world.get_claim(drafts[0]))["possible_duplicates"]
    assert len(others) == 50 * (len(drafts) - 1)
    assert {row["claim_line"] for row in others} == {1}
    await world.call(CARER, "DELETE", f"/v1/claims/{drafts[0]}", **{"If-Match": "*"})
    assert (await world.call(CARER, "POST", "/v1/claims", body)).status_code == 201
