import asyncio
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.evidence.library.works.duplicates import commands, queries
from services.evidence.library.works.duplicates.blocking_keys import MAX_BLOCK_WORKS
from services.evidence.library.works.duplicates.jobs import compare_next, compare_works
from tests.evidence.library.works.duplicates.groups import compare_all, groups, members, publish_similar
from tests.evidence.world import RESEARCH, EvidenceWorld, until
from tests.support.callers import EDITOR


async def pending_count(world: EvidenceWorld) -> int:
    return len(await world.rows("SELECT * FROM pending_comparisons"))


async def test_a_worker_that_is_killed_repeats_what_it_had_in_hand(world: EvidenceWorld) -> None:
    first, second = await publish_similar(world)
    before = await pending_count(world)
    async with world.database.unit_of_work() as uow:
        await queries.lock_comparison(uow.session)
        batch = await queries.pending_batch(uow.session, 10)
        await commands.compare_changed(uow, batch.items)
        await queries.delete_pending(uow.session, batch.ids)
        # Killed here: nothing was committed.
    assert await pending_count(world) == before > 0
    [group] = await groups(world)
    assert members(group) == {first, second}
    assert await pending_count(world) == 0


async def test_workers_take_turns_and_find_a_pair_once(world: EvidenceWorld) -> None:
    await publish_similar(world)
    await asyncio.gather(*(compare_next(world.database) for _ in range(4)))
    assert len(await groups(world)) == 1
    assert await compare_next(world.database) is False


async def test_a_change_while_its_work_is_compared_is_compared_again(world: EvidenceWorld) -> None:
    first, second = await publish_similar(world)
    async with world.database.transaction() as uow:
        await queries.lock_comparison(uow.session)
        batch = await queries.pending_batch(uow.session, 10)
        await world.json(
            EDITOR, "PATCH", f"/v1/evidence/{second}", {"title": "Day centres in Wales, part 2"}, If_Match="*"
        )
        await commands.compare_changed(uow, batch.items)
        await queries.delete_pending(uow.session, batch.ids)
    assert await pending_count(world) == 1
    assert await groups(world) == []
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{second}", {"title": RESEARCH["title"]}, If_Match="*")
    [group] = await groups(world)
    assert members(group) == {first, second}


async def test_the_hundredth_editorial_is_compared_with_no_other(world: EvidenceWorld) -> None:
    """A key that many works share is ignored, so an item costs the same however many there are."""
    count = 3 * MAX_BLOCK_WORKS
    ris = "".join(
        f"TY  - JOUR\nTI  - Editorial\nPY  - {1900 + n % 90}\nVL  - {n}\nSP  - {n}\nJO  - Journal {n}\nER  - \n"
        for n in range(count)
    )
    await world.import_file(ris.encode(), publish="true")
    assert await groups(world) == []
    async with world.database.session() as session:
        rows = await world.rows("SELECT DISTINCT key FROM duplicate_keys")
        blocks = await queries.blocks(session, {row["key"] for row in rows})
    assert all(len(block) <= MAX_BLOCK_WORKS for block in blocks.values())
    shared = await world.rows("SELECT key FROM duplicate_keys GROUP BY key HAVING count(*) = :count", count=count)
    assert len(shared) == 1
    assert shared[0]["key"] not in blocks


async def test_what_was_in_the_library_before_is_compared_with_what_comes(world: EvidenceWorld) -> None:
    first, _ = await publish_similar(world)
    await compare_all(world)
    third = await world.publish(RESEARCH, title="Replacement care & the health of carers", identifiers=[])
    [group] = await groups(world)
    assert {first, third} <= members(group)
    assert all(UUID(item) for item in members(group))


async def test_what_was_compared_before_titles_were_stored_is_read_as_a_whole(world: EvidenceWorld) -> None:
    first = await world.publish(RESEARCH, identifiers=[])
    await compare_all(world)
    async with world.database.transaction() as uow:
        await uow.session.execute(text("DELETE FROM duplicate_titles"))
    second = await world.publish(RESEARCH, title="Replacement care & the healths of carers", identifiers=[])
    [group] = await groups(world)
    assert members(group) == {first, second}


async def test_of_a_work_that_is_gone_no_title_is_stored(world: EvidenceWorld) -> None:
    first, second = await publish_similar(world)
    await compare_all(world)
    assert len(await world.rows("SELECT * FROM duplicate_titles")) == 2
    await world.json(EDITOR, "POST", f"/v1/evidence/{second}/withdraw")
    await compare_all(world)
    assert await world.rows("SELECT item_id FROM duplicate_titles") == [{"item_id": UUID(first)}]


async def test_the_worker_compares_by_itself_until_it_is_stopped(world: EvidenceWorld) -> None:
    stop = asyncio.Event()
    worker = asyncio.create_task(compare_works(world.database, stop))
    await publish_similar(world)

    async def open_groups() -> list[dict[str, Any]]:
        return await world.rows("SELECT id FROM duplicate_groups WHERE status = 'open'")

    await until(open_groups)
    stop.set()
    async with asyncio.timeout(5):
        await worker
