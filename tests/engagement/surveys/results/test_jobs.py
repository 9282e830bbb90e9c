import asyncio
from datetime import timedelta
from uuid import UUID

from services.engagement.surveys.results.jobs import close_overdue_survey, close_overdue_surveys
from services.engagement.surveys.surveys.queries import share_survey
from shared import clock
from shared.events.contracts.engagement import ResultsPublished
from tests.engagement.world import EngagementWorld


async def last_day(world: EngagementWorld, survey: str, days_ago: int) -> None:
    """As if the survey had been opened long ago."""
    async with world.database.transaction() as uow:
        connection = await uow.session.connection()
        day = clock.today() - timedelta(days=days_ago)
        await connection.exec_driver_sql("UPDATE surveys SET closes_on = $1 WHERE id = $2", (day, survey))


async def test_a_survey_closes_by_itself_after_its_last_day_and_not_before(world: EngagementWorld) -> None:
    over, today, open_ended = [await world.open_survey() for _ in range(3)]
    await last_day(world, over, 1)
    await last_day(world, today, 0)
    assert await close_overdue_survey(world.database)
    assert not await close_overdue_survey(world.database)
    statuses = {str(row["id"]): row["status"] for row in await world.rows("SELECT id, status FROM surveys")}
    assert statuses == {over: "closed", today: "open", open_ended: "open"}


async def test_several_workers_close_each_survey_once(world: EngagementWorld) -> None:
    surveys = [await world.open_survey() for _ in range(4)]
    for survey in surveys:
        await last_day(world, survey, 1)
    stop = asyncio.Event()
    workers = [asyncio.create_task(close_overdue_surveys(world.database, stop)) for _ in range(3)]
    await world.until("SELECT 1 FROM surveys HAVING bool_and(status = 'closed')")
    stop.set()
    await asyncio.gather(*workers)
    closed_ids = [event.survey_id for event in await world.events() if isinstance(event, ResultsPublished)]
    assert sorted(map(str, closed_ids)) == sorted(surveys)


async def test_a_survey_that_is_being_answered_in_that_moment_closes_all_the_same(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    await last_day(world, survey, 1)
    async with world.database.transaction() as uow:
        await share_survey(uow.session, UUID(survey))
        closing = asyncio.create_task(close_overdue_survey(world.database))
        await asyncio.wait([closing], timeout=0.5)
    assert await closing
