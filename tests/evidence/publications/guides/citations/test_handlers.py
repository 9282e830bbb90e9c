from collections.abc import Sequence

import pytest

from shared.events.contracts.evidence import GuideFlagsChanged, GuidePublished
from shared.events.event import Event
from tests.evidence.publications.guides.guide_factories import (
    ABOUT_ITEMS,
    RETRACTED,
    REVIEWER,
    change_guide,
    change_item,
    decide,
    get_guide,
    handle_item_events,
    list_flags,
    merge,
    publish_guide,
    publish_papers,
    statement,
    submit_and_publish,
)
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY


async def test_a_withdrawn_account_is_gone_from_a_guide_at_once_without_an_event(world: EvidenceWorld) -> None:
    account = await world.publish(ACCOUNT)
    citations = [{"item_id": account, "why": "She could sleep."}, {"item_id": await world.publish(PRACTICE)}]
    guide = await publish_guide(world, statement(citations=citations))
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    for path in (f"/v1/guides/{guide['id']}", f"/v1/guides/{guide['id']}/versions/1"):
        response = await world.call(NOBODY, "GET", path)
        assert not [text for text in ("Mary", "My first week away", "sleep") if text in response.text]
        [gone, _] = response.json()["statements"][0]["citations"]
        assert (gone["item_id"], gone["status"], gone["title"], gone["attributed_to"]) == (
            *(account, "withdrawn", None, []),
        )
        assert gone["withdrawn_at"] is not None
        assert response.json()["balance"]["missing"] == ["research", "lived_experience"]
        assert response.json()["is_flagged"]
        assert [flag["reason"] for flag in response.json()["statements"][0]["flags"]] == ["withdrawn"]


async def test_nothing_of_a_guide_that_is_kept_holds_a_persons_words_or_name(world: EvidenceWorld) -> None:
    await publish_guide(world, statement(await world.publish(ACCOUNT)))
    for table in ("guides", "guide_drafts", "guide_editions", "guide_statements", "guide_citations"):
        rows = str(await world.rows(f"SELECT * FROM {table}"))  # noqa: S608  a name of ours
        assert "Mary" not in rows
        assert "first week" not in rows


async def test_a_retraction_is_said_at_once_and_the_work_no_longer_speaks(world: EvidenceWorld) -> None:
    paper = await world.publish(RESEARCH)
    guide = await publish_guide(world, statement(paper))
    await world.json(EDITOR, "POST", f"/v1/evidence/{paper}/retract", RETRACTED)
    [shown_statement] = (await get_guide(world, guide))["statements"]
    assert shown_statement["citations"][0]["retraction"]["nature"] == "retraction"
    assert shown_statement["citations"][0]["title"] == RESEARCH["title"]
    assert shown_statement["balance"]["research"] == 0
    assert shown_statement["balance"]["explanation"] == "No evidence that is valid today is cited in this statement."
    assert shown_statement["flags"][0]["explanation"] == "A work that this relies on was retracted."


async def test_a_reinstated_work_speaks_again_and_its_flag_goes(world: EvidenceWorld) -> None:
    [paper] = await publish_papers(world, "A trial of breaks")
    guide = await publish_guide(world, statement(paper))
    for nature, flagged, speaking in (("retraction", ["retracted"], 0), ("reinstatement", [], 1)):
        notice = {"nature": nature, "on": "2026-03-01", "source": "The journal"}
        await world.json(EDITOR, "POST", f"/v1/evidence/{paper}/retract", notice)
        await handle_item_events(world)
        assert [flag["reason"] for flag in await list_flags(world)] == flagged
        assert (await get_guide(world, guide))["balance"]["research"] == speaking


async def test_the_owner_is_told_of_a_new_edition_and_the_citation_stays_pinned(world: EvidenceWorld) -> None:
    practice = await world.publish(PRACTICE)
    guide = await publish_guide(world, statement(practice))
    await change_item(world, practice, what_happened="Only half of the families did.")
    await handle_item_events(world)
    [flag] = await list_flags(world, "?mine=true")
    assert (flag["reason"], flag["guide_id"], flag["edition"], flag["mine"]) == ("changed", guide["id"], 1, True)
    shown_statement = (await get_guide(world, guide))["statements"][0]
    assert (shown_statement["citations"][0]["edition"], shown_statement["citations"][0]["current_edition"]) == (1, 2)
    assert shown_statement["flags"] == [
        {
            "reason": "changed",
            "item_id": practice,
            "since": flag["since"],
            "explanation": "An item that this relies on has a new edition.",
        }
    ]
    assert (await world.json(NOBODY, "GET", "/v1/guides"))["items"][0]["is_flagged"]


async def test_flags_of_ones_own_guides_come_first_and_their_number_is_in_the_header(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    colleagues_guide = await publish_guide(world, statement(item))
    own_guide = await publish_guide(world, statement(item), statement(item))
    await world.json(REVIEWER, "POST", f"/v1/guides/{own_guide['id']}/take-over")
    await change_item(world, item, what_happened="Something else.")
    await handle_item_events(world)
    response = await world.call(REVIEWER, "GET", "/v1/guides/flags?limit=2")
    assert response.headers["open-flags"] == "2"
    assert [flag["guide_id"] for flag in response.json()["items"]] == [own_guide["id"], own_guide["id"]]
    rest = await world.json(REVIEWER, "GET", response.json()["next"])
    assert [(flag["guide_id"], flag["mine"]) for flag in rest["items"]] == [(colleagues_guide["id"], False)]
    assert rest["next"] is None
    assert (await world.call(CARER, "GET", "/v1/guides/flags")).status_code == 403


async def test_a_merged_item_leads_on_and_an_undone_merge_leads_back(world: EvidenceWorld) -> None:
    paper, other = await publish_papers(world, "A trial of breaks", "Breaks: a trial")
    guide = await publish_guide(world, statement(paper))
    merged = await merge(world, paper, other)
    await handle_item_events(world)
    view = await get_guide(world, guide)
    citation = view["statements"][0]["citations"][0]
    assert (citation["item_id"], citation["merged_into"], citation["title"]) == (paper, other, "Breaks: a trial")
    assert view["balance"]["research"] == 1
    assert [flag["reason"] for flag in await list_flags(world)] == ["merged"]
    cited = f"/v1/guides?cites={other}&way_of_knowing=research"
    assert [row["id"] for row in (await world.json(NOBODY, "GET", cited))["items"]] == [guide["id"]]
    await world.undo_merge(merged)
    await handle_item_events(world)
    assert await list_flags(world) == []
    assert (await get_guide(world, guide))["statements"][0]["citations"][0]["merged_into"] is None


async def test_what_befalls_the_item_that_stands_for_a_merged_one_reaches_its_citations(world: EvidenceWorld) -> None:
    first, second, third = await publish_papers(world, "One", "Two", "Three")
    guide = await publish_guide(world, statement(first))
    await merge(world, first, second)
    await merge(world, second, third)
    await world.json(EDITOR, "POST", f"/v1/evidence/{third}/retract", RETRACTED)
    await handle_item_events(world)
    assert [flag["reason"] for flag in await list_flags(world)] == ["retracted"]
    assert (await get_guide(world, guide))["statements"][0]["citations"][0]["merged_into"] == third


def _in_orders(events: Sequence[Event]) -> list[list[Event]]:
    return [list(events), list(reversed(events)), [*events, *events]]


@pytest.mark.parametrize("order", range(3))
async def test_the_flags_are_the_same_in_whatever_order_and_however_often_events_come(
    world: EvidenceWorld, order: int
) -> None:
    practice, paper = await world.publish(PRACTICE), await world.publish(RESEARCH)
    await publish_guide(world, statement(practice, paper))
    await change_item(world, practice, what_happened="Another end.")
    await world.json(EDITOR, "POST", f"/v1/evidence/{paper}/retract", RETRACTED)
    await change_item(world, paper, summary="A trial that is no more.")
    events = [event for event in await world.events() if isinstance(event, ABOUT_ITEMS)]
    assert len(events) == 3
    for event in _in_orders(events)[order]:
        await world.handle(event)
    rows = await world.rows("SELECT flagged_key, version FROM guide_citations, guides ORDER BY flagged_key")
    assert [row["flagged_key"] for row in rows] == ["changed:2", "retracted:2026-01-05"]


async def test_a_later_change_is_flagged_since_the_first_one(world: EvidenceWorld) -> None:
    practice = await world.publish(PRACTICE)
    await publish_guide(world, statement(practice))
    await change_item(world, practice, what_happened="Two.")
    await handle_item_events(world)
    [first] = await list_flags(world)
    await change_item(world, practice, what_happened="Three.")
    await handle_item_events(world)
    [later] = await list_flags(world)
    assert later["since"] == first["since"]


async def test_whatever_follows_guides_learns_that_one_lost_a_voice_and_its_editors_are_not_disturbed(
    world: EvidenceWorld,
) -> None:
    account = await world.publish(ACCOUNT)
    guide = await publish_guide(world, statement(account))
    before = (await world.rows("SELECT version, updated_at FROM guides"))[0]
    tag = (await world.call(EDITOR, "GET", f"/v1/guides/{guide['id']}")).headers["etag"]
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    await handle_item_events(world)
    after = (await world.rows("SELECT version, updated_at FROM guides"))[0]
    assert after["version"] == before["version"]
    assert after["updated_at"] > before["updated_at"]
    assert (await world.json(EDITOR, "PATCH", f"/v1/guides/{guide['id']}", {"title": "Better"}, If_Match=tag))["title"]
    await handle_item_events(world)
    assert (await world.rows("SELECT count(*) AS flags FROM guide_citations WHERE flagged_reason IS NOT NULL"))[0] == {
        "flags": 1
    }


async def test_other_services_learn_which_doubts_a_guide_has(world: EvidenceWorld) -> None:
    paper, account, practice = (
        await world.publish(RESEARCH),
        await world.publish(ACCOUNT),
        await world.publish(PRACTICE),
    )
    guide = await publish_guide(world, statement(paper), statement(account, practice))
    seen = 0

    async def doubts_of_next_events() -> list[tuple[str, ...]]:
        nonlocal seen
        events = [event for event in await world.events() if isinstance(event, GuideFlagsChanged)]
        seen, new = len(events), events[seen:]
        assert {str(event.guide_id) for event in new} <= {guide["id"]}
        return [event.doubts for event in new]

    assert await doubts_of_next_events() == []
    await change_item(world, practice, what_happened="Half did.")
    await handle_item_events(world)
    assert await doubts_of_next_events() == [("doubted",)]
    await world.json(EDITOR, "POST", f"/v1/evidence/{paper}/retract", RETRACTED)
    await handle_item_events(world)
    assert await doubts_of_next_events() == [("unsupported", "doubted")]
    for flag in await list_flags(world):
        await decide(world, flag, decision="keep", because="It says the same.")
    assert await doubts_of_next_events() == [("unsupported",), ()]


async def test_a_new_edition_that_still_cites_what_has_changed_is_in_doubt_at_once(world: EvidenceWorld) -> None:
    practice = await world.publish(PRACTICE)
    guide = await publish_guide(world, statement(practice))
    await change_guide(world, guide["id"], {"title": "Better"})
    await change_item(world, practice, what_happened="Half did.")
    await submit_and_publish(world, guide["id"])
    *_, published, doubted = await world.events()
    assert isinstance(published, GuidePublished)
    assert doubted == GuideFlagsChanged(guide_id=published.guide_id, doubts=("doubted",))
