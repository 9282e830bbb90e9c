"""SQL of identifiers and fingerprints: which works the library has, and the lock under which one is added."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import String, delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.library.items.identifiers.rules import KnownWorks, Name
from services.evidence.library.items.tables import Item, identifiers
from shared.persistence.columns import in_array


async def save_identifiers(session: AsyncSession, item_id: UUID, names: Sequence[Name]) -> None:
    """Store these identifiers for the item and no others."""
    await session.execute(delete(identifiers).where(identifiers.c.item_id == item_id))
    if names:
        rows = [{"scheme": scheme, "value": value, "item_id": item_id} for scheme, value in names]
        await session.execute(insert(identifiers), rows)


async def lock_works(session: AsyncSession) -> None:
    """Let nobody else add a work until this transaction ends: two descriptions of one work cannot both be new."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('evidence works'))"))


_BY_IDENTIFIER = text(
    "SELECT scheme, value, item_id FROM identifiers"
    " JOIN unnest(CAST(:schemes AS varchar[]), CAST(:values AS varchar[])) AS names (scheme, value)"
    " USING (scheme, value)"
)


async def known_works(session: AsyncSession, names: Collection[Name], fingerprints: Collection[str]) -> KnownWorks:
    """Return the works with one of these identifiers or fingerprints. A merged one is represented by its survivor."""
    works = KnownWorks()
    if names:
        schemes, values = zip(*names, strict=True)
        for row in await session.execute(_BY_IDENTIFIER, {"schemes": list(schemes), "values": list(values)}):
            works.by_name[row.scheme, row.value] = row.item_id
    if fingerprints:
        survivor_id = func.coalesce(col(Item.merged_into), col(Item.id))
        statement = (
            select(survivor_id.label("id"), col(Item.fingerprint), identifiers.c.scheme, identifiers.c.value)
            .outerjoin(identifiers, identifiers.c.item_id == survivor_id)
            .where(in_array(col(Item.fingerprint), fingerprints, String))
        )
        for row in await session.execute(statement):
            works.add(row.id, row.fingerprint, [(row.scheme, row.value)] if row.scheme else [])
    return works
