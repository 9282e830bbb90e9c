"""Fetching one row by its primary key, with the problem to raise where there is none."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from shared.problems import Problem

Model = TypeVar("Model", bound=SQLModel)


async def fetch(
    session: AsyncSession,
    model: type[Model],
    id: UUID,
    *,
    missing: type[Problem],
    lock: bool = False,
    key_share: bool = False,
) -> Model:
    """Return the row with this primary key. Raises `missing`.

    `lock` holds the row until the transaction ends (FOR UPDATE) and reads it anew; with `key_share`, rows that refer to
    it may still be added meanwhile (FOR NO KEY UPDATE).
    """
    locking = {"key_share": key_share} if lock or key_share else None
    row = await session.get(model, id, with_for_update=locking, populate_existing=locking is not None)
    if row is None:
        raise missing
    return row
