"""Queries of bank holidays."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.funding.programme.working_days.tables import BankHoliday


async def list_bank_holidays(session: AsyncSession, day: date) -> set[date]:
    """Return the English bank holidays on and after this day."""
    return set(await session.scalars(select(col(BankHoliday.on)).where(col(BankHoliday.on) >= day)))
