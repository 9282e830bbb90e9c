from uuid import UUID

from shared.contracts.engagement import ResultsPublished, TopicPriority
from shared.contracts.evidence import TopicPriorityChanged
from shared.tables import new_id
from tests.evidence.world import NOBODY, World


def results(scores: dict[str, int], respondents: int, survey: UUID | None = None) -> ResultsPublished:
    priorities = tuple(TopicPriority(topic_id=UUID(topic), score=score) for topic, score in scores.items())
    return ResultsPublished(survey_id=survey or new_id(), respondents=respondents, priorities=priorities)


async def test_results_change_the_priority_of_topics_and_say_how_it_was_reached(world: World) -> None:
    breaks, sleep = await world.topic("Breaks"), await world.topic("Sleep")
    first = results({breaks: 90, sleep: 40}, 300)
    await world.hears(first)
    await world.hears(results({breaks: 10}, 100))
    topic = await world.done(NOBODY, "GET", f"/v1/topics/{breaks}")
    assert topic["priority"] == 70
    assert "weighted" in topic["reached"]["rule"]
    assert [(v["score"], v["respondents"]) for v in topic["reached"]["voices"]] == [(10, 100), (90, 300)]
    assert (await world.done(NOBODY, "GET", f"/v1/topics/{sleep}"))["priority"] == 40
    told = [event for event in await world.events() if isinstance(event, TopicPriorityChanged)]
    assert {(str(e.topic_id), e.priority) for e in told} == {(breaks, 90), (sleep, 40), (breaks, 70)}
    assert told[0].survey_id == first.survey_id


async def test_the_same_results_twice_change_nothing(world: World) -> None:
    topic = await world.topic()
    heard, event_id = results({topic: 90}, 300), new_id()
    await world.hears(heard, id=event_id)
    before = await world.rows("SELECT * FROM topics")
    await world.hears(heard, id=event_id)
    await world.hears(heard)
    assert await world.rows("SELECT * FROM topics") == before


async def test_the_priority_does_not_depend_on_which_survey_is_heard_of_first(world: World) -> None:
    one, other = await world.topic("One"), await world.topic("Other")
    for order, topic in (((80, 10), (20, 30)), one), (((20, 30), (80, 10)), other):
        for score, respondents in order:
            await world.hears(results({topic: score}, respondents))
    found = await world.rows("SELECT priority FROM topics")
    assert [row["priority"] for row in found] == [35, 35]


async def test_topics_that_are_not_ours_are_passed_over(world: World) -> None:
    await world.hears(results({str(new_id()): 90}, 300))
    assert await world.rows("SELECT * FROM priority_voices") == []
