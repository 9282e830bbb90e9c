import asyncio
from typing import Any
from uuid import UUID

from services.evidence.library.works.duplicates import comparing, queries
from services.evidence.library.works.duplicates.blocks import MOST_ALIKE
from services.evidence.library.works.duplicates.jobs import compare_next, compare_works
from tests.evidence.library.works.duplicates.found import alike, compared, groups, members
from tests.evidence.world import RESEARCH, EvidenceWorld, until
from tests.support.callers import EDITOR


async def waiting(world: EvidenceWorld) -> int:
    return len(await world.rows("SELECT * FROM pending_comparisons"))


async def test_a_worker_that_is_killed_repeats_what_it_had_in_hand(world: EvidenceWorld) -> None:
    first, second = await alike(world)
    before = await waiting(world)
    async with world.database.unit_of_work() as uow:
        await queries.hold_comparing(uow.session)
        notes, items = await queries.pending(uow.session, 10)
        await comparing.compare_changed(uow, items)
        await queries.forget_pending(uow.session, notes)
        # Killed here: nothing was committed.
    assert await waiting(world) == before > 0
    [group] = await groups(world)
    assert members(group) == {first, second}
    assert await waiting(world) == 0


async def test_workers_take_turns_and_find_a_pair_once(world: EvidenceWorld) -> None:
    await alike(world)
    await asyncio.gather(*(compare_next(world.database) for _ in range(4)))
    assert len(await groups(world)) == 1
    assert await compare_next(world.database) is False


async def test_a_change_while_its_work_is_compared_is_compared_again(world: EvidenceWorld) -> None:
    first, second = await alike(world)
    async with world.database.transaction() as uow:
        await queries.hold_comparing(uow.session)
        notes, items = await queries.pending(uow.session, 10)
        await world.done(
            EDITOR, "PATCH", f"/v1/evidence/{second}", {"title": "Day centres in Wales, part 2"}, If_Match="*"
        )
        await comparing.compare_changed(uow, items)
        await queries.forget_pending(uow.session, notes)
    assert await waiting(world) == 1
    assert await groups(world) == []
    await world.done(EDITOR, "PATCH", f"/v1/evidence/{second}", {"title": RESEARCH["title"]}, If_Match="*")
    [group] = await groups(world)
    assert members(group) == {first, second}


async def test_the_hundredth_editorial_is_compared_with_no_other(world: EvidenceWorld) -> None:
    """A key that many works share is passed over, so an item costs the same however many there are."""
    count = 3 * MOST_ALIKE
    ris = "".join(
        f"TY  - JOUR\nTI  - Editorial\nPY  - {1900 + n % 90}\nVL  - {n}\nSP  - {n}\nJO  - Journal {n}\nER  - \n"
        for n in range(count)
    )
    await world.import_file(ris.encode(), publish="true")
    assert await groups(world) == []
    async with world.database.session() as session:
        rows = await world.rows("SELECT DISTINCT key FROM duplicate_keys")
        blocks = await queries.blocks(session, {row["key"] for row in rows})
    assert all(len(block) <= MOST_ALIKE for block in blocks.values())
    shared = await world.rows("SELECT key FROM duplicate_keys GROUP BY key HAVING count(*) = :count", count=count)
    assert len(shared) == 1
    assert shared[0]["key"] not in blocks


async def test_what_was_in_the_library_before_is_compared_with_what_comes(world: EvidenceWorld) -> None:
    first, _ = await alike(world)
    await compared(world)
    third = await world.publish(RESEARCH, title="Replacement care & the health of carers", identifiers=[])
    [group] = await groups(world)
    assert {first, third} <= members(group)
    assert all(UUID(item) for item in members(group))


async def test_the_worker_compares_by_itself_and_stops_when_told(world: EvidenceWorld) -> None:
    stop = asyncio.Event()
    working = asyncio.create_task(compare_works(world.database, stop))
    await alike(world)

    async def found() -> list[dict[str, Any]]:
        return await world.rows("SELECT id FROM duplicate_groups WHERE state = 'open'")

    await until(found)
    stop.set()
    async with asyncio.timeout(5):
        await working
