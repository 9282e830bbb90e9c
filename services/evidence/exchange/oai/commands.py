"""Assign datestamps to the records that changed."""

from services.evidence.exchange.oai import datestamps
from shared.persistence.database import Database


async def stamp_batch(database: Database) -> int:
    """Assign datestamps to one batch. Returns how many changes it consumed."""
    if not await datestamps.has_changes(database):
        return 0
    async with database.transaction() as uow:
        return await datestamps.assign_datestamps(uow.session)


async def stamp_all(database: Database) -> None:
    """Assign datestamps until no change is left."""
    while await stamp_batch(database):
        pass
