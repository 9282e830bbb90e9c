from shared.persistence.migrations import environment
from tests.conftest import FreshDatabase


async def test_a_migrated_database_is_what_the_tables_say(fresh_database: FreshDatabase) -> None:
    assert await environment.difference("services.engagement", await fresh_database("engagement")) is None
