import asyncio
from uuid import UUID

import asyncpg

from tests.evidence.merges.test_api import BARE, RICH, merge
from tests.evidence.world import EvidenceWorld, until
from tests.support.callers import EDITOR


async def test_a_merge_takes_what_leads_to_its_items_in_the_order_of_all_ids(world: EvidenceWorld) -> None:
    first, second, third = [await world.publish(each) for each in (BARE, RICH, BARE | {"title": "A third"})]
    await merge(world, second, first)
    undoing = await asyncpg.connect(world.database.dsn)
    async with undoing.transaction():
        await undoing.execute("SELECT FROM items WHERE id = $1 FOR NO KEY UPDATE", UUID(first))
        merging = asyncio.create_task(merge(world, third, second))

        async def waits() -> bool:
            return await undoing.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")

        await until(waits)
        await undoing.execute("SELECT FROM items WHERE id = $1 FOR NO KEY UPDATE NOWAIT", UUID(second))
    await undoing.close()
    await merging
    led = await world.call(EDITOR, "GET", f"/v1/evidence/{first}")
    assert (led.status_code, led.headers["Location"]) == (308, f"/v1/evidence/{third}")
