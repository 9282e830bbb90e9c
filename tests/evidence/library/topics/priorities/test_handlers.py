from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.library.topics import details
from services.evidence.library.topics.classification import item_counts
from services.evidence.library.topics.priorities.jobs import apply_pending_mentions, recalculate_all
from shared import clock
from shared.events.contracts.engagement import (
    AssemblyPlanned,
    AttendanceRecorded,
    GroupScore,
    ResultsPublished,
    TopicPriority,
)
from shared.events.contracts.evidence import (
    EvidenceRequestClosed,
    EvidenceRequestReceived,
    EvidenceRequestWithdrawn,
    TopicPriorityChanged,
)
from shared.events.event import Event
from shared.persistence.tables import new_id
from tests.evidence.world import EvidenceWorld
from tests.support.callers import NOBODY


def results(scores: dict[str, int], respondents: int, survey: UUID | None = None) -> ResultsPublished:
    priorities = tuple(TopicPriority(topic_id=UUID(topic), score=score) for topic, score in scores.items())
    return ResultsPublished(survey_id=survey or new_id(), respondents=respondents, priorities=priorities)


async def test_results_change_the_priority_of_topics_and_say_how_it_was_reached(world: EvidenceWorld) -> None:
    breaks, sleep = await world.topic("Breaks"), await world.topic("Sleep")
    first = results({breaks: 90, sleep: 40}, 300)
    await world.handle(first)
    await world.handle(results({breaks: 10}, 100))
    topic = await world.json(NOBODY, "GET", f"/v1/topics/{breaks}")
    assert topic["priority"] == 70
    assert "weighted" in topic["priority_basis"]["rule"]
    assert [(v["score"], v["respondents"]) for v in topic["priority_basis"]["surveys"]] == [(10, 100), (90, 300)]
    assert (await world.json(NOBODY, "GET", f"/v1/topics/{sleep}"))["priority"] == 40
    events = [event for event in await world.events() if isinstance(event, TopicPriorityChanged)]
    assert {(str(e.topic_id), e.priority) for e in events} == {(breaks, 90), (sleep, 40), (breaks, 70)}
    assert (events[0].by, events[0].source_id) == ("survey", first.survey_id)


async def test_a_group_that_answered_another_survey_in_small_number_is_not_drowned(world: EvidenceWorld) -> None:
    topic = await world.topic()
    carers = GroupScore(group="unpaid_carers", score=90, people=120)
    practitioners = GroupScore(group="frontline_practitioners", score=10, people=5)
    for group in (carers, practitioners):
        priority = TopicPriority(topic_id=UUID(topic), score=group.score, by_group=(group,))
        await world.handle(ResultsPublished(survey_id=new_id(), respondents=group.people, priorities=(priority,)))
    view = await world.json(NOBODY, "GET", f"/v1/topics/{topic}")
    assert view["priority"] == 50
    surveys = view["priority_basis"]["surveys"]
    assert [survey["by_group"] for survey in surveys] == [[practitioners.model_dump()], [carers.model_dump()]]


async def test_a_priority_and_its_basis_are_of_one_moment(
    world: EvidenceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = await world.topic()

    async def results_arrive_meanwhile(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
        await world.handle(results({topic: 90}, 300))
        return await item_counts(session, ids)

    monkeypatch.setattr(details, "item_counts", results_arrive_meanwhile)
    view = await world.json(NOBODY, "GET", f"/v1/topics/{topic}")
    assert (view["priority"], view["priority_basis"]["surveys"]) == (None, [])
    monkeypatch.undo()
    view = await world.json(NOBODY, "GET", f"/v1/topics/{topic}")
    assert (view["priority"], [voice["score"] for voice in view["priority_basis"]["surveys"]]) == (90, [90])


async def test_the_same_results_twice_change_nothing(world: EvidenceWorld) -> None:
    topic = await world.topic()
    survey_results, event_id = results({topic: 90}, 300), new_id()
    await world.handle(survey_results, id=event_id)
    before = await world.rows("SELECT * FROM topics")
    await world.handle(survey_results, id=event_id)
    await world.handle(survey_results)
    assert await world.rows("SELECT * FROM topics") == before


async def test_the_priority_does_not_depend_on_which_survey_is_heard_of_first(world: EvidenceWorld) -> None:
    first, other = await world.topic("One"), await world.topic("Other")
    for order, topic in (((80, 10), (20, 30)), first), (((20, 30), (80, 10)), other):
        for score, respondents in order:
            await world.handle(results({topic: score}, respondents))
    rows = await world.rows("SELECT priority FROM topics")
    assert [row["priority"] for row in rows] == [35, 35]


async def test_topics_that_are_not_ours_are_passed_over(world: EvidenceWorld) -> None:
    await world.handle(results({str(new_id()): 90}, 300))
    assert await world.rows("SELECT * FROM survey_scores") == []


def planned(topic: str, assembly: UUID, held_on: date | None = None) -> AssemblyPlanned:
    return AssemblyPlanned(
        assembly_id=assembly,
        topic_id=UUID(topic),
        held_on=held_on or clock.today(),
        places=20,
        expected_cost_pence=1,
        scheme="participation",
    )


def attended(
    assembly: UUID, took_part: bool = True, registration: UUID | None = None, person: UUID | None = None
) -> AttendanceRecorded:
    return AttendanceRecorded(
        registration_id=registration or new_id(),
        assembly_id=assembly,
        person_id=person or new_id(),
        attended=took_part,
        held_on=clock.today(),
        minutes=60,
        scheme="participation",
    )


def question(*topics: str, id: UUID | None = None) -> EvidenceRequestReceived:
    return EvidenceRequestReceived(
        request_id=id or new_id(), topic_ids=tuple(UUID(topic) for topic in topics), urgency="today"
    )


async def priorities(world: EvidenceWorld) -> dict[str, int | None]:
    return {row["name"]: row["priority"] for row in await world.rows("SELECT name, priority FROM topics")}


async def recalculated(world: EvidenceWorld) -> dict[str, int | None]:
    """Return the priorities when the worker has included what is pending."""
    await apply_pending_mentions(world.database)
    return await priorities(world)


async def last_priority_event(world: EvidenceWorld) -> TopicPriorityChanged:
    return [event for event in await world.events() if isinstance(event, TopicPriorityChanged)][-1]


async def test_who_takes_part_in_an_assembly_raises_its_topic_whatever_arrives_first(world: EvidenceWorld) -> None:
    breaks, pay = await world.topic("Breaks"), await world.topic("Pay")
    first, other, gone = new_id(), new_id(), new_id()
    await world.handle(results({breaks: 40, pay: 40}, 20))
    for _ in range(19):
        await world.handle(attended(first))
    await world.handle(planned(breaks, first))
    await world.handle(planned(pay, other))
    await world.handle(attended(other, registration=gone))
    await world.handle(attended(other, took_part=False, registration=gone))
    # All who took part did so in one on breaks, and one topic alone was raised: the average, which is 50. Nineteen are
    # at least ten, and weigh as ten.
    assert await priorities(world) == {"Breaks": 40, "Pay": 40}
    assert await recalculated(world) == {"Breaks": 43, "Pay": 40}
    event = await last_priority_event(world)
    assert (str(event.topic_id), event.priority, event.by, event.source_id) == (breaks, 43, "assembly", first)
    mentions = (await world.json(NOBODY, "GET", f"/v1/topics/{breaks}"))["priority_basis"]["mentions"]
    assert mentions == [{"source": "assemblies", "score": 50, "people": {"at_least": 10}, "counted": True}]


async def test_the_more_assemblies_the_coarser_their_sum(world: EvidenceWorld) -> None:
    """How many took part in each is public too, so that the sum of many would tell of one what is hidden."""
    breaks = await world.topic("Breaks")
    for number, assembly in enumerate([new_id() for _ in range(6)], 1):
        await world.handle(planned(breaks, assembly))
        for _ in range(2 * number):
            await world.handle(attended(assembly))
    await recalculated(world)
    [mention] = (await world.json(NOBODY, "GET", f"/v1/topics/{breaks}"))["priority_basis"]["mentions"]
    assert mention["people"] == {"at_least": 30}, "of 42 in six assemblies, with a threshold of 5"


async def test_whoever_attends_several_assemblies_on_a_topic_counts_once(world: EvidenceWorld) -> None:
    breaks, pay = await world.topic("Breaks"), await world.topic("Pay")
    people = [new_id() for _ in range(16)]
    for topic in (breaks, breaks, breaks, pay):
        await world.handle(planned(topic, assembly := new_id()))
        for person in people:
            await world.handle(attended(assembly, person=person))
    # The same sixteen people on both topics: each is raised as often as the average.
    assert await recalculated(world) == {"Breaks": 50, "Pay": 50}
    for topic in (breaks, pay):
        mentions = (await world.json(NOBODY, "GET", f"/v1/topics/{topic}"))["priority_basis"]["mentions"]
        assert mentions == [{"source": "assemblies", "score": 50, "people": {"at_least": 10}, "counted": True}]


async def test_questions_raise_their_topics_once_each_and_not_when_taken_back(world: EvidenceWorld) -> None:
    breaks, pay = await world.topic("Breaks"), await world.topic("Pay")
    requests = [new_id() for _ in range(11)]
    for request in requests:
        await world.handle(question(breaks, id=request))
        await world.handle(question(breaks, id=request))
    assert await recalculated(world) == {"Breaks": 50, "Pay": None}
    # Filed elsewhere: nine are too few.
    for request in requests[:2]:
        await world.handle(question(pay, id=request))
    assert await recalculated(world) == {"Breaks": None, "Pay": None}
    event = await last_priority_event(world)
    assert (str(event.topic_id), event.priority, event.by, event.source_id) == (breaks, None, "request", requests[1])
    for request in requests[:2]:
        await world.handle(question(breaks, pay, id=request))
    await world.handle(EvidenceRequestClosed(request_id=requests[5], used=True))
    assert (await recalculated(world))["Breaks"] is not None
    for request in requests[4:]:
        await world.handle(EvidenceRequestWithdrawn(request_id=request))
    assert (await recalculated(world))["Breaks"] is None
    few = (await world.json(NOBODY, "GET", f"/v1/topics/{breaks}"))["priority_basis"]["mentions"]
    assert few == [], "as of a topic that nobody raised"


async def test_a_topic_has_a_priority_once_enough_raise_it_and_says_how_many_that_is(
    world: EvidenceWorld, fewest_shown: int
) -> None:
    topic = await world.topic()
    for _ in range(2 * fewest_shown - 1):
        await world.handle(question(topic))
    for priority, mentions in (
        (None, []),
        (50, [{"source": "requests", "score": 50, "people": {"at_least": 2 * fewest_shown}, "counted": True}]),
    ):
        await recalculated(world)
        basis = (details := await world.json(NOBODY, "GET", f"/v1/topics/{topic}"))["priority_basis"]
        assert (details["priority"], basis["mentions"]) == (priority, mentions)
        assert f"fewer than {2 * fewest_shown} people" in basis["rule"]
        await world.handle(question(topic))


async def test_what_was_raised_a_year_ago_no_longer_counts(world: EvidenceWorld) -> None:
    breaks, assembly = await world.topic("Breaks"), new_id()
    await world.handle(planned(breaks, assembly, clock.today() - timedelta(days=364)))
    for _ in range(10):
        await world.handle(attended(assembly))
    assert await recalculated(world) == {"Breaks": 50}
    async with world.database.transaction() as uow:
        await uow.session.execute(text("UPDATE topic_mentions SET at = at - interval '2 days'"))
    before = len(await world.events())
    await recalculate_all(world.database)
    assert await priorities(world) == {"Breaks": None}
    event = await last_priority_event(world)
    assert (event.priority, event.by, event.source_id) == (None, "time", None)
    await recalculate_all(world.database)
    assert len(await world.events()) == before + 1


async def test_the_same_voices_in_another_order_make_the_same_priorities(world: EvidenceWorld) -> None:
    topics = {name: await world.topic(name) for name in ("Breaks", "Pay", "Sleep")}
    assembly = new_id()
    voices: list[Event] = [
        results({topics["Breaks"]: 70, topics["Pay"]: 20}, 30),
        planned(topics["Pay"], assembly),
        *(attended(assembly) for _ in range(14)),
        *(question(topics["Sleep"]) for _ in range(16)),
        *(question(topics["Breaks"], topics["Sleep"]) for _ in range(12)),
    ]
    outcomes: list[dict[str, Any]] = []
    for order in (voices, voices[::-1]):
        async with world.database.transaction() as uow:
            await uow.session.execute(text("TRUNCATE topic_mentions, topic_attendances, survey_scores"))
            await uow.session.execute(text("UPDATE topics SET priority = NULL"))
        for event in order:
            await world.handle(event)
        await recalculated(world)
        await recalculate_all(world.database)
        outcomes.append(await priorities(world))
    assert outcomes[0] == outcomes[1]
    assert None not in outcomes[0].values()


async def test_a_score_is_calculated_from_public_numbers_alone(world: EvidenceWorld) -> None:
    breaks, pay = await world.topic("Breaks"), await world.topic("Pay")
    scores: list[Any] = []
    for topic in (breaks, *[breaks] * 9, *[pay] * 4):
        await world.handle(question(topic))
        await recalculated(world)
        scores.append((await world.json(NOBODY, "GET", f"/v1/topics/{breaks}"))["priority_basis"]["mentions"])
    assert scores[9] == scores[-1] != [], "four questions on another topic change nothing"
