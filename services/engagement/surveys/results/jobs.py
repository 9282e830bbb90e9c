"""The job that closes surveys when their last day is over."""

import asyncio
from datetime import timedelta

from services.engagement.surveys.results import commands
from shared.persistence.database import Database
from shared.waiting import repeat_until

CHECK_INTERVAL = timedelta(minutes=1)


async def close_overdue_surveys(database: Database, stop: asyncio.Event) -> None:
    """Close each overdue survey within a minute. Several workers may run this: one of them closes each survey."""

    async def close_one() -> bool:
        return await close_overdue_survey(database)

    await repeat_until(stop, close_one, interval=CHECK_INTERVAL.total_seconds())


async def close_overdue_survey(database: Database) -> bool:
    """Close one overdue survey in a transaction of its own. Returns whether there was one."""
    async with database.transaction() as uow:
        return await commands.close_overdue_survey(uow)
