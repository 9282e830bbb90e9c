import pytest
from sqlalchemy.engine import make_url

from deploy.engines.postgres import Cluster
from shared.database import Database
from shared.problems import NotReady


async def test_a_database_that_takes_nobody_right_now_is_waited_for(diary_url: str, postgres_cluster: Cluster) -> None:
    database = Database(diary_url, "diary")
    postgres_cluster.sql(f"ALTER DATABASE {make_url(diary_url).database} CONNECTION LIMIT 0")
    try:
        with pytest.raises(NotReady):
            await database.at_once.read("SELECT 1")
    finally:
        await database.close()
