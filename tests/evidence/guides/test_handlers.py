from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.evidence import (
    EvidenceChanged,
    EvidenceMerged,
    EvidenceRetracted,
    EvidenceUnmerged,
    EvidenceWithdrawn,
    GuidePublished,
)
from shared.events import Event
from shared.tables import new_id
from tests.evidence.guides.writing import REVIEWER, drafted, guide_of, published, release, statement
from tests.evidence.world import ACCOUNT, CARER, EDITOR, NOBODY, PRACTICE, RESEARCH, World

RETRACTED = {"nature": "retraction", "on": "2026-01-05", "reasons": ["Error in analyses"], "source": "The journal"}
ABOUT_ITEMS = (EvidenceChanged, EvidenceWithdrawn, EvidenceRetracted, EvidenceMerged, EvidenceUnmerged)


async def hear_all(world: World) -> None:
    """What the worker does with everything that was said of items."""
    await world.hears_all([(event, new_id()) for event in await world.events() if isinstance(event, ABOUT_ITEMS)])


async def change_item(world: World, item: str, **patch: Any) -> None:
    await world.done(EDITOR, "PATCH", f"/v1/evidence/{item}", patch, If_Match="*")


async def merge(world: World, item: str, into: str) -> str:
    return (await world.done(EDITOR, "POST", "/v1/merges", {"items": [item], "into": into}))["id"]


async def papers(world: World, *titles: str) -> list[str]:
    return [await world.publish(RESEARCH, title=title, identifiers=[], summary=title) for title in titles]


async def flags(world: World, query: str = "") -> list[dict[str, Any]]:
    return (await world.done(EDITOR, "GET", f"/v1/guides/flags{query}"))["items"]


async def decide(world: World, flag: dict[str, Any], **decision: Any) -> dict[str, Any]:
    path = f"/v1/guides/{flag['guide_id']}/statements/{flag['statement_id']}/citations/{flag['item_id']}/resolve"
    return await world.done(EDITOR, "POST", path, decision)


async def read(world: World, guide: dict[str, Any]) -> dict[str, Any]:
    return await world.done(NOBODY, "GET", f"/v1/guides/{guide['id']}")


async def test_a_withdrawn_account_is_gone_from_a_guide_at_once_without_an_event(world: World) -> None:
    account = await world.publish(ACCOUNT)
    citations = [{"item_id": account, "why": "She could sleep."}, {"item_id": await world.publish(PRACTICE)}]
    guide = await published(world, statement(citations=citations))
    await world.done(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    for path in (f"/v1/guides/{guide['id']}", f"/v1/guides/{guide['id']}/versions/1"):
        seen = await world.call(NOBODY, "GET", path)
        assert not [word for word in ("Mary", "My first week away", "sleep") if word in seen.text]
        [gone, _] = seen.json()["statements"][0]["citations"]
        assert (gone["item_id"], gone["state"], gone["title"], gone["attributed_to"]) == (
            *(account, "withdrawn", None, []),
        )
        assert gone["withdrawn_at"] is not None
        assert seen.json()["balance"]["missing"] == ["research", "lived_experience"]
        assert seen.json()["being_looked_at"]
        assert [flag["reason"] for flag in seen.json()["statements"][0]["flags"]] == ["withdrawn"]


async def test_nothing_of_a_guide_that_is_kept_holds_a_persons_words_or_name(world: World) -> None:
    await published(world, statement(await world.publish(ACCOUNT)))
    for table in ("guides", "guide_drafts", "guide_editions", "guide_statements", "guide_citations"):
        kept = str(await world.rows(f"SELECT * FROM {table}"))  # noqa: S608
        assert "Mary" not in kept
        assert "first week" not in kept


async def test_a_retraction_is_said_at_once_and_the_work_no_longer_speaks(world: World) -> None:
    paper = await world.publish(RESEARCH)
    guide = await published(world, statement(paper))
    await world.done(EDITOR, "POST", f"/v1/evidence/{paper}/retract", RETRACTED)
    [shown] = (await read(world, guide))["statements"]
    assert shown["citations"][0]["retraction"]["nature"] == "retraction"
    assert shown["citations"][0]["title"] == RESEARCH["title"]
    assert shown["balance"]["research"] == 0
    assert shown["balance"]["said"] == "Nothing that stands today speaks in this statement."
    assert shown["flags"][0]["said"] == "A work that this stands on was retracted."


async def test_a_reinstated_work_speaks_again_and_its_flag_goes(world: World) -> None:
    [paper] = await papers(world, "A trial of breaks")
    guide = await published(world, statement(paper))
    for nature, flagged, speaking in (("retraction", ["retracted"], 0), ("reinstatement", [], 1)):
        notice = {"nature": nature, "on": "2026-03-01", "source": "The journal"}
        await world.done(EDITOR, "POST", f"/v1/evidence/{paper}/retract", notice)
        await hear_all(world)
        assert [flag["reason"] for flag in await flags(world)] == flagged
        assert (await read(world, guide))["balance"]["research"] == speaking


async def test_the_owner_is_told_of_a_new_edition_and_the_citation_stays_pinned(world: World) -> None:
    practice = await world.publish(PRACTICE)
    guide = await published(world, statement(practice))
    await change_item(world, practice, what_happened="Only half of the families did.")
    await hear_all(world)
    [flag] = await flags(world, "?mine=true")
    assert (flag["reason"], flag["guide_id"], flag["edition"], flag["mine"]) == ("changed", guide["id"], 1, True)
    seen = (await read(world, guide))["statements"][0]
    assert (seen["citations"][0]["edition"], seen["citations"][0]["current_edition"]) == (1, 2)
    assert seen["flags"] == [
        {
            "reason": "changed",
            "item_id": practice,
            "since": flag["since"],
            "said": "An item that this stands on has changed since.",
        }
    ]
    assert (await world.done(NOBODY, "GET", "/v1/guides"))["items"][0]["being_looked_at"]


async def test_flags_of_ones_own_guides_come_first_and_their_number_is_in_the_header(world: World) -> None:
    item = await world.publish(PRACTICE)
    theirs = await published(world, statement(item))
    mine = await published(world, statement(item), statement(item))
    await world.done(REVIEWER, "POST", f"/v1/guides/{mine['id']}/take-over")
    await change_item(world, item, what_happened="Something else.")
    await hear_all(world)
    answer = await world.call(REVIEWER, "GET", "/v1/guides/flags?limit=2")
    assert answer.headers["open-flags"] == "2"
    assert [flag["guide_id"] for flag in answer.json()["items"]] == [mine["id"], mine["id"]]
    rest = await world.done(REVIEWER, "GET", answer.json()["next"])
    assert [(flag["guide_id"], flag["mine"]) for flag in rest["items"]] == [(theirs["id"], False)]
    assert rest["next"] is None
    assert (await world.call(CARER, "GET", "/v1/guides/flags")).status_code == 403


async def test_a_merged_item_leads_on_and_an_undone_merge_leads_back(world: World) -> None:
    paper, other = await papers(world, "A trial of breaks", "Breaks: a trial")
    guide = await published(world, statement(paper))
    merged = await merge(world, paper, other)
    await hear_all(world)
    seen = await read(world, guide)
    citation = seen["statements"][0]["citations"][0]
    assert (citation["item_id"], citation["merged_into"], citation["title"]) == (paper, other, "Breaks: a trial")
    assert seen["balance"]["research"] == 1
    assert [flag["reason"] for flag in await flags(world)] == ["merged"]
    cited = f"/v1/guides?cites={other}&way_of_knowing=research"
    assert [one["id"] for one in (await world.done(NOBODY, "GET", cited))["items"]] == [guide["id"]]
    await world.done(EDITOR, "POST", f"/v1/merges/{merged}/undo")
    await hear_all(world)
    assert await flags(world) == []
    assert (await read(world, guide))["statements"][0]["citations"][0]["merged_into"] is None


async def test_what_befalls_the_item_that_stands_for_a_merged_one_reaches_its_citations(world: World) -> None:
    first, second, third = await papers(world, "One", "Two", "Three")
    guide = await published(world, statement(first))
    await merge(world, first, second)
    await merge(world, second, third)
    await world.done(EDITOR, "POST", f"/v1/evidence/{third}/retract", RETRACTED)
    await hear_all(world)
    assert [flag["reason"] for flag in await flags(world)] == ["retracted"]
    assert (await read(world, guide))["statements"][0]["citations"][0]["merged_into"] == third


def _in_orders(events: Sequence[Event]) -> list[list[Event]]:
    return [list(events), list(reversed(events)), [*events, *events]]


@pytest.mark.parametrize("order", range(3))
async def test_the_flags_are_the_same_in_whatever_order_and_however_often_events_come(world: World, order: int) -> None:
    practice, paper = await world.publish(PRACTICE), await world.publish(RESEARCH)
    await published(world, statement(practice, paper))
    await change_item(world, practice, what_happened="Another end.")
    await world.done(EDITOR, "POST", f"/v1/evidence/{paper}/retract", RETRACTED)
    await change_item(world, paper, summary="A trial that is no more.")
    said = [event for event in await world.events() if isinstance(event, ABOUT_ITEMS)]
    assert len(said) == 3
    for event in _in_orders(said)[order]:
        await world.hears(event)
    rows = await world.rows("SELECT flagged_mark, version FROM guide_citations, guides ORDER BY flagged_mark")
    assert [row["flagged_mark"] for row in rows] == ["changed:2", "retracted:2026-01-05"]


async def test_a_later_change_is_flagged_since_the_first_one(world: World) -> None:
    practice = await world.publish(PRACTICE)
    await published(world, statement(practice))
    await change_item(world, practice, what_happened="Two.")
    await hear_all(world)
    [first] = await flags(world)
    await change_item(world, practice, what_happened="Three.")
    await hear_all(world)
    [later] = await flags(world)
    assert later["since"] == first["since"]


async def test_keeping_a_statement_is_told_to_readers_and_holds_until_the_next_change(world: World) -> None:
    practice = await world.publish(PRACTICE)
    guide = await published(world, statement(practice))
    await change_item(world, practice, what_happened="A word was misspelt.")
    await hear_all(world)
    [flag] = await flags(world)
    assert await decide(world, flag, decision="keep", because="One word was corrected.") == {
        "decision": "keep",
        "in_next_edition": False,
    }
    assert await flags(world) == []
    seen = (await read(world, guide))["statements"][0]
    assert seen["flags"] == []
    assert [(one["reason"], one["because"]) for one in seen["citations"][0]["looked_at"]] == [
        ("changed", "One word was corrected.")
    ]
    await hear_all(world)
    assert await flags(world) == [], "hearing of the same change again does not open it again"
    await change_item(world, practice, what_happened="Nobody got an answer.")
    await hear_all(world)
    assert [one["reason"] for one in await flags(world)] == ["changed"]


async def test_keeping_needs_a_reason(world: World) -> None:
    path = f"/v1/guides/{new_id()}/statements/{new_id()}/citations/{new_id()}/resolve"
    assert (await world.refused(EDITOR, "POST", path, {"decision": "keep"}))["status"] == 422
    assert (await world.refused(EDITOR, "POST", path, {"decision": "remove"}))["status"] == 404


async def test_a_new_pin_waits_in_the_next_edition_for_somebody_elses_eyes(world: World) -> None:
    practice = await world.publish(PRACTICE)
    guide = await published(world, statement(practice))
    await change_item(world, practice, what_happened="Most families did.")
    await hear_all(world)
    [flag] = await flags(world)
    assert (await decide(world, flag, decision="repin"))["in_next_edition"]
    assert await flags(world) == []
    assert [one["decided"] for one in await flags(world, "?decided=true")] == ["repin"]
    assert (await read(world, guide))["being_looked_at"], "readers see it until the next edition is published"
    after = await release(world, guide["id"])
    assert (after["edition"], after["statements"][0]["citations"][0]["edition"]) == (2, 2)
    assert not after["being_looked_at"]
    assert await flags(world, "?decided=true") == []


async def test_a_dropped_draft_opens_its_decisions_again(world: World) -> None:
    practice = await world.publish(PRACTICE)
    guide = await published(world, statement(practice))
    await change_item(world, practice, what_happened="Most families did.")
    await hear_all(world)
    [flag] = await flags(world)
    await decide(world, flag, decision="repin")
    await world.call(EDITOR, "DELETE", f"/v1/guides/{guide['id']}/draft", If_Match="*")
    assert len(await flags(world)) == 1


async def test_a_second_editor_learns_that_it_was_decided(world: World) -> None:
    practice = await world.publish(PRACTICE)
    await published(world, statement(practice))
    await change_item(world, practice, what_happened="Most families did.")
    await hear_all(world)
    [flag] = await flags(world)
    await decide(world, flag, decision="remove")
    path = f"/v1/guides/{flag['guide_id']}/statements/{flag['statement_id']}/citations/{flag['item_id']}/resolve"
    again = await world.refused(REVIEWER, "POST", path, {"decision": "repin"})
    assert again["title"] == "There is nothing to decide here"


async def test_a_withdrawn_item_can_only_be_taken_out(world: World) -> None:
    account = await world.publish(ACCOUNT)
    guide = await published(world, statement(account, await world.publish(PRACTICE)))
    await world.done(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    await hear_all(world)
    [flag] = await flags(world)
    path = f"/v1/guides/{guide['id']}/statements/{flag['statement_id']}/citations/{account}/resolve"
    kept = await world.refused(EDITOR, "POST", path, {"decision": "keep", "because": "We liked it."})
    assert kept["title"] == "A withdrawn item can no longer be relied on"
    assert (await world.call(EDITOR, "POST", path, {"decision": "repin"})).status_code == 409
    await decide(world, flag, decision="remove")
    after = await release(world, guide["id"])
    assert [one["item_id"] for one in after["statements"][0]["citations"]] != [account]
    assert after["balance"]["lived_experience"] == 0
    assert not after["being_looked_at"]


async def test_a_merged_item_is_pinned_anew_to_the_one_that_stands_for_it(world: World) -> None:
    paper, other = await papers(world, "A trial of breaks", "Breaks: a trial")
    guide = await published(world, statement(paper, other), statement(paper))
    await merge(world, paper, other)
    await hear_all(world)
    for flag in await flags(world):
        await decide(world, flag, decision="repin")
    after = await release(world, guide["id"])
    assert [[one["item_id"] for one in said["citations"]] for said in after["statements"]] == [[other], [other]]
    told = [event for event in await world.events() if isinstance(event, GuidePublished)]
    assert told[-1].item_ids == (UUID(other),)
    assert not after["being_looked_at"]


async def test_an_item_withdrawn_between_draft_and_publication_is_refused_in_its_place(world: World) -> None:
    account, practice = await world.publish(ACCOUNT), await world.publish(PRACTICE)
    guide = await drafted(world, statement(practice), statement(practice, account))
    await world.done(EDITOR, "POST", f"/v1/guides/{guide}/submit")
    await world.done(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    problem = await world.refused(REVIEWER, "POST", f"/v1/guides/{guide}/publish")
    assert (problem["status"], problem["title"]) == (409, "Some of what this guide cites cannot be cited")
    assert [error["pointer"] for error in problem["errors"]] == ["/statements/1/citations/1"]
    draft = await world.done(EDITOR, "GET", f"/v1/guides/{guide}/draft")
    assert [error["pointer"] for error in draft["still_missing"]] == ["/statements/1/citations/1"]
    changed = await world.done(EDITOR, "PATCH", f"/v1/guides/{guide}", {"summary": "Still writing."}, If_Match="*")
    assert changed["summary"] == "Still writing."


@pytest.mark.parametrize("state", ["draft", "withdrawn", "nothing", "twice", "no such edition"])
async def test_only_an_edition_of_a_published_item_can_be_cited_and_once(world: World, state: str) -> None:
    item = await world.publish(PRACTICE)
    wrong: dict[str, Any] = {"item_id": item}
    match state:
        case "draft":
            wrong["item_id"] = await world.draft(ACCOUNT)
        case "withdrawn":
            wrong["item_id"] = await world.publish(ACCOUNT)
            await world.done(CARER, "POST", f"/v1/evidence/{wrong['item_id']}/withdraw")
        case "nothing":
            wrong["item_id"] = str(new_id())
        case "no such edition":
            wrong["edition"] = 7
        case _:
            pass
    citations = [{"item_id": item}, wrong] if state == "twice" else [wrong]
    body = await guide_of(world, statement(citations=citations))
    problem = await world.refused(EDITOR, "POST", "/v1/guides", body)
    assert problem["status"] == 422
    assert [error["pointer"] for error in problem["errors"]] == [f"/statements/0/citations/{len(citations) - 1}"]


async def test_a_retracted_work_is_cited_only_with_what_it_is_doing_there(world: World) -> None:
    paper = await world.publish(RESEARCH)
    await world.done(EDITOR, "POST", f"/v1/evidence/{paper}/retract", RETRACTED)
    bare = await guide_of(world, statement(paper))
    problem = await world.refused(EDITOR, "POST", "/v1/guides", bare)
    assert problem["errors"][0]["pointer"] == "/statements/0/citations/0"
    why = [{"item_id": paper, "why": "Still quoted everywhere; here is why it does not count."}]
    guide = await published(world, statement(citations=why))
    assert [flag["reason"] for flag in guide["statements"][0]["flags"]] == ["retracted"]


async def test_an_earlier_edition_can_be_cited_and_is_flagged_when_it_is_published(world: World) -> None:
    practice = await world.publish(PRACTICE)
    await change_item(world, practice, what_happened="Another end.")
    await published(world, statement(citations=[{"item_id": practice, "edition": 1}]))
    assert [flag["reason"] for flag in await flags(world)] == ["changed"]


async def test_whatever_follows_guides_learns_that_one_lost_a_voice_and_its_editors_are_not_disturbed(
    world: World,
) -> None:
    account = await world.publish(ACCOUNT)
    guide = await published(world, statement(account))
    before = (await world.rows("SELECT version, updated_at FROM guides"))[0]
    tag = (await world.call(EDITOR, "GET", f"/v1/guides/{guide['id']}")).headers["etag"]
    await world.done(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    await hear_all(world)
    after = (await world.rows("SELECT version, updated_at FROM guides"))[0]
    assert after["version"] == before["version"]
    assert after["updated_at"] > before["updated_at"]
    assert (await world.done(EDITOR, "PATCH", f"/v1/guides/{guide['id']}", {"title": "Better"}, If_Match=tag))["title"]
    await hear_all(world)
    assert (await world.rows("SELECT count(*) AS flags FROM guide_citations WHERE flagged_reason IS NOT NULL"))[0] == {
        "flags": 1
    }
