import asyncio
import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from services.engagement.directory.people.rules import StakeholderGroup
from shared import disclosure
from shared.disclosure import DEFAULT_THRESHOLD
from shared.events.contracts.engagement import ResponseReceived, ResultsPublished, SurveyOpened
from tests.engagement.world import QUESTIONS, EngagementWorld
from tests.support.callers import ENGAGEMENT_OFFICER, NOBODY, somebody
from tests.support.settings import FEWEST_SHOWN
from tests.support.world import open_world


async def close(world: EngagementWorld, survey: str) -> None:
    await world.json(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/close")


async def results(world: EngagementWorld, survey: str, by: str = "?by=group") -> dict[str, Any]:
    return await world.json(NOBODY, "GET", f"/v1/surveys/{survey}/results{by}")


async def everyone_answers(world: EngagementWorld, survey: str, group: str, answers: list[dict[str, Any]]) -> None:
    tokens = await world.invite(survey, len(answers), group)
    for token, submitted in zip(tokens, answers, strict=True):
        assert (await world.answer(survey, token, submitted)).status_code == 201


async def test_results_count_scores_ranks_and_choices_by_group(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    carer = {"order": ["a", "b", "c"], "need": {"a": 4}, "ease": 8, "one": "a", "more": "At home, please."}
    other = {"order": ["b"], "need": {"a": 2}, "one": "b"}
    await everyone_answers(world, survey, "unpaid_carers", [carer] * 20)
    await everyone_answers(world, survey, "commissioners", [other] * 15 + [{"one": "a"}] * 2)
    await close(world, survey)
    published = await results(world, survey)
    assert (published["respondents"], published["rounded_to"]) == ({"at_least": 30}, 15)
    questions = {question["id"]: question["measures"] for question in published["questions"]}
    [order] = questions["order"]
    assert {row["group"]: row["points"] for row in order["by_group"]} == {
        "commissioners": {"a": 25.0, "b": 80.0, "c": 25.0},
        "unpaid_carers": {"a": 80.0, "b": 50.0, "c": 20.0},
    }
    [choice] = questions["one"]
    assert [(row["group"], row["counts"]) for row in choice["by_group"]] == [
        ("commissioners", {"a": {"at_least": 0}, "b": {"at_least": 15}}),
        ("unpaid_carers", {"a": {"at_least": 15}, "b": {"at_least": 0}}),
    ]
    [ease] = questions["ease"]
    assert (ease["everyone"]["answered"], ease["everyone"]["mean"]) == ({"at_least": 15}, 8.0)
    assert "At home" not in str(published)
    assert (await results(world, survey, ""))["questions"][3]["measures"][0]["by_group"] == []


async def test_how_few_answered_a_survey_is_not_told_either(world: EngagementWorld) -> None:
    nobody, two = await world.open_survey(), await world.open_survey()
    await everyone_answers(world, two, "researchers", [{"one": "a"}] * 2)
    for survey in (nobody, two):
        await close(world, survey)
    published = await results(world, two)
    assert published["respondents"] == {"fewer_than": 15}
    without_survey = {"survey_id": None, "published_at": None}
    assert published | without_survey == await results(world, nobody) | without_survey


async def test_small_groups_cannot_be_found_by_subtraction(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    sizes = {"unpaid_carers": 19, "commissioners": 14, "researchers": 2}
    for group, size in sizes.items():
        await everyone_answers(world, survey, group, [{"one": "a"}] * size)
    await close(world, survey)
    published = await results(world, survey)
    for table in (published["groups"], published["questions"][3]["measures"][0]):
        assert {row["group"]: row["answered"]["at_least"] for row in table["by_group"]} == {"unpaid_carers": 15}
        assert {"commissioners", "researchers", "policy_makers"} <= {*table["hidden_groups"]}
        assert table["smaller_groups"]["answered"] == {"at_least": 15}
        assert table["everyone"]["answered"] == {"at_least": 30}


@pytest.fixture
def restored_threshold() -> Iterator[None]:
    before = disclosure.threshold()
    yield
    disclosure.set_threshold(before)


@pytest.mark.parametrize("fewest", [FEWEST_SHOWN, DEFAULT_THRESHOLD])
@pytest.mark.usefixtures("restored_threshold")
async def test_the_setting_says_how_few_people_results_hide(world: EngagementWorld, fewest: int) -> None:
    async with open_world(EngagementWorld, world.database.url, fewest_shown=fewest) as restarted:
        await check_results_hide_fewer_than(restarted, fewest)


async def check_results_hide_fewer_than(world: EngagementWorld, fewest: int) -> None:
    step = disclosure.table_step(len(StakeholderGroup))
    survey = await world.open_survey()
    for group, size in {"unpaid_carers": step, "researchers": step - 1}.items():
        await everyone_answers(world, survey, group, [{"one": "a"}] * size)
    await close(world, survey)
    published = await results(world, survey)
    for table in (published["groups"], published["questions"][3]["measures"][0]):
        assert [(row["group"], row["answered"]["at_least"]) for row in table["by_group"]] == [("unpaid_carers", step)]
        assert (table["smaller_groups"], table["everyone"]["answered"]) == (None, {"at_least": step})
    assert (published["fewest_shown"], published["rounded_to"]) == (fewest, step)
    assert published["respondents"] == {"at_least": step}


async def test_the_priorities_of_topics_are_published_with_the_closing(world: EngagementWorld) -> None:
    breaks, pay = await world.topic("Breaks"), await world.topic("Pay")
    options = [{"id": "a", "text": "Breaks", "topic_id": breaks}, {"id": "b", "text": "Pay", "topic_id": pay}]
    survey = await world.open_survey([{"id": "need", "kind": "score", "text": "How urgent?", "options": options}])
    await everyone_answers(world, survey, "unpaid_carers", [{"need": {"a": 4, "b": 2}}] * 15)
    await everyone_answers(world, survey, "researchers", [{"need": {"a": 3, "b": 2}}] * 40)
    await close(world, survey)
    events = await world.events()
    [opened] = [event for event in events if isinstance(event, SurveyOpened)]
    assert set(map(str, opened.topic_ids)) == {breaks, pay}
    [published] = [event for event in events if isinstance(event, ResultsPublished)]
    assert (published.survey_id, published.respondents) == (UUID(survey), 45)
    assert {str(priority.topic_id): priority.score for priority in published.priorities} == {breaks: 63, pay: 25}
    by_group = {
        str(priority.topic_id): [(group.group, group.score, group.people) for group in priority.by_group]
        for priority in published.priorities
    }
    assert by_group[breaks] == [("researchers", 50, 30), ("unpaid_carers", 75, 15)]
    [order] = await world.rows(
        "SELECT array_agg(sequence ORDER BY id) AS sequences FROM outbox WHERE topic = 'engagement.surveys'"
    )
    assert order["sequences"] == [2, 3]


async def test_an_answer_that_races_with_the_closing_is_counted_or_refused(world: EngagementWorld) -> None:
    groups = [{"group": "unpaid_carers"}, {"group": "researchers", "admission": "signed_in"}]
    survey = await world.open_survey(groups=groups)
    tokens = await world.invite(survey, 120)
    people = [somebody() for _ in range(40)]
    body = {"group": "researchers", "answers": {"one": "a"}}
    path = f"/v1/surveys/{survey}"

    async def later(seconds: float, call: Any) -> int:
        await asyncio.sleep(seconds)
        return (await call()).status_code

    calls: list[Any] = [lambda token=token: world.answer(survey, token, {"one": "a"}) for token in tokens]
    calls += [lambda me=me: world.call(me, "POST", f"{path}/responses", body) for me in people]
    chance = random.Random(3)
    answering = [later(chance.random() * 0.6, call) for call in calls]
    statuses = await asyncio.gather(
        *answering, later(0.3, lambda: world.call(ENGAGEMENT_OFFICER, "POST", f"{path}/close"))
    )
    accepted = statuses[:-1].count(201)
    assert statuses[-1] == 200
    assert accepted + statuses[:-1].count(409) == len(calls)
    by_kind = (statuses[:120].count(201), statuses[120:-1].count(201))
    at_least = sum(number - number % 15 for number in by_kind)
    assert (await results(world, survey, ""))["respondents"] == {"at_least": at_least}
    [counts] = await world.rows("SELECT count(*) AS n FROM responses")
    assert counts["n"] == accepted
    assert len([event for event in await world.events() if isinstance(event, ResponseReceived)]) == accepted


async def test_an_invitation_issued_while_the_survey_closes_is_void_or_refused(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    body = {"group": "researchers", "count": 50}
    issuing = [world.call(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/invitations", body) for _ in range(6)]
    responses = await asyncio.gather(*issuing, world.call(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/close"))
    assert {response.status_code for response in responses} <= {200, 201, 409}
    assert await world.rows("SELECT 1 FROM invitations") == []


async def test_a_survey_closes_once_and_has_no_results_before(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    early = await world.call(NOBODY, "GET", f"/v1/surveys/{survey}/results")
    assert (early.status_code, early.json()["title"]) == (409, "There are no results yet")
    path = f"/v1/surveys/{survey}/close"
    responses = await asyncio.gather(*(world.call(ENGAGEMENT_OFFICER, "POST", path) for _ in range(3)))
    assert sorted(response.status_code for response in responses) == [200, 409, 409]
    assert len([event for event in await world.events() if isinstance(event, ResultsPublished)]) == 1


@pytest.mark.parametrize("caller", [NOBODY, somebody()])
async def test_only_an_engagement_officer_closes(world: EngagementWorld, caller: Any) -> None:
    survey = await world.open_survey()
    response = await world.call(caller, "POST", f"/v1/surveys/{survey}/close")
    assert response.status_code == (401 if caller is NOBODY else 403)


async def test_results_can_be_read_again_without_being_sent_again(world: EngagementWorld) -> None:
    survey = await world.open_survey(QUESTIONS)
    await close(world, survey)
    first = await world.call(NOBODY, "GET", f"/v1/surveys/{survey}/results")
    again = await world.call(NOBODY, "GET", f"/v1/surveys/{survey}/results", **{"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again.headers["Cache-Control"] == "public, max-age=300"
