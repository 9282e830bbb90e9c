import asyncio
import random
from uuid import UUID

import pytest
from sqlalchemy import text

from services.evidence.library.topics import classification
from tests.evidence.world import ACCOUNT, RESEARCH, EvidenceWorld
from tests.support.callers import EDITOR, NOBODY

PLAIN = """
WITH RECURSIVE down (top, id) AS (
    SELECT id, id FROM topics UNION SELECT down.top, topics.id FROM down JOIN topics ON topics.parent_id = down.id
)
SELECT down.top, way_of_knowing AS way, count(DISTINCT item_id) AS number
FROM down JOIN filings ON topic_id = down.id WHERE published_at IS NOT NULL GROUP BY 1, 2
"""


async def counted(world: EvidenceWorld, *topics: str) -> list[dict[str, int]]:
    async with world.database.session() as session:
        counts = await classification.item_counts(session, [UUID(topic) for topic in topics])
    return [counts[UUID(topic)] for topic in topics]


async def test_counts_follow_what_is_published_withdrawn_filed_otherwise_and_moved(world: EvidenceWorld) -> None:
    carers, prevention = await world.topic("Carers"), await world.topic("Prevention")
    breaks = await world.topic("Breaks", parent=carers)
    assert await counted(world, carers, prevention) == [{}, {}]
    await world.publish(RESEARCH, topics=[carers, breaks])
    account = await world.publish(ACCOUNT, topics=[breaks])
    assert await counted(world, carers, prevention) == [{"research": 1, "lived_experience": 1}, {}]
    path = f"/v1/topics/{breaks}"
    await world.json(EDITOR, "PATCH", path, {"parent_id": prevention}, if_match='"1"')
    assert await counted(world, carers, prevention) == [{"research": 1}, {"research": 1, "lived_experience": 1}]
    await world.json(EDITOR, "POST", f"/v1/evidence/{account}/withdraw")
    assert await counted(world, carers, prevention) == [{"research": 1}, {"research": 1}]
    await world.rows("DELETE FROM filings WHERE topic_id = :topic RETURNING item_id", topic=carers)
    assert await counted(world, carers, prevention) == [{"research": 1}, {"research": 1}]
    async with world.database.transaction() as uow:
        await uow.session.execute(text("DELETE FROM filings WHERE topic_id = :topic"), {"topic": UUID(carers)})
    assert await counted(world, carers, prevention) == [{}, {"research": 1}]
    below = await world.topic("Below", parent=breaks)
    assert (await world.json(NOBODY, "GET", f"/v1/topics/{below}"))["coverage"]["research"] == 0


async def test_what_is_not_committed_is_not_counted_and_once_it_is_the_next_answer_knows(world: EvidenceWorld) -> None:
    topic = await world.topic()
    await world.publish(RESEARCH, topics=[topic])
    async with world.database.engine.connect() as connection:
        await connection.execute(text("UPDATE filings SET published_at = NULL"))
        assert await counted(world, topic) == [{"research": 1}]
        async with world.database.transaction() as uow:
            await classification.sweep_changes(uow.session, min_changes=1)
        assert await counted(world, topic) == [{"research": 1}]
        await connection.commit()
    assert await counted(world, topic) == [{}]


@pytest.mark.alters_schema
async def test_nothing_is_counted_again_while_nothing_changes(world: EvidenceWorld) -> None:
    topic = await world.topic()
    await world.publish(RESEARCH, topics=[topic])
    assert await counted(world, topic) == [{"research": 1}]
    async with world.database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE filings RENAME TO elsewhere"))
    assert await counted(world, topic) == [{"research": 1}]


async def test_answers_are_exact_while_many_file_and_changes_are_swept(world: EvidenceWorld) -> None:
    topics = [await world.topic("Top")]
    topics += [await world.topic(f"Under {n}", parent=topics[0]) for n in range(2)]
    topics += [await world.topic(f"Below {n}", parent=topics[1 + n % 2]) for n in range(4)]
    for n in range(12):
        await world.draft(ACCOUNT, topics=[topics[n % 7]])
    chance = random.Random(7)
    busy = [asyncio.create_task(files(world, topics, chance.random())) for _ in range(3)]
    reading = [asyncio.create_task(reads(world, topics, busy)) for _ in range(2)]
    assert sum(await asyncio.gather(*reading)) > 10
    await asyncio.gather(*busy)
    assert (await world.rows("SELECT max(id) AS last FROM filing_changes WHERE sweep"))[0]["last"]


async def files(world: EvidenceWorld, topics: list[str], seed: float) -> None:
    chance = random.Random(seed)
    for _ in range(40):
        async with world.database.transaction() as uow:
            published_at = chance.choice(["now()", "NULL"])
            topic = chance.choice(topics)
            await uow.session.execute(text("SELECT 1 FROM items ORDER BY id FOR UPDATE"))
            await uow.session.execute(text(f"UPDATE filings SET published_at = {published_at} WHERE random() < 0.3"))  # noqa: S608  SQL of ours
            await uow.session.execute(
                text(
                    "INSERT INTO filings SELECT id, :topic, way_of_knowing, now() FROM items WHERE random() < 0.3"
                    " ON CONFLICT DO NOTHING"
                ),
                {"topic": UUID(topic)},
            )
            if chance.random() < 0.3:
                await classification.sweep_changes(uow.session, min_changes=2)
            if chance.random() < 0.2:
                await uow.session.rollback()


async def reads(world: EvidenceWorld, topics: list[str], busy: list[asyncio.Task[None]]) -> int:
    """Answers that were compared with a count in the same snapshot."""
    compared = 0
    while not all(task.done() for task in busy):
        async with world.database.session() as session:
            await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            counts = await classification.item_counts(session, [UUID(topic) for topic in topics])
            plain: dict[UUID, dict[str, int]] = {UUID(topic): {} for topic in topics}
            for row in await session.execute(text(PLAIN)):
                plain[row.top][row.way] = row.number
            assert counts == plain
            compared += 1
    return compared
