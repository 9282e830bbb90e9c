"""Surveys close by themselves when their last day is over."""

import asyncio
import contextlib
from datetime import timedelta

from services.engagement.surveys.results.publishing import close_and_publish
from services.engagement.surveys.surveys.queries import lock_survey_due
from shared import clock
from shared.persistence.unit_of_work import Database

LOOKS_EVERY = timedelta(minutes=1)


async def close_surveys_that_are_due(database: Database, stop: asyncio.Event, *, fewest: int) -> None:
    """A job of the worker: what should have closed yesterday closes within a minute of the new day."""
    while not stop.is_set():
        while await close_one_that_is_due(database, fewest):
            pass
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOKS_EVERY.total_seconds()):
                await stop.wait()


async def close_one_that_is_due(database: Database, fewest: int) -> bool:
    """Whether there was one. Several workers may look at once: each survey is taken by one of them."""
    async with database.transaction() as uow:
        survey = await lock_survey_due(uow.session, clock.today())
        if survey is not None:
            await close_and_publish(uow, survey, fewest)
        return survey is not None
