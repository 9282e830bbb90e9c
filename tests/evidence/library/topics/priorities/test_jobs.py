import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg

from services.evidence.library.topics.priorities.jobs import apply_pending_mentions, update_priorities
from shared.events.contracts.evidence import TopicPriorityChanged
from shared.persistence.tables import new_id
from tests.evidence.library.topics.priorities.test_handlers import attended, planned, priorities, question, results
from tests.evidence.world import PRACTICE, EvidenceWorld, until

ROOT = Path(__file__).parents[5]
WORKER = """
import asyncio, sys
from services.evidence.library.topics.priorities.jobs import update_priorities
from shared.persistence.database import Database
asyncio.run(update_priorities(Database(sys.argv[1], "evidence"), asyncio.Event()))
"""


async def priority_events(world: EvidenceWorld) -> list[TopicPriorityChanged]:
    return [event for event in await world.events() if isinstance(event, TopicPriorityChanged)]


async def burst(world: EvidenceWorld, assembly: UUID, number: int, at_once: int = 25) -> None:
    for _ in range(number // at_once):
        await world.handle_all([(attended(assembly), new_id()) for _ in range(at_once)])


async def test_a_burst_of_attendances_is_weighed_once(world: EvidenceWorld) -> None:
    topic, assembly = await world.topic(), new_id()
    await world.handle(results({topic: 20}, 300))
    await world.handle(planned(topic, assembly))
    before = len(await priority_events(world))
    await burst(world, assembly, 200)
    assert len(await priority_events(world)) == before
    assert await apply_pending_mentions(world.database)
    # 200 people score 50 and weigh half as much as the 300 of the survey.
    assert await priorities(world) == {"Breaks for carers": 30}
    (event,) = (await priority_events(world))[before:]
    assert (str(event.topic_id), event.priority, event.by, event.source_id) == (topic, 30, "assembly", assembly)
    assert not await apply_pending_mentions(world.database)
    assert len(await priority_events(world)) == before + 1


async def test_the_worker_weighs_what_is_noted_while_it_runs_and_surveys_move_a_topic_at_once(
    world: EvidenceWorld,
) -> None:
    topic, stop = await world.topic("Breaks"), asyncio.Event()
    worker = asyncio.create_task(update_priorities(world.database, stop))
    try:
        await world.handle(results({topic: 20}, 300))
        assert await priorities(world) == {"Breaks": 20}
        assembly = new_id()
        await burst(world, assembly, 200)
        await world.handle(planned(topic, assembly))

        async def moved() -> bool:
            return await priorities(world) == {"Breaks": 30}

        await until(moved)
    finally:
        stop.set()
        await worker


async def test_what_is_noted_while_others_are_weighed_waits_for_nobody_and_is_weighed_next(
    world: EvidenceWorld,
) -> None:
    topic, assembly = await world.topic("Breaks"), new_id()
    await world.handle(planned(topic, assembly))
    await burst(world, assembly, 10, at_once=10)
    async with recalculation_is_blocked(world, topic) as waits:
        first = asyncio.create_task(apply_pending_mentions(world.database))
        await until(waits)
        async with asyncio.timeout(20):
            await burst(world, assembly, 10, at_once=10)
            await world.handle_all([(question(topic), new_id()) for _ in range(10)])
        assert not first.done()
    await first
    assert await world.rows("SELECT people FROM topic_mentions WHERE kind = 'assembly'") == [{"people": 10}]
    assert await apply_pending_mentions(world.database)
    assert await world.rows("SELECT people FROM topic_mentions WHERE kind = 'assembly'") == [{"people": 20}]
    assert len(await priority_events(world)) == 1
    assert not await apply_pending_mentions(world.database)
    assert await world.rows("SELECT * FROM pending_mentions") == []


async def test_items_that_are_being_filed_hold_up_no_weighing(world: EvidenceWorld) -> None:
    topic, item = await world.topic("Breaks"), await world.publish(PRACTICE)
    await world.handle(planned(topic, assembly := new_id()))
    await burst(world, assembly, 10, at_once=10)
    filing = await asyncpg.connect(world.database.dsn)
    async with filing.transaction():
        file = "INSERT INTO filings (item_id, topic_id, way_of_knowing) VALUES ($1, $2, 'practice_knowledge')"
        await filing.execute(file, UUID(item), UUID(topic))
        async with asyncio.timeout(10):
            assert await apply_pending_mentions(world.database)
    await filing.close()
    assert len(await priority_events(world)) == 1


async def test_what_a_killed_worker_was_weighing_is_weighed_by_the_next(world: EvidenceWorld) -> None:
    topic, assembly = await world.topic("Breaks"), new_id()
    await world.handle(planned(topic, assembly))
    await burst(world, assembly, 200)
    async with recalculation_is_blocked(world, topic) as waits:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        worker = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, world.database.url, env=environment)
        try:
            await until(waits)
        finally:
            worker.send_signal(signal.SIGKILL)
            await worker.wait()
    assert await priority_events(world) == []
    assert await apply_pending_mentions(world.database)
    (event,) = await priority_events(world)
    assert (event.priority, event.by, event.source_id) == (50, "assembly", assembly)


@asynccontextmanager
async def recalculation_is_blocked(world: EvidenceWorld, topic: str) -> AsyncGenerator[Callable[[], Awaitable[bool]]]:
    """Somebody has the topic in hand; whether the weighing has come to it and waits."""
    connection = await asyncpg.connect(world.database.dsn)
    try:
        async with connection.transaction():
            await connection.execute("SELECT 1 FROM topics WHERE id = $1 FOR UPDATE", UUID(topic))

            async def waits() -> bool:
                return await connection.fetchval(
                    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')"
                    " AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database()))"
                )

            yield waits
    finally:
        await connection.close()
