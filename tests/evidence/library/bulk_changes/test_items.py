"""Items that are changed many at once: their topics, country and setting, never the words of a person."""

from typing import Any

import pytest

from services.evidence.library.bulk_changes import rules
from shared.events.contracts.evidence import EvidenceChanged, EvidencePublished
from shared.persistence.tables import new_id
from tests.evidence.exchange.imports.matches.records import ris
from tests.evidence.exchange.imports.test_work_parser import exported
from tests.evidence.library.bulk_changes.bulk_changes import PATH, confirmed, of_items, preview, steps
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR


async def item(world: EvidenceWorld, item_id: str) -> dict[str, Any]:
    return await world.json(EDITOR, "GET", f"/v1/evidence/{item_id}")


async def studies(world: EvidenceWorld, count: int, **more: Any) -> list[str]:
    return [await world.publish(RESEARCH, title=f"Study {new_id()}", identifiers=[], **more) for _ in range(count)]


async def test_topics_are_added_and_removed_and_fields_set_as_by_single_changes(world: EvidenceWorld) -> None:
    old, new = await world.topic("Breaks"), await world.topic("Replacement care")
    ids = await studies(world, 3, topics=[old])
    changes = {"add_topics": [new], "remove_topics": [old], "country": "GB", "setting": "home care"}
    shown = await preview(world, of_items(changes, ids=ids))
    assert shown["steps"] == {"planned": 3, "done": 0, "left": 0}
    assert {change["field"]: (change["before"], change["after"]) for change in shown["examples"][0]["changes"]} == {
        "topics": ([old], [new]),
        "country": (None, "GB"),
        "setting": (None, "home care"),
    }
    assert (await item(world, ids[0]))["topics"] == [old]
    done = await confirmed(world, shown)
    assert (done["status"], done["steps"]) == ("done", {"planned": 0, "done": 3, "left": 0})
    for item_id in ids:
        changed = await item(world, item_id)
        assert (changed["topics"], changed["country"], changed["setting"], changed["edition"]) == (
            [new],
            "GB",
            "home care",
            2,
        )
    events = await world.events()
    assert len([event for event in events if isinstance(event, EvidenceChanged)]) == 3
    assert len([event for event in events if isinstance(event, EvidencePublished)]) == 6
    audited = "SELECT DISTINCT actor FROM audit_entries WHERE kind = 'Item' AND action = 'changed'"
    assert EDITOR.id in [row["actor"] for row in await world.rows(audited)]


async def test_items_are_chosen_by_the_filters_of_the_list(world: EvidenceWorld) -> None:
    parent = await world.topic("Breaks")
    topic = await world.topic("Breaks at the sea", parent)
    in_wales = await studies(world, 1, topics=[topic], country="GB-WLS")
    elsewhere = await studies(world, 2, topics=[topic])
    practice = await world.publish(PRACTICE, setting="Home care")
    draft = await world.draft(PRACTICE, title="Another practice")
    english = await studies(world, 1, country="GB-ENG", setting="home care")
    job = await world.import_file(ris(TI="A work that an import brought"))
    [imported] = (await world.json(EDITOR, "GET", f"/v1/evidence?status=draft&import={job['id']}"))["items"]
    changes = {"country": "GB-SCT"}
    for selection, chosen in (
        ({"import": job["id"]}, {imported["id"]}),
        ({"topic": parent}, {*in_wales, *elsewhere}),
        ({"topic": topic, "without": "country"}, set(elsewhere)),
        ({"country": "GB-WLS"}, set(in_wales)),
        ({"country": "GB"}, {*in_wales, *english}),
        ({"setting": "HOME CARE", "status": "published"}, {practice, *english}),
        ({"way_of_knowing": "practice_knowledge", "status": "draft"}, {draft}),
        ({"ids": [in_wales[0], draft], "status": "draft"}, {draft}),
    ):
        shown = await preview(world, of_items(changes, **selection))
        assert {entry["id"] for step in await steps(world, shown) for entry in step["items"]} == chosen


async def test_what_an_import_brought_is_chosen_and_the_preview_remembers_which(world: EvidenceWorld) -> None:
    await studies(world, 2)
    job = await world.import_file(b"TY  - JOUR\nTI  - Breaks that carers want\nPY  - 2020\nER  - \n")
    (imported,) = (await world.json(EDITOR, "GET", f"/v1/evidence?status=draft&import={job['id']}"))["items"]
    selection = {"import": job["id"]}
    shown = await preview(world, {"kind": "items", "selection": selection, "changes": {"country": "GB"}})
    assert shown["request"]["selection"] == selection
    assert (await confirmed(world, shown))["steps"] == {"planned": 0, "done": 1, "left": 0}
    assert (await item(world, imported["id"]))["country"] == "GB"


async def test_of_an_account_no_word_of_its_person_is_changed(world: EvidenceWorld) -> None:
    topic = await world.topic()
    account = await world.publish(ACCOUNT)
    before = await item(world, account)
    changes = {"add_topics": [topic], "country": "GB-WLS", "setting": "home care"}
    done = await confirmed(world, await preview(world, of_items(changes, ids=[account])))
    assert done["steps"]["done"] == 1
    changed = await item(world, account)
    different = {name for name in changed if changed[name] != before[name]}
    assert different == {"topics", "country", "setting", "edition", "updated_at"}
    of_words = {name: str(new_id()) for name in ("title", "summary", "account", "role", "service")}
    for name, words in of_words.items():
        body = of_items({"country": "GB", name: words}, ids=[account])
        assert (await world.problem(EDITOR, "POST", PATH, body))["status"] == 422


async def test_what_stays_as_it_is_says_why(world: EvidenceWorld) -> None:
    full = [await world.topic(f"Topic {number}") for number in range(20)]
    more = await world.topic()
    [filed_often] = await studies(world, 1, topics=full)
    [in_wales] = await studies(world, 1, country="GB-WLS")
    practice, missing = await world.publish(PRACTICE), str(new_id())
    [withdrawn] = await studies(world, 1)
    await world.json(EDITOR, "POST", f"/v1/evidence/{withdrawn}/withdraw")
    for change, item_id, reason in (
        ({"add_topics": [more]}, filed_often, rules.TOO_MANY_TOPICS),
        ({"country": "GB-WLS"}, in_wales, rules.SO_ALREADY),
        ({"setting": None}, practice, rules.NEEDS_SETTING),
        ({"country": "GB"}, withdrawn, rules.ITEM_GONE),
        ({"country": "GB"}, missing, rules.NO_SUCH_ITEM),
    ):
        [left] = await steps(world, await preview(world, of_items(change, ids=[item_id])))
        assert (left["status"], left["reason"]) == ("left", reason)


async def test_items_that_changed_since_the_preview_are_left_and_named(world: EvidenceWorld) -> None:
    changed, withdrawn, untouched = await studies(world, 3)
    shown = await preview(world, of_items({"country": "GB"}, ids=[changed, withdrawn, untouched]))
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{changed}", {"country": "GB-WLS"}, If_Match="*")
    await world.json(EDITOR, "POST", f"/v1/evidence/{withdrawn}/withdraw")
    marked = {entry["id"]: entry["changed_since"] for step in await steps(world, shown) for entry in step["items"]}
    assert marked == {changed: True, withdrawn: True, untouched: False}
    done = await confirmed(world, shown)
    assert done["steps"] == {"planned": 0, "done": 1, "left": 2}
    left = {step["items"][0]["id"]: step["reason"] for step in await steps(world, done, "left")}
    assert left == dict.fromkeys((changed, withdrawn), rules.CHANGED_SINCE)
    assert (await item(world, changed))["country"] == "GB-WLS"
    assert (await item(world, untouched))["country"] == "GB"


@pytest.mark.parametrize(
    "body",
    [
        of_items({"country": "GB"}),
        of_items({}, status="draft"),
        of_items({"title": "Other words"}, status="draft"),
        of_items({"account": "Other words"}, way_of_knowing="lived_experience"),
        of_items({"consent": {"to_publish": True}}, way_of_knowing="lived_experience"),
        of_items({"add_topics": [str(new_id())]}, status="draft"),
        {**of_items({"country": "GB"}, status="draft"), "kind": "words"},
    ],
)
async def test_a_change_of_nothing_of_everything_or_of_words_is_refused(
    world: EvidenceWorld, body: dict[str, Any]
) -> None:
    assert (await world.problem(EDITOR, "POST", PATH, body))["status"] == 422
    assert (await world.problem(CARER, "POST", PATH, of_items({"country": "GB"}, status="draft")))["status"] == 403


async def test_drafts_are_published_with_their_topics_and_what_nobody_agreed_to_is_left(world: EvidenceWorld) -> None:
    topic = await world.topic()
    job = await world.import_file(ris(TI="A work that an import brought") + exported(ACCOUNT, new_id()))
    account = await world.draft(ACCOUNT, title="Another week")
    public = await world.publish(RESEARCH)
    shown = await preview(world, of_items({"add_topics": [topic], "state": "publish"}, status="draft"))
    assert shown["steps"] == {"planned": 2, "done": 0, "left": 1}
    assert {change["field"]: change["after"] for change in shown["examples"][0]["changes"]} == {
        "topics": [topic],
        "status": "published",
    }
    [left] = await steps(world, shown, "left")
    assert left["reason"] == rules.NEEDS_CONSENT
    assert (await confirmed(world, shown))["steps"] == {"planned": 0, "done": 2, "left": 1}
    [imported] = (await world.json(EDITOR, "GET", f"/v1/evidence?import={job['id']}"))["items"]
    assert (imported["status"], imported["topics"]) == ("published", [topic])
    assert (await item(world, account))["status"] == "published"
    again = await preview(world, of_items({"state": "publish"}, ids=[account, public]))
    assert {step["reason"] for step in await steps(world, again)} == {rules.SO_ALREADY}


async def test_many_are_withdrawn_for_good_unless_they_changed_after_the_preview(world: EvidenceWorld) -> None:
    ids = await studies(world, 3)
    shown = await preview(world, of_items({"state": "withdraw"}, ids=ids))
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{ids[0]}", {"country": "GB"}, If_Match="*")
    done = await confirmed(world, shown)
    assert done["steps"] == {"planned": 0, "done": 2, "left": 1}
    [left] = await steps(world, shown, "left")
    assert (left["items"][0]["id"], left["reason"]) == (ids[0], rules.CHANGED_SINCE)
    assert {(await world.call(EDITOR, "GET", f"/v1/evidence/{id}")).status_code for id in ids[1:]} == {410}
    refused = await world.problem(EDITOR, "POST", PATH, of_items({"state": "withdraw", "country": "GB"}, ids=ids))
    assert "leave out the other changes" in refused["errors"][0]["detail"]


async def test_items_are_chosen_by_where_they_came_from_their_titles_and_notices(world: EvidenceWorld) -> None:
    await world.import_file(ris(TI="A work that an import brought"))
    written = await world.draft(RESEARCH, title="A work of ours", identifiers=[])
    [imported] = (await world.json(EDITOR, "GET", "/v1/evidence?status=draft&imported=true"))["items"]
    notice = {"nature": "correction", "source": "Journal"}
    await world.json(EDITOR, "POST", f"/v1/evidence/{written}/retract", notice)
    for selection, chosen in (
        ({"imported": True}, imported["id"]),
        ({"imported": False}, written),
        ({"title": "WORK ours"}, written),
        ({"retraction": "correction"}, written),
    ):
        shown = await preview(world, of_items({"country": "GB"}, status="draft", **selection))
        assert [step["items"][0]["id"] for step in await steps(world, shown)] == [chosen]
