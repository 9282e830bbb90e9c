import asyncio
from itertools import pairwise
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from services.evidence.publications.cited_items.queries import get_cited_items
from tests.evidence.library.works.merges.test_api import BARE, RICH, merge
from tests.evidence.world import EvidenceWorld, until
from tests.support.callers import EDITOR


async def test_however_many_merges_follow_one_another_nobody_is_sent_on_twice(world: EvidenceWorld) -> None:
    works = [await world.publish(BARE | {"title": f"Work {number}"}) for number in range(22)]
    for item, into in pairwise(works):
        await merge(world, into, item)
    for item in works[:-1]:
        response = await world.call(EDITOR, "GET", f"/v1/evidence/{item}")
        assert (response.status_code, response.headers["Location"]) == (308, f"/v1/evidence/{works[-1]}")


@pytest.mark.parametrize(("merges", "reached"), [(1, True), (20, True), (21, False)])
async def test_a_citation_is_followed_through_twenty_merges_and_no_further(
    world: EvidenceWorld, merges: int, reached: bool
) -> None:
    """More than one is not made today; twenty are followed all the same, and a circle comes to an end."""
    works = [UUID(await world.publish(BARE | {"title": f"Work {number}"})) for number in range(merges + 1)]
    async with world.database.transaction() as uow:
        for item, into in pairwise(works):
            merged = text(
                "UPDATE items SET status = 'merged', published_at = NULL, merged_into = :into WHERE id = :item"
            )
            await uow.session.execute(merged, {"item": item, "into": into})
    async with world.database.session() as session:
        cited = await get_cited_items(session, [works[0]])
    assert {item: row.id for item, row in cited.items()} == ({works[0]: works[-1]} if reached else {})


async def test_a_merge_takes_what_leads_to_its_items_in_the_order_of_all_ids(world: EvidenceWorld) -> None:
    first, second, third = [await world.publish(item) for item in (BARE, RICH, BARE | {"title": "A third"})]
    await merge(world, second, first)
    connection = await asyncpg.connect(world.database.dsn)
    async with connection.transaction():
        await connection.execute("SELECT FROM items WHERE id = $1 FOR NO KEY UPDATE", UUID(first))
        merge_task = asyncio.create_task(merge(world, third, second))

        async def waits() -> bool:
            return await connection.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")

        await until(waits)
        await connection.execute("SELECT FROM items WHERE id = $1 FOR NO KEY UPDATE NOWAIT", UUID(second))
    await connection.close()
    await merge_task
    response = await world.call(EDITOR, "GET", f"/v1/evidence/{first}")
    assert (response.status_code, response.headers["Location"]) == (308, f"/v1/evidence/{third}")
