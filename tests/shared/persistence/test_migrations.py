"""A new migration holds what the tables declare and the database does not have, and nothing of the other branch."""

import shutil
from pathlib import Path

import asyncpg
import pytest

from shared.persistence.migrations import schema
from tests.conftest import FreshDatabase

pytestmark = pytest.mark.alters_schema


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the service's migrations into a folder, to which a new one may be added."""
    real_versions_of = schema.versions_of
    folder = tmp_path / "versions"
    shutil.copytree(real_versions_of("services.engagement"), folder, ignore=shutil.ignore_patterns("__pycache__"))

    def patched_versions_of(package: str) -> Path:
        return folder if package == "services.engagement" else real_versions_of(package)

    monkeypatch.setattr(schema, "versions_of", patched_versions_of)
    return folder


def _names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("*.py"))


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_new_migration_adds_what_is_missing_and_leaves_the_platforms_tables_alone(
    fresh_database: FreshDatabase, versions: Path
) -> None:
    url = await fresh_database("engagement")
    await _execute(url, "ALTER TABLE assemblies DROP COLUMN place", "ALTER TABLE outbox DROP COLUMN traceparent")
    path = await schema.create_migration("services.engagement", url, "add a place.")
    assert path is not None
    content = path.read_text()
    assert path.parent == versions
    assert path.name.endswith("_add_a_place.py")
    assert content.startswith('"""Add a place."""\n')
    assert "revision: str = 'engagement_add_a_place'" in content
    assert "from alembic import op\n\nrevision" in content
    assert "Alembic" not in content
    assert "down_revision: str | None = 'engagement_doubts'" in content
    assert "op.add_column('assemblies', sa.Column('place'" in content
    assert "outbox" not in content


@pytest.mark.usefixtures("versions")
async def test_a_written_migration_brings_the_database_to_what_the_tables_declare(
    fresh_database: FreshDatabase,
) -> None:
    url = await fresh_database("engagement")
    await _execute(url, "ALTER TABLE assemblies DROP COLUMN place")
    assert await schema.difference("services.engagement", url) is not None
    assert await schema.is_current("services.engagement", url)
    await schema.create_migration("services.engagement", url, "Add a place")
    assert not await schema.is_current("services.engagement", url)
    await schema.upgrade("services.engagement", url)
    assert await schema.is_current("services.engagement", url)
    assert await schema.difference("services.engagement", url) is None


async def test_no_migration_is_written_where_nothing_differs(fresh_database: FreshDatabase, versions: Path) -> None:
    url, before = await fresh_database("engagement"), _names(versions)
    assert await schema.create_migration("services.engagement", url, "Add nothing") is None
    assert _names(versions) == before


@pytest.mark.usefixtures("versions")
async def test_a_migration_with_the_words_of_another_is_refused(fresh_database: FreshDatabase) -> None:
    url = await fresh_database("engagement")
    with pytest.raises(ValueError, match="engagement_first_schema already"):
        await schema.create_migration("services.engagement", url, "First schema")


@pytest.mark.parametrize(
    ("message", "revision"),
    [
        ("Add receipts", "funding_add_receipts"),
        ("Pay carers' travel: by bus, taxi or car", "funding_pay_carers_travel_by_bus"),
        ("Deinstitutionalisation-and-what-follows", "funding_deinstitutionalisation"),
        ("Disproportionateinstitutionalisation", "funding_disproportionateinstitut"),
    ],
)
def test_a_revision_is_named_after_its_message_in_the_characters_that_alembic_stores(
    message: str, revision: str
) -> None:
    assert schema.revision_id("funding", message) == revision
    assert len(revision) <= 32


async def test_the_platforms_tables_are_migrated_without_a_service(fresh_database: FreshDatabase) -> None:
    url = await fresh_database("gateway")
    await _execute(url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    await schema.upgrade(schema.PLATFORM, url)
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()
    assert {row["tablename"] for row in tables} == {*schema.platform_metadata.tables, "alembic_version"}
