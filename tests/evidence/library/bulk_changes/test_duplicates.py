"""Duplicates that are decided many at once: what the preview shows is done, and nothing else."""

import asyncio

from shared.callers import Role, person
from shared.events.contracts.evidence import EvidenceMerged
from shared.persistence.tables import new_id
from tests.evidence.exchange.imports.matches.records import ris
from tests.evidence.library.bulk_changes.bulk_changes import (
    PATH,
    SURE,
    confirm,
    confirmed,
    make_all,
    preview,
    similar,
    steps,
)
from tests.evidence.library.works.duplicates.groups import compare_all, decide, groups
from tests.evidence.world import RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR

PROBLEM = "http://testserver/problems/"


async def test_a_preview_shows_what_would_be_merged_and_changes_nothing(world: EvidenceWorld) -> None:
    [first] = await similar(world, "breaks at the seaside", 1, volume="12")
    second = await world.publish(
        RESEARCH, title="What many carers say of breaks at the seasides", identifiers=[], volume=None, pages="3-9"
    )
    await similar(world, "meals brought to the door")
    assert len(await groups(world)) == 2
    shown = await preview(world, SURE)
    assert (shown["status"], shown["steps"], shown["beyond_limit"]) == (
        "previewed",
        {"planned": 2, "done": 0, "left": 0},
        0,
    )
    example = next(step for step in shown["examples"] if first in [item["id"] for item in step["items"]])
    assert {item["id"] for item in example["items"]} == {first, second}
    assert example["into"] == first
    assert {"field": "pages", "before": None, "after": "3-9"} in example["changes"]
    unused = {(value["field"], value["item_id"]) for value in example["unused"]}
    assert unused == {("title", second)}
    await make_all(world)
    assert len(await groups(world)) == 2
    assert (await world.json(EDITOR, "GET", f"{PATH}/{shown['id']}")) == shown


async def test_a_confirmed_preview_is_made_as_each_decision_alone_would_be(world: EvidenceWorld) -> None:
    for subject in ("breaks at the seaside", "meals brought to the door", "lifts that always work"):
        await similar(world, subject)
    await compare_all(world)
    done = await confirmed(world, await preview(world, SURE))
    assert (done["status"], done["steps"]) == ("done", {"planned": 0, "done": 3, "left": 0})
    assert await groups(world) == []
    assert len([event for event in await world.events() if isinstance(event, EvidenceMerged)]) == 3
    decisions = await world.rows("SELECT actor FROM audit_entries WHERE action = 'decided'")
    assert [row["actor"] for row in decisions] == [EDITOR.id] * 3
    made = await steps(world, done, "done")
    undone = await world.undo_merge(made[0]["merge_id"])
    assert undone["status"] == "undone"
    assert len(await groups(world)) == 1


async def test_only_pairs_of_the_judgement_and_the_score_are_chosen(world: EvidenceWorld) -> None:
    await similar(world, "breaks at the seaside")
    for end in ("", ": what nobody knew"):
        await world.publish(RESEARCH, title=f"Day centres in the north of England{end}", identifiers=[])
    await compare_all(world)
    maybe = {**SURE, "selection": {"judgement": "maybe"}, "decision": "different"}
    assert (await preview(world, maybe))["steps"]["planned"] == 1
    [pair] = [pair for group in await groups(world) for pair in group["pairs"] if pair["judgement"] == "duplicate"]
    for band, planned in (({"min_similarity": 100}, 0), ({"max_similarity": pair["title_similarity"]}, 1)):
        shown = await preview(world, {**SURE, "selection": {"judgement": "duplicate", **band}})
        assert shown["steps"]["planned"] == planned
    done = await confirmed(world, await preview(world, maybe))
    assert done["steps"] == {"planned": 0, "done": 1, "left": 0}
    [group] = await groups(world)
    assert group["pairs"][0]["judgement"] == "duplicate"


async def test_duplicates_under_a_topic_are_chosen_alone(world: EvidenceWorld) -> None:
    parent = await world.topic("Breaks")
    topic = await world.topic("Breaks at the sea", parent)
    await similar(world, "breaks at the seaside", topics=[topic])
    await similar(world, "meals brought to the door")
    await compare_all(world)
    under = {**SURE, "selection": {"judgement": "duplicate", "topic": parent}}
    assert (await preview(world, under))["steps"]["planned"] == 1
    missing = {**SURE, "selection": {"judgement": "duplicate", "topic": str(new_id())}}
    assert (await world.problem(EDITOR, "POST", PATH, missing))["type"] == PROBLEM + "topic-not-found"


async def test_duplicates_of_an_import_are_chosen_alone(world: EvidenceWorld) -> None:
    await similar(world, "breaks at the seaside", volume="12")
    first = await world.import_file(ris(TI="Regular breaks for those who care", VL="12", SP="3"))
    second = await world.import_file(ris(TI="Regular breaks for those who cares", VL="12", SP="3"))
    await compare_all(world)
    assert len(await groups(world)) == 2
    for job in (first, second):
        shown = await preview(world, {**SURE, "selection": {"judgement": "duplicate", "import": job["id"]}})
        assert (shown["steps"]["planned"], shown["request"]["selection"]["import"]) == (1, job["id"])
    assert (await confirmed(world, shown))["steps"] == {"planned": 0, "done": 1, "left": 0}
    assert len(await groups(world)) == 1


async def test_a_chain_whose_ends_are_not_alike_is_left_to_a_person(world: EvidenceWorld) -> None:
    first, second, third = await similar(world, "breaks at the seaside", 3)
    [group] = await groups(world)
    low, high = sorted((first, third))
    async with world.database.transaction() as uow:
        connection = await uow.session.connection()
        await connection.exec_driver_sql(
            "UPDATE duplicate_pairs SET judgement = 'maybe' WHERE low_id = $1 AND high_id = $2", (low, high)
        )
    shown = await preview(world, SURE)
    assert shown["steps"] == {"planned": 0, "done": 0, "left": 1}
    [left] = await steps(world, shown)
    assert left["reason"] == "Not all of its members are alike in this way: decide it by itself."
    refused = await world.problem(EDITOR, "POST", f"{PATH}/{shown['id']}/confirm", If_Match="*")
    assert refused["type"] == PROBLEM + "nothing-planned"
    await decide(world, group, merge={"into": second, "items": [first]})


async def test_what_changed_since_the_preview_is_left_and_named(world: EvidenceWorld) -> None:
    changed = await similar(world, "breaks at the seaside")
    withdrawn = await similar(world, "meals brought to the door")
    decided = await similar(world, "lifts that always work")
    untouched = await similar(world, "letters that nobody reads")
    await compare_all(world)
    shown = await preview(world, SURE)
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{changed[0]}", {"volume": "12"}, If_Match="*")
    await world.json(CARER, "POST", f"/v1/evidence/{withdrawn[1]}/withdraw")
    group = next(group for group in await groups(world) if decided[0] in [item["id"] for item in group["members"]])
    await decide(world, group, different=[decided[0]])
    done = await confirmed(world, shown)
    assert done["steps"] == {"planned": 0, "done": 1, "left": 3}
    [made] = await steps(world, done, "done")
    assert {item["id"] for item in made["items"]} == set(untouched)
    reasons = {step["reason"] for step in await steps(world, done, "left")}
    assert reasons == {"It was changed after the preview.", "The group was changed or decided after the preview."}


async def test_two_editors_who_confirm_the_same_preview_do_it_once(world: EvidenceWorld) -> None:
    await similar(world, "breaks at the seaside")
    await compare_all(world)
    shown = await preview(world, SURE)
    second_editor = person(new_id(), Role.EVIDENCE_EDITOR)
    responses = await asyncio.gather(
        *(
            world.call(caller, "POST", f"{PATH}/{shown['id']}/confirm", If_Match="*")
            for caller in (EDITOR, second_editor)
        )
    )
    assert sorted(response.status_code for response in responses) == [202, 409]
    await make_all(world)
    assert len((await world.json(EDITOR, "GET", "/v1/merges"))["items"]) == 1


async def test_overlapping_previews_merge_a_pair_once(world: EvidenceWorld) -> None:
    await similar(world, "breaks at the seaside")
    await compare_all(world)
    first, second = await preview(world, SURE), await preview(world, SURE)
    await confirm(world, first)
    done = await confirmed(world, second)
    assert done["steps"] == {"planned": 0, "done": 0, "left": 1}
    assert len((await world.json(EDITOR, "GET", "/v1/merges"))["items"]) == 1


async def test_a_preview_is_confirmed_as_it_was_read_and_by_editors_alone(world: EvidenceWorld) -> None:
    await similar(world, "breaks at the seaside")
    await compare_all(world)
    shown = await preview(world, SURE)
    path = f"{PATH}/{shown['id']}/confirm"
    assert (await world.problem(EDITOR, "POST", path))["status"] == 428
    assert (await world.problem(EDITOR, "POST", path, If_Match='"99"'))["status"] == 412
    assert (await world.problem(CARER, "POST", path, If_Match="*"))["status"] == 403
    etag = (await world.call(EDITOR, "GET", f"{PATH}/{shown['id']}")).headers["etag"]
    assert (await world.call(EDITOR, "POST", path, If_Match=etag)).status_code == 202
