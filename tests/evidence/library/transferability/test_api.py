import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.evidence.library.transferability.tables import TransferJudgement
from shared import clock
from shared.callers import Role, person
from shared.events.contracts.evidence import EvidenceWithdrawn
from shared.persistence.tables import new_id
from tests.evidence.library.transferability.judgements import parts
from tests.evidence.world import ACCOUNT, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

FACILITATOR = person(new_id(), Role.FACILITATOR)
NORTHERN_IRELAND: dict[str, Any] = {
    "way_of_knowing": "practice_knowledge",
    "title": "One trust for health and social care",
    "role": "care manager",
    "organisation_kind": "health_service",
    "country": "GB-NIR",
    "setting": "integrated trust",
    "service": "hospital discharge",
    "what_was_done": "One body plans, pays for and provides health care and social care for an area.",
    "what_happened": "Nobody waits in hospital while two bodies settle who pays.",
}
ENGLISH_COUNCIL: dict[str, Any] = {
    "target": {"country": "GB-ENG", "setting": "council", "service": "hospital discharge"},
    "parts": parts(
        environment__law_and_policy="fits_if_adapted",
        environment__money="fits_if_adapted",
        environment__organisation="fits_if_adapted",
        transfer__exchange="fits",
    ),
    "adapted": "Two bodies stay, with one team, one assessment and a pooled fund.",
    "needs": "A pooled fund and a shared duty to plan; somebody from a trust in the first team.",
    "judged_by": "commissioner",
    "judged_on": "2024-03-01",
}


async def judge(world: EvidenceWorld, item: str, **more: Any) -> str:
    path = f"/v1/evidence/{item}/transferability"
    return f"{path}/{(await world.json(EDITOR, 'POST', path, ENGLISH_COUNCIL | more))['id']}"


async def test_northern_irelands_integrated_care_for_an_english_council(world: EvidenceWorld) -> None:
    item = await world.publish(NORTHERN_IRELAND)
    added = await world.call(FACILITATOR, "POST", f"/v1/evidence/{item}/transferability", ENGLISH_COUNCIL)
    assert added.status_code == 201
    shown = await world.call(NOBODY, "GET", added.headers["location"])
    judged = shown.json()
    assert shown.headers["etag"] == added.headers["etag"]
    assert judged["target"] == ENGLISH_COUNCIL["target"]
    assert judged["concluded"]["conclusion"] == "transferable_if_adapted"
    assert judged["concluded"]["of_parts"] == {
        "population": "fits",
        "intervention": "fits",
        "environment": "fits_if_adapted",
        "transfer": "fits",
    }
    assert judged["concluded"]["decided_by"] == [
        "environment.law_and_policy",
        "environment.money",
        "environment.organisation",
    ]
    assert judged["parts"]["environment"]["criteria"]["money"] == {"judgement": "fits_if_adapted", "why": "So it is."}
    assert judged["needs"].startswith("A pooled fund")
    assert (judged["judged_by"], judged["edition"], judged["outdated"]) == ("commissioner", 1, False)


async def test_judgements_are_found_by_country(world: EvidenceWorld) -> None:
    item = await world.publish(NORTHERN_IRELAND)
    await judge(world, item)
    await judge(world, item, target={"country": "GB-WLS"}, parts=parts())
    judgements = (await world.json(NOBODY, "GET", f"/v1/evidence/{item}/transferability"))["items"]
    assert [judgement["concluded"]["conclusion"] for judgement in judgements] == [
        "transferable_if_adapted",
        "transferable",
    ]
    wales = await world.json(NOBODY, "GET", f"/v1/evidence/{item}/transferability?country=GB-WLS")
    assert [judgement["target"]["country"] for judgement in wales["items"]] == ["GB-WLS"]


async def test_what_is_learned_later_changes_the_conclusion(world: EvidenceWorld) -> None:
    judgement = await judge(world, await world.publish(NORTHERN_IRELAND), parts=parts(population__wish=None))
    before = await world.call(NOBODY, "GET", judgement)
    assert before.json()["concluded"]["decided_by"] == ["population.wish"]
    asked = {"parts": {"population": {"criteria": {"wish": {"judgement": "fits", "why": "120 people were asked."}}}}}
    changed = await world.call(EDITOR, "PATCH", judgement, asked, If_Match=before.headers["etag"])
    assert changed.json()["concluded"]["conclusion"] == "transferable"
    assert changed.json()["parts"]["population"]["criteria"]["trust"]["judgement"] == "fits"
    again = await world.problem(EDITOR, "PATCH", judgement, asked, If_Match=before.headers["etag"])
    assert again["status"] == 412
    (row,) = await world.rows("SELECT conclusion FROM transfer_judgements")
    assert row["conclusion"] == "transferable"


async def test_a_judgement_is_changed_and_taken_back_by_its_judge_or_an_editor_alone(world: EvidenceWorld) -> None:
    item, another = await world.publish(NORTHERN_IRELAND), person(new_id(), Role.FACILITATOR)
    path = f"/v1/evidence/{item}/transferability"
    key = {"Idempotency_Key": '"once"'}
    own = f"{path}/{(await world.json(FACILITATOR, 'POST', path, ENGLISH_COUNCIL, **key))['id']}"
    other = f"{path}/{(await world.json(another, 'POST', path, ENGLISH_COUNCIL))['id']}"
    for caller, expected in ((FACILITATOR, [True, False]), (another, [False, True]), (NOBODY, [False, False])):
        assert [row["own"] for row in (await world.json(caller, "GET", path))["items"]] == expected
    for method, body in (("PATCH", {"needs": "Nothing."}), ("DELETE", None)):
        assert (await world.call(another, method, own, body, If_Match="*")).status_code == 403
        assert (await world.call(CARER, method, own, body, If_Match="*")).status_code == 403
    await world.json(FACILITATOR, "PATCH", own, {"needs": "A shared fund."}, If_Match="*")
    assert (await world.call(FACILITATOR, "DELETE", own)).status_code == 428
    assert (await world.call(FACILITATOR, "DELETE", own, If_Match='"1"')).status_code == 412
    assert (await world.call(FACILITATOR, "DELETE", own, If_Match="*")).status_code == 204
    assert (await world.call(EDITOR, "DELETE", other, If_Match="*")).status_code == 204
    gone = await world.problem(NOBODY, "GET", own)
    assert (gone["status"], set(gone["tombstone"])) == (410, {"id", "removed_at"})
    assert (await world.json(NOBODY, "GET", path))["items"] == []
    assert (await world.call(FACILITATOR, "POST", path, ENGLISH_COUNCIL, **key)).status_code == 410
    assert "pooled" not in str(await world.rows("SELECT * FROM audit_entries"))


async def test_a_judgement_says_when_the_item_has_moved_on_or_was_retracted(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH)
    judgement = await judge(world, item)
    tag = (await world.call(NOBODY, "GET", judgement)).headers["etag"]
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"title": "Clearer"}, If_Match="*")
    await world.json(EDITOR, "POST", f"/v1/evidence/{item}/retract", {"nature": "retraction", "source": "Publisher"})
    assert (await world.problem(EDITOR, "PATCH", judgement, {"needs": "x"}, If_Match=tag))["status"] == 412
    shown = (await world.call(NOBODY, "GET", judgement, If_None_Match=tag)).json()
    assert (shown["edition"], shown["current_edition"], shown["outdated"]) == (1, 2, True)
    assert shown["retracted"] == "retraction"


async def test_judgements_of_a_merged_item_are_found_at_the_one_that_stands_for_it(world: EvidenceWorld) -> None:
    gone, stays = await world.publish(RESEARCH), await world.publish(RESEARCH, title="The same work", identifiers=[])
    judgement = await judge(world, gone)
    await world.json(EDITOR, "POST", "/v1/merges", {"into": stays, "items": [gone]})
    assert (await world.call(NOBODY, "GET", judgement)).status_code == 308
    (judgement_of_merged,) = (await world.json(NOBODY, "GET", f"/v1/evidence/{stays}/transferability"))["items"]
    assert (judgement_of_merged["item_id"], judgement_of_merged["outdated"]) == (gone, True)
    there = judgement.replace(gone, stays)
    assert (await world.call(NOBODY, "GET", there)).status_code == 200
    assert (await world.call(EDITOR, "PATCH", there, {"needs": "x"}, If_Match="*")).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"adapted": "", "needs": ""},
        {"edition": 2},
        {"judged_by": "Jo Example"},
        {"judged_on": (clock.today() + timedelta(days=2)).isoformat()},
        {"target": {"country": "England"}},
        {"parts": {name: part for name, part in parts().items() if name != "transfer"}},
        {"parts": parts() | {"transfer": {"criteria": {"luck": {"judgement": "unknown"}}, "why": "?"}}},
        {"parts": parts() | {"transfer": {"criteria": {"routine": {"judgement": "fits"}}, "why": "?"}}},
    ],
)
async def test_a_judgement_that_lacks_something_is_refused(world: EvidenceWorld, change: dict[str, Any]) -> None:
    item = await world.publish(NORTHERN_IRELAND)
    problem = await world.problem(EDITOR, "POST", f"/v1/evidence/{item}/transferability", ENGLISH_COUNCIL | change)
    assert problem["status"] == 422


async def test_judgements_are_made_by_staff_of_what_everyone_can_read(world: EvidenceWorld) -> None:
    item = await world.draft(NORTHERN_IRELAND)
    path = f"/v1/evidence/{item}/transferability"
    assert (await world.call(EDITOR, "POST", path, ENGLISH_COUNCIL)).status_code == 409
    assert (await world.call(CARER, "POST", path, ENGLISH_COUNCIL)).status_code == 403
    assert (await world.call(NOBODY, "GET", path)).status_code == 404


async def test_of_a_withdrawn_account_no_judgement_keeps_a_word(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    judgement = await judge(world, item)
    await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    for method, path, body in (
        ("GET", f"/v1/evidence/{item}/transferability", None),
        ("GET", judgement, None),
        ("PATCH", judgement, {"needs": "x"}),
        ("POST", f"/v1/evidence/{item}/transferability", ENGLISH_COUNCIL),
    ):
        gone = await world.call(EDITOR, method, path, body, If_Match="*")
        assert (gone.status_code, gone.json()["tombstone"]["id"]) == (410, item)
    (withdrawn,) = [event for event in await world.events() if isinstance(event, EvidenceWithdrawn)]
    await world.handle(withdrawn)
    assert await world.rows("SELECT * FROM transfer_judgements") == []
    assert "pooled" not in str(await world.rows("SELECT * FROM audit_entries"))


async def test_a_judgement_that_meets_a_withdrawal_does_not_outlive_it(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    added, withdrawn = await asyncio.gather(
        world.call(EDITOR, "POST", f"/v1/evidence/{item}/transferability", ENGLISH_COUNCIL),
        world.call(CARER, "POST", f"/v1/evidence/{item}/withdraw"),
    )
    assert withdrawn.status_code == 200
    assert added.status_code in (201, 410)
    (event,) = [event for event in await world.events() if isinstance(event, EvidenceWithdrawn)]
    await world.handle(event)
    assert await world.rows("SELECT * FROM transfer_judgements") == []


def test_what_was_written_in_a_judgement_is_kept_out_of_the_trail() -> None:
    columns = TransferJudgement.metadata.tables["transfer_judgements"].columns
    assert {column.name for column in columns if column.info.get("personal")} == {"parts", "adapted", "needs"}


async def test_a_country_stands_for_its_nations_too(world: EvidenceWorld) -> None:
    item = await world.publish(NORTHERN_IRELAND)
    english = (await judge(world, item)).rpartition("/")[2]
    british = (await judge(world, item, target={"country": "GB"})).rpartition("/")[2]
    irish = (await judge(world, item, target={"country": "IE"})).rpartition("/")[2]
    for country, expected in (("GB", {english, british}), ("GB-ENG", {english}), ("IE", {irish})):
        page = await world.json(NOBODY, "GET", f"/v1/evidence/{item}/transferability?country={country}")
        assert {judgement["id"] for judgement in page["items"]} == expected
    refused = await world.problem(NOBODY, "GET", f"/v1/evidence/{item}/transferability?country=gb")
    assert refused["errors"][0]["pointer"] == "?country"


async def test_the_questions_are_open_to_everyone_in_four_parts(world: EvidenceWorld) -> None:
    criteria = await world.json(NOBODY, "GET", "/v1/evidence/transferability/criteria")
    assert [(part["part"], len(part["criteria"])) for part in criteria["parts"]] == [
        (part, 5) for part in ("population", "intervention", "environment", "transfer")
    ]
    assert criteria["parts"][0]["criteria"][0]["question"].startswith("Do people there have the needs")
