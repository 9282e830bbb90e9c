import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.evidence.library.views_counted.counting import Counting
from tests.evidence.world import ACCOUNT, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY


async def tallies(world: EvidenceWorld) -> dict[tuple[str, str], int]:
    found = await world.rows("SELECT way_of_knowing, how, number FROM seen_tallies")
    return {(row["way_of_knowing"], row["how"]): row["number"] for row in found}


async def test_reading_writes_nothing_until_the_tally_is_added_to_the_day(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    seen: Counting = world.app.state.seen
    for _ in range(3):
        await world.json(NOBODY, "GET", f"/v1/evidence/{item}")
    assert await tallies(world) == {}
    await seen.flush()
    await world.json(NOBODY, "GET", f"/v1/evidence/{item}")
    await seen.flush()
    await seen.flush()
    assert await tallies(world) == {("lived_experience", "opened"): 4}


async def test_who_gave_or_edits_an_item_is_not_somebody_who_found_it(world: EvidenceWorld) -> None:
    item, draft = await world.publish(ACCOUNT), await world.draft(RESEARCH)
    for caller, path in ((CARER, item), (EDITOR, item), (CARER, draft)):
        await world.json(caller, "GET", f"/v1/evidence/{path}")
    await world.app.state.seen.flush()
    assert await tallies(world) == {}


@pytest.mark.alters_schema
async def test_what_cannot_be_written_is_kept_for_the_next_time(world: EvidenceWorld) -> None:
    seen: Counting = world.app.state.seen
    seen.shown(["research", "research", "lived_experience"])
    async with world.database.transaction() as uow:
        await uow.session.execute(text("ALTER TABLE seen_tallies RENAME TO away"))
    with pytest.raises(DBAPIError):
        await seen.flush()
    async with world.database.transaction() as uow:
        await uow.session.execute(text("ALTER TABLE away RENAME TO seen_tallies"))
    await seen.flush()
    assert await tallies(world) == {("research", "shown"): 2, ("lived_experience", "shown"): 1}


async def test_the_last_tally_is_written_when_the_process_stops(world: EvidenceWorld) -> None:
    seen: Counting = world.app.state.seen
    stop = asyncio.Event()
    writing = asyncio.create_task(seen.write(stop))
    await asyncio.sleep(0)
    seen.opened("research")
    stop.set()
    await writing
    assert await tallies(world) == {("research", "opened"): 1}


async def test_two_processes_add_to_the_same_day(world: EvidenceWorld) -> None:
    both: list[Any] = [world.app.state.seen, Counting(world.database)]
    for seen in both:
        for way in ("research", "practice_knowledge"):
            seen.opened(way)
    await asyncio.gather(*(seen.flush() for seen in both))
    assert set((await tallies(world)).values()) == {2}


async def test_what_a_search_shows_is_counted_by_way_of_knowing(world: EvidenceWorld) -> None:
    await world.publish(RESEARCH)
    await world.publish(ACCOUNT)
    await world.indexed()
    found = await world.search("replacement care")
    await world.app.state.seen.flush()
    assert len(found["items"]) == 2
    assert await tallies(world) == {("research", "shown"): 1, ("lived_experience", "shown"): 1}
