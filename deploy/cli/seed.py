"""Plant the first figures of the funding service in its empty database."""

from collections.abc import Mapping

from deploy.engines.setup_error import Trouble
from services.funding.programme.first_figures.commands import plant_first_figures
from shared.persistence.unit_of_work import Database


async def seed(env: Mapping[str, str]) -> bool:
    """Add programme, budget, schemes, rates and bank holidays. Returns False where there is a programme already."""
    url = env.get("FUNDING_DATABASE_URL")
    if not url:
        raise Trouble("FUNDING_DATABASE_URL is not set: say where the database of funding is.")
    database = Database(url, "funding", pool=1)
    try:
        async with database.transaction() as uow:
            return await plant_first_figures(uow)
    finally:
        await database.close()
