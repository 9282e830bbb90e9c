import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.evidence.library.views_counted.counter import ViewCounter
from tests.evidence.world import ACCOUNT, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY


async def tallies(world: EvidenceWorld) -> dict[tuple[str, str], int]:
    rows = await world.rows("SELECT way_of_knowing, kind, number FROM view_counts")
    return {(row["way_of_knowing"], row["kind"]): row["number"] for row in rows}


async def test_reading_writes_nothing_until_the_tally_is_added_to_the_day(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    counter: ViewCounter = world.app.state.view_counter
    for _ in range(3):
        await world.json(NOBODY, "GET", f"/v1/evidence/{item}")
    assert await tallies(world) == {}
    await counter.flush()
    await world.json(NOBODY, "GET", f"/v1/evidence/{item}")
    await counter.flush()
    await counter.flush()
    assert await tallies(world) == {("lived_experience", "opened"): 4}


async def test_who_gave_or_edits_an_item_is_not_somebody_who_found_it(world: EvidenceWorld) -> None:
    item, draft = await world.publish(ACCOUNT), await world.draft(RESEARCH)
    for caller, path in ((CARER, item), (EDITOR, item), (CARER, draft)):
        await world.json(caller, "GET", f"/v1/evidence/{path}")
    await world.app.state.view_counter.flush()
    assert await tallies(world) == {}


@pytest.mark.alters_schema
async def test_what_cannot_be_written_is_kept_for_the_next_time(world: EvidenceWorld) -> None:
    counter: ViewCounter = world.app.state.view_counter
    counter.count_shown(["research", "research", "lived_experience"])
    async with world.database.transaction() as uow:
        await uow.session.execute(text("ALTER TABLE view_counts RENAME TO away"))
    with pytest.raises(DBAPIError):
        await counter.flush()
    async with world.database.transaction() as uow:
        await uow.session.execute(text("ALTER TABLE away RENAME TO view_counts"))
    await counter.flush()
    assert await tallies(world) == {("research", "shown"): 2, ("lived_experience", "shown"): 1}


async def test_the_last_tally_is_written_when_the_process_stops(world: EvidenceWorld) -> None:
    counter: ViewCounter = world.app.state.view_counter
    stop = asyncio.Event()
    running = asyncio.create_task(counter.run(stop))
    await asyncio.sleep(0)
    counter.count_opened("research")
    stop.set()
    await running
    assert await tallies(world) == {("research", "opened"): 1}


async def test_two_processes_add_to_the_same_day(world: EvidenceWorld) -> None:
    counters: list[ViewCounter] = [world.app.state.view_counter, ViewCounter(world.database)]
    for counter in counters:
        for way in ("research", "practice_knowledge"):
            counter.count_opened(way)
    await asyncio.gather(*(counter.flush() for counter in counters))
    assert set((await tallies(world)).values()) == {2}


async def test_what_a_search_shows_is_counted_by_way_of_knowing(world: EvidenceWorld) -> None:
    await world.publish(RESEARCH)
    await world.publish(ACCOUNT)
    await world.indexed()
    page = await world.search("replacement care")
    await world.app.state.view_counter.flush()
    assert len(page["items"]) == 2
    assert await tallies(world) == {("research", "shown"): 1, ("lived_experience", "shown"): 1}
