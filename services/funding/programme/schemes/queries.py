"""Queries of schemes."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.programme.schemes.tables import Scheme
from shared.persistence.fetch import fetch
from shared.problems import NotFound


class SchemeNotFound(NotFound):
    title = "There is no such scheme"
    detail = "Check the id, or look in /v1/schemes."


def select_schemes() -> SelectOfScalar[Scheme]:
    """Select all schemes."""
    return select_model(Scheme)


async def lock_scheme(session: AsyncSession, scheme_id: UUID) -> Scheme:
    """Return the scheme, and lock its money until the transaction ends. Raises SchemeNotFound.

    The lock is FOR NO KEY UPDATE: rows that refer to the scheme, such as entitlements, may still be added. A stronger
    lock could deadlock with a transaction that adds one while it holds other rows.
    """
    return await fetch(session, Scheme, scheme_id, missing=SchemeNotFound, key_share=True)


async def lock_scheme_by_code(session: AsyncSession, code: str) -> Scheme | None:
    """Return and lock the scheme with this code, as `lock_scheme` does."""
    statement = select(Scheme).where(col(Scheme.code) == code).with_for_update(key_share=True)
    return (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def lock_schemes(session: AsyncSession, scheme_ids: Iterable[UUID]) -> dict[UUID, Scheme]:
    """Return and lock several schemes by id, always in the same order, so that commands do not deadlock."""
    statement = select(Scheme).where(col(Scheme.id).in_(set(scheme_ids))).order_by(col(Scheme.id))
    locking = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    return {scheme.id: scheme for scheme in await session.scalars(locking)}


async def find_scheme_id_by_code(session: AsyncSession, code: str) -> UUID | None:
    """Return the id of the scheme with this code."""
    return await session.scalar(select(col(Scheme.id)).where(col(Scheme.code) == code))
