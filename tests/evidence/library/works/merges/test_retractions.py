from shared.events.contracts.evidence import EvidenceRetracted
from tests.evidence.exchange.retraction_lists.retraction_watch import csv_row, read_list, retraction_events, run_worker
from tests.evidence.library.works.merges.test_api import BARE, RICH, doi, merge, read, undo
from tests.evidence.world import EvidenceWorld
from tests.support.callers import EDITOR


async def test_what_is_noted_against_one_description_holds_for_the_work(world: EvidenceWorld) -> None:
    into, other = await world.publish(BARE), await world.publish(RICH)
    notice = {"nature": "retraction", "on": "2023-04-11", "reasons": ["Error in data"], "source": "Its publisher"}
    await world.json(EDITOR, "POST", f"/v1/evidence/{other}/retract", notice)
    merged = await merge(world, into, other)
    assert (await read(world, into))["retraction"]["nature"] == "retraction"
    await undo(world, merged)
    assert (await read(world, into))["retraction"] is None
    assert (await read(world, other))["retraction"]["nature"] == "retraction"
    retractions = [event for event in await world.events() if isinstance(event, EvidenceRetracted)]
    assert [(str(event.item_id), event.nature) for event in retractions] == [
        (other, "retraction"),
        (into, "retraction"),
        (into, "reinstatement"),
    ]


async def test_what_a_list_says_of_one_work_does_not_stay_with_the_other_after_an_undo(world: EvidenceWorld) -> None:
    other = await world.publish(RICH, identifiers=doi("10.5555/other"))
    into = await world.publish(BARE, identifiers=doi("10.5555/into"))
    merged = await merge(world, into, other)
    await read_list(world, csv_row("10.5555/other"), csv_row("10.5555/into", "Correction"))
    assert (await read(world, into))["retraction"]["nature"] == "retraction"
    await undo(world, merged)
    await run_worker(world)
    assert (await read(world, other))["retraction"]["nature"] == "retraction"
    assert (await read(world, into))["retraction"]["nature"] == "correction"
    retractions = [
        (str(event.item_id), event.nature) for event in await world.events() if isinstance(event, EvidenceRetracted)
    ]
    assert retractions == [(into, "retraction"), (into, "correction"), (other, "retraction")]
    again = await merge(world, into, other)
    await undo(world, again)
    assert (await read(world, into))["retraction"]["nature"] == "correction"


async def test_of_drafts_nothing_is_told_when_a_retraction_comes_and_goes_with_a_merge(world: EvidenceWorld) -> None:
    into, other = await world.draft(BARE), await world.draft(RICH)
    notice = {"nature": "retraction", "on": "2023-04-11", "source": "Its publisher"}
    await world.json(EDITOR, "POST", f"/v1/evidence/{other}/retract", notice)
    merged = await merge(world, into, other)
    assert (await read(world, into))["retraction"]["nature"] == "retraction"
    await undo(world, merged)
    assert (await read(world, into))["retraction"] is None
    assert await retraction_events(world) == []
