import asyncio
from uuid import UUID

import pytest

from services.engagement.replicas.topics.handlers import create_topic
from shared.events.contracts.evidence import (
    EvidenceRequestAnswered,
    EvidenceRequestReceived,
    EvidenceRequestWithdrawn,
    TopicChanged,
    TopicCreated,
    TopicPriorityChanged,
)
from shared.messaging.dispatcher import PrerequisiteMissing
from shared.persistence.tables import new_id
from tests.engagement.world import EngagementWorld
from tests.support.callers import ENGAGEMENT_OFFICER, NOBODY


async def test_a_topic_is_stored_with_its_latest_priority(world: EngagementWorld) -> None:
    topic = new_id()
    await world.handle(TopicCreated(topic_id=topic, name="Breaks for carers"), 1)
    for sequence, priority in ((3, 71), (2, 12)):
        changed = TopicPriorityChanged(topic_id=topic, priority=priority, by="survey", source_id=new_id())
        await world.handle(changed, sequence)
    await world.handle(TopicCreated(topic_id=topic, name="Again"), 1)
    [row] = await world.rows("SELECT name, priority FROM topics")
    assert row == {"name": "Breaks for carers", "priority": 71}


async def test_a_priority_of_a_topic_that_has_not_arrived_waits_for_it(world: EngagementWorld) -> None:
    with pytest.raises(PrerequisiteMissing):
        await world.handle(TopicPriorityChanged(topic_id=new_id(), priority=1, by="survey", source_id=new_id()), 2)


async def test_a_priority_is_that_of_the_last_change_whatever_caused_it(world: EngagementWorld) -> None:
    topic = new_id()
    await world.handle(TopicCreated(topic_id=topic, name="Breaks for carers"), 1)
    await world.handle(TopicPriorityChanged(topic_id=topic, priority=71, by="survey", source_id=new_id()), 2)
    await world.handle(TopicPriorityChanged(topic_id=topic, priority=74, by="request", source_id=new_id()), 3)
    await world.handle(TopicChanged(topic_id=topic, name="Breaks"), 4)
    await world.handle(TopicPriorityChanged(topic_id=topic, priority=12, by="time"), 2)
    [row] = await world.rows("SELECT name, priority FROM topics")
    assert row == {"name": "Breaks", "priority": 74}


def question(*topics: UUID, id: UUID | None = None) -> EvidenceRequestReceived:
    return EvidenceRequestReceived(request_id=id or new_id(), topic_ids=topics, urgency="today")


async def open_questions(world: EngagementWorld) -> dict[UUID, int]:
    return {row["id"]: row["open_questions"] for row in await world.rows("SELECT id, open_questions FROM topics")}


async def test_questions_are_counted_whatever_comes_first_and_however_often(world: EngagementWorld) -> None:
    first, second, request_id = new_id(), new_id(), new_id()
    await world.handle(question(first, id=request_id), 1)
    for topic in (first, second):
        await world.handle(TopicCreated(topic_id=topic, name="Breaks"), 1)
    assert await open_questions(world) == {first: 1, second: 0}
    await world.handle(question(first, id=request_id), 1)
    await world.handle(question(second, first), 1)
    assert await open_questions(world) == {first: 2, second: 1}
    await world.handle(question(second, id=request_id), 3)
    assert await open_questions(world) == {first: 1, second: 2}
    await world.handle(EvidenceRequestAnswered(request_id=request_id, item_ids=(), guide_ids=(), within_hours=2), 5)
    await world.handle(question(first, id=request_id), 4)
    assert await open_questions(world) == {first: 1, second: 1}
    await world.handle(question(first, id=request_id), 6)
    await world.handle(EvidenceRequestWithdrawn(request_id=request_id), 7)
    assert await open_questions(world) == {first: 1, second: 1}


async def test_a_topic_and_a_question_about_it_that_arrive_at_once_do_not_miss_each_other(
    world: EngagementWorld,
) -> None:
    topic = new_id()
    async with world.database.transaction() as uow:
        await create_topic(TopicCreated(topic_id=topic, name="Breaks"), uow)
        handling = asyncio.create_task(world.handle(question(topic)))
        await asyncio.wait([handling], timeout=0.5)
    await handling
    assert await open_questions(world) == {topic: 1}


async def test_whoever_plans_an_assembly_sees_what_the_front_line_asks(world: EngagementWorld) -> None:
    planned = await world.plan_assembly()
    path, topic = f"/v1/assemblies/{planned['id']}", UUID(planned["topic"]["id"])
    before = (await world.call(ENGAGEMENT_OFFICER, "GET", path)).headers["ETag"]
    for _ in range(12):
        await world.handle(question(topic))
    changed = await world.call(ENGAGEMENT_OFFICER, "GET", path, **{"If-None-Match": before})
    assert (changed.status_code, changed.json()["open_questions"]) == (200, 12)
    assert (await world.json(NOBODY, "GET", path))["open_questions"] is None
    [item] = (await world.json(NOBODY, "GET", "/v1/assemblies"))["items"]
    assert item["open_questions"] is None, "whoever asks until it changes would know how many others asked"
