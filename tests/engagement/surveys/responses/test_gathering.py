import asyncio

import pytest

from services.engagement.surveys.responses import gathering, queries
from shared.events.contracts.engagement import ResponseReceived
from tests.conftest import FreshDatabase
from tests.engagement.world import EngagementWorld
from tests.support.callers import ENGAGEMENT_OFFICER
from tests.support.world import world_on


async def heard(world: EngagementWorld) -> int:
    return len([event for event in await world.events() if isinstance(event, ResponseReceived)])


async def test_answers_that_arrive_at_once_share_commits_and_each_has_its_event(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    tokens = await world.invite(survey, 60)
    answers = await asyncio.gather(*(world.answer(survey, token) for token in tokens))
    assert {answer.status_code for answer in answers} == {201}
    [kept] = await world.rows("SELECT count(*) AS n, count(DISTINCT xmin::text) AS commits FROM responses")
    assert kept["n"] == 60 == await heard(world)
    assert kept["commits"] < 40
    keys = await world.rows("SELECT key FROM outbox WHERE topic = 'engagement.responses'")
    assert {str(row["key"]) for row in keys} == {answer.json()["id"] for answer in answers}


async def test_an_answer_that_comes_as_the_last_writer_ends_is_kept_too(
    world: EngagementWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "WRITERS", 1)
    survey = await world.open_survey()
    tokens = await world.invite(survey, 20)
    async with asyncio.timeout(10):
        for token in tokens:
            assert (await world.answer(survey, token)).status_code == 201


async def test_the_good_answers_of_a_crowd_are_kept_whatever_the_others_do(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    carers, researchers = await world.invite(survey, 10), await world.invite(survey, 10, "researchers")
    used = await world.invite(survey, 5)
    for token in used:
        await world.answer(survey, token)
    path = f"/v1/surveys/{survey}/responses"
    claimed = {"group": "unpaid_carers", "answers": {"one": "a"}}
    crowd = [
        world.call(ENGAGEMENT_OFFICER, "POST", path, claimed, Invitation=token)
        for token in [*carers, *researchers, *used]
    ]
    statuses = [answer.status_code for answer in await asyncio.gather(*crowd)]
    assert statuses == [201] * 10 + [422] * 10 + [409] * 5
    assert await heard(world) == 15


async def test_what_cannot_be_kept_together_is_kept_alone(
    world: EngagementWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> set[int]:
        raise ValueError("one of them is at fault")

    survey = await world.open_survey()
    tokens = await world.invite(survey, 5)
    monkeypatch.setattr(queries, "keep_together", broken)
    answers = await asyncio.gather(*(world.answer(survey, token) for token in tokens))
    assert {answer.status_code for answer in answers} == {201}
    assert await heard(world) == 5


async def test_two_processes_never_take_the_same_invitation_nor_wait_for_each_other(
    fresh_database: FreshDatabase,
) -> None:
    url = await fresh_database("engagement")
    async with world_on(EngagementWorld, url) as one, world_on(EngagementWorld, url) as other:
        survey = await one.open_survey()
        tokens = await one.invite(survey, 80)
        calls = [world.answer(survey, token) for token in tokens for world in (one, other)]
        calls += [world.answer(survey, token) for token in reversed(tokens) for world in (other, one)]
        statuses = [answer.status_code for answer in await asyncio.gather(*calls)]
        assert (statuses.count(201), statuses.count(409)) == (80, 240)
        [kept] = await one.rows("SELECT count(*) AS n FROM responses")
        assert kept["n"] == 80 == await heard(one)


@pytest.mark.alters_schema
async def test_what_the_database_refuses_is_told_by_name_alone(
    world: EngagementWorld, caplog: pytest.LogCaptureFixture
) -> None:
    survey = await world.open_survey()
    [token] = await world.invite(survey)
    async with world.database.transaction() as uow:
        connection = await uow.session.connection()
        await connection.exec_driver_sql("ALTER TABLE responses ADD CONSTRAINT nothing_fits CHECK (id IS NULL)")
    response = await world.answer(survey, token, {"more": "Mrs Example told us"})
    assert response.status_code == 500
    assert "nothing_fits" in caplog.text
    assert "Mrs Example" not in caplog.text + response.text
