import asyncio
from typing import Any

import httpx
import pytest

from services.engagement.surveys.responses import writers
from services.engagement.surveys.responses.statements import STORE_INVITED_UNLOCKED
from services.engagement.surveys.responses.writers import BatchWriter
from shared.events.contracts.engagement import ResponseReceived
from shared.persistence.statement_executor import StatementExecutor
from tests.conftest import FreshDatabase
from tests.engagement.world import EngagementWorld
from tests.support.callers import ENGAGEMENT_OFFICER, NOBODY
from tests.support.world import open_world


async def published_events(world: EngagementWorld) -> int:
    return len([event for event in await world.events() if isinstance(event, ResponseReceived)])


async def test_responses_that_arrive_at_once_share_commits_and_each_has_its_event(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    tokens = await world.invite(survey, 60)
    submissions = await asyncio.gather(*(world.answer(survey, token) for token in tokens))
    assert {response.status_code for response in submissions} == {201}
    [counts] = await world.rows("SELECT count(*) AS n, count(DISTINCT xmin::text) AS commits FROM responses")
    assert counts["n"] == 60 == await published_events(world)
    assert counts["commits"] < 40
    keys = await world.rows("SELECT key FROM outbox WHERE topic = 'engagement.responses'")
    assert {str(row["key"]) for row in keys} == {response.json()["id"] for response in submissions}


async def test_a_response_that_arrives_as_the_last_batch_ends_is_stored_too(
    world: EngagementWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "MAX_CONCURRENT_BATCHES", 1)
    survey = await world.open_survey()
    tokens = await world.invite(survey, 20)
    async with asyncio.timeout(10):
        for token in tokens:
            assert (await world.answer(survey, token)).status_code == 201


async def test_the_valid_responses_of_a_crowd_are_stored_whatever_becomes_of_the_others(world: EngagementWorld) -> None:
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
    statuses = [response.status_code for response in await asyncio.gather(*crowd)]
    assert statuses == [201] * 10 + [422] * 10 + [409] * 5
    assert await published_events(world) == 15


async def test_responses_with_and_without_an_idempotency_key_share_commits_and_each_key_repeats_its_own(
    world: EngagementWorld,
) -> None:
    survey = await world.open_survey()
    path, body = f"/v1/surveys/{survey}/responses", {"answers": {"one": "a"}}
    headers = [{"Invitation": token} for token in await world.invite(survey, 60)]
    keyed = [{**header, "Idempotency-Key": f'"{number}"'} for number, header in enumerate(headers[::2])]

    async def submit(requests: list[dict[str, str]]) -> list[httpx.Response]:
        return await asyncio.gather(*(world.call(NOBODY, "POST", path, body, **request) for request in requests))

    first, plain = await asyncio.gather(submit(keyed), submit(headers[1::2]))
    assert {response.status_code for response in [*first, *plain]} == {201}
    [counts] = await world.rows("SELECT count(*) AS n, count(DISTINCT xmin::text) AS commits FROM responses")
    assert counts["n"] == 60 == await published_events(world)
    assert counts["commits"] < 40
    assert len(await world.rows("SELECT 1 FROM idempotency_records")) == 30
    again = await submit(keyed)
    assert [response.content for response in again] == [response.content for response in first]
    assert {response.headers["Idempotency-Replayed"] for response in again} == {"true"}


@pytest.mark.parametrize(("answer", "status"), [("a", 201), ("b", 422)])
async def test_a_repeat_that_comes_before_the_first_is_stored_is_treated_as_one_that_comes_after(
    world: EngagementWorld, monkeypatch: pytest.MonkeyPatch, answer: str, status: int
) -> None:
    survey = await world.open_survey()
    [token] = await world.invite(survey)
    write, first_writes, both_write = BatchWriter.write, asyncio.Event(), asyncio.Barrier(2)

    async def write_and_note(self: BatchWriter, *submission: Any) -> bool:
        first_writes.set()
        await both_write.wait()
        return await write(self, *submission)

    async def submit(answer: str) -> httpx.Response:
        path, body = f"/v1/surveys/{survey}/responses", {"answers": {"one": answer}}
        return await world.call(NOBODY, "POST", path, body, Invitation=token, **{"Idempotency-Key": '"a key"'})

    monkeypatch.setattr(BatchWriter, "write", write_and_note)
    async with asyncio.timeout(10):
        first = asyncio.create_task(submit("a"))
        await first_writes.wait()
        submissions = await asyncio.gather(first, submit(answer))
    assert sorted(response.status_code for response in submissions) == [201, status]
    assert len({response.content for response in submissions}) == (1 if status == 201 else 2)
    assert len(await world.rows("SELECT 1 FROM responses")) == 1 == await published_events(world)


async def test_a_repeat_that_finds_the_survey_closed_in_between_gets_the_first_response(
    world: EngagementWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = await world.open_survey()
    [token] = await world.invite(survey)
    write, first_writes, repeat_writes, closed = BatchWriter.write, asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def write_repeat_last(self: BatchWriter, *submission: Any) -> bool:
        if not first_writes.is_set():
            first_writes.set()
            await repeat_writes.wait()
        else:
            repeat_writes.set()
            await closed.wait()
        return await write(self, *submission)

    async def submit() -> httpx.Response:
        path, body = f"/v1/surveys/{survey}/responses", {"answers": {"one": "a"}}
        return await world.call(NOBODY, "POST", path, body, Invitation=token, **{"Idempotency-Key": '"a key"'})

    monkeypatch.setattr(BatchWriter, "write", write_repeat_last)
    async with asyncio.timeout(10):
        first = asyncio.create_task(submit())
        await first_writes.wait()
        repeat = asyncio.create_task(submit())
        response = await first
        await world.json(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/close")
        closed.set()
        repeated = await repeat
    assert (response.status_code, repeated.status_code) == (201, 201)
    assert repeated.content == response.content


@pytest.mark.alters_schema
@pytest.mark.parametrize("refusing", ["responses", "idempotency_records", "outbox"])
async def test_a_response_its_event_and_its_idempotency_record_are_stored_together_or_not_at_all(
    world: EngagementWorld, refusing: str
) -> None:
    survey = await world.open_survey()
    [token] = await world.invite(survey)
    path, body = f"/v1/surveys/{survey}/responses", {"answers": {"one": "a"}}
    headers = {"Invitation": token, "Idempotency-Key": '"a key"'}

    async def alter(change: str) -> None:
        async with world.database.engine.begin() as connection:
            await connection.exec_driver_sql(f"ALTER TABLE {refusing} {change}")

    async def stored() -> list[int]:
        rows = [await world.rows(f"SELECT 1 FROM {table}") for table in ("responses", "idempotency_records")]  # noqa: S608  our own names
        return [*map(len, rows), await published_events(world)]

    await alter("ADD CONSTRAINT nothing_fits CHECK (false) NOT VALID")
    assert (await world.call(NOBODY, "POST", path, body, **headers)).status_code == 500
    assert await stored() == [0, 0, 0]
    await alter("DROP CONSTRAINT nothing_fits")
    assert (await world.call(NOBODY, "POST", path, body, **headers)).status_code == 201
    assert await stored() == [1, 1, 1]


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": '"the same of each person"'}])
async def test_responses_of_a_batch_that_fails_are_stored_one_by_one(
    world: EngagementWorld, monkeypatch: pytest.MonkeyPatch, key: dict[str, str]
) -> None:
    execute = StatementExecutor.execute_batch

    async def refuse_batches(self: StatementExecutor, statement: str, *columns: Any, **more: Any) -> set[int]:
        if statement == STORE_INVITED_UNLOCKED:
            raise ValueError("one of them is at fault")
        return await execute(self, statement, *columns, **more)

    survey = await world.open_survey()
    tokens = await world.invite(survey, 5)
    monkeypatch.setattr(StatementExecutor, "execute_batch", refuse_batches)
    path, body = f"/v1/surveys/{survey}/responses", {"answers": {"one": "a"}}
    calls = [world.call(NOBODY, "POST", path, body, Invitation=token, **key) for token in tokens]
    assert {response.status_code for response in await asyncio.gather(*calls)} == {201}
    assert await published_events(world) == 5
    assert len(await world.rows("SELECT 1 FROM idempotency_records")) == (5 if key else 0)


async def test_two_processes_never_take_the_same_invitation_nor_wait_for_each_other(
    fresh_database: FreshDatabase,
) -> None:
    url = await fresh_database("engagement")
    async with open_world(EngagementWorld, url) as first, open_world(EngagementWorld, url) as second:
        survey = await first.open_survey()
        tokens = await first.invite(survey, 80)
        calls = [world.answer(survey, token) for token in tokens for world in (first, second)]
        calls += [world.answer(survey, token) for token in reversed(tokens) for world in (second, first)]
        statuses = [response.status_code for response in await asyncio.gather(*calls)]
        assert (statuses.count(201), statuses.count(409)) == (80, 240)
        [counts] = await first.rows("SELECT count(*) AS n FROM responses")
        assert counts["n"] == 80 == await published_events(first)


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
