import pytest

from shared.consumer import NotYet
from shared.contracts.evidence import TopicCreated, TopicPriorityChanged
from shared.tables import new_id
from tests.engagement.world import World


async def test_a_topic_is_kept_with_its_latest_priority(world: World) -> None:
    topic = new_id()
    await world.hears(TopicCreated(topic_id=topic, name="Breaks for carers"), 1)
    for sequence, priority in ((3, 71), (2, 12)):
        await world.hears(TopicPriorityChanged(topic_id=topic, priority=priority, survey_id=new_id()), sequence)
    await world.hears(TopicCreated(topic_id=topic, name="Again"), 1)
    [kept] = await world.rows("SELECT name, priority FROM topics")
    assert kept == {"name": "Breaks for carers", "priority": 71}


async def test_a_priority_of_a_topic_that_has_not_arrived_waits_for_it(world: World) -> None:
    with pytest.raises(NotYet):
        await world.hears(TopicPriorityChanged(topic_id=new_id(), priority=1, survey_id=new_id()), 2)
