"""The index on disk: what a killed process leaves, what the next one makes of it, and who may not share it."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from services.evidence.discovery.search.index import jobs, layout, queries
from services.evidence.discovery.search.index.jobs import IndexFollower
from services.evidence.discovery.search.index.layout import WAY_BITS, IndexEntry
from services.evidence.discovery.search.index.search_index import IndexPosition, SearchIndex
from services.evidence.discovery.search.index.search_request import SearchRequest
from services.evidence.discovery.search.query.query_parser import parse
from tests.evidence.world import ACCOUNT, PRACTICE, EvidenceWorld
from tests.support.callers import CARER, EDITOR

ITEMS = 3_000
FILL = f"""
INSERT INTO items (id, way_of_knowing, status, title, summary, country, setting, language, details,
    published_at, identified)
SELECT uuidv7(), 'practice_knowledge', 'published', 'Huddle ' || n, '', 'GB', 'ward', 'en',
    jsonb_build_object('role', 'nurse', 'what_was_done', 'We met at handover.'), now(), false
FROM generate_series(1, {ITEMS}) n
"""  # noqa: S608  our own number
CHILD = """
import asyncio, sys
from pathlib import Path
from services.evidence.discovery.search.index import jobs, queries
from services.evidence.discovery.search.index.search_index import SearchIndex
from shared.persistence.database import Database

queries.MAX_BATCH_CHANGES, jobs.PAGES_PER_COMMIT = 50, 1
index = SearchIndex(Path(sys.argv[2]))
commit = index.commit
index.commit = lambda position: (commit(position), print(index.size, flush=True))
asyncio.run(jobs.IndexFollower(Database(sys.argv[1], "evidence"), index).catch_up())
"""


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[SearchIndex]:
    index = SearchIndex(folder)
    try:
        yield index
    finally:
        index.close()


async def filled(world: EvidenceWorld) -> None:
    async with world.database.engine.begin() as connection:
        await connection.execute(text(FILL))


async def killed_while_indexing(world: EvidenceWorld, folder: Path, commits: int) -> int:
    """How many items the index of a process held when it was killed."""
    arguments = ("-c", CHILD, world.database.url, str(folder))
    child = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert child.stdout is not None
    sizes = [int(await child.stdout.readline()) for _ in range(commits)]
    child.kill()
    assert await child.wait() == -9
    return sizes[-1]


def files_of(folder: Path, kind: str) -> list[Path]:
    return [path for path in folder.glob("0/index/*") if path.name.endswith(kind)]


async def published_ids(world: EvidenceWorld) -> set[str]:
    return {str(row["id"]) for row in await world.rows("SELECT id FROM items WHERE status = 'published'")}


def matching(index: SearchIndex, q: str, limit: int = 10) -> list[str]:
    return index.ids(SearchRequest(parse(q), kind="item"), limit)


def all_of(index: SearchIndex) -> list[str]:
    return matching(index, "nurse OR handover", 2 * ITEMS) + matching(index, "giraffe", ITEMS)


async def test_a_process_killed_while_it_indexes_leaves_nothing_missing_and_nothing_doubled(
    world: EvidenceWorld, tmp_path: Path
) -> None:
    await filled(world)
    committed = await killed_while_indexing(world, tmp_path, commits=4)
    assert 0 < committed < ITEMS
    # Things go on while the process is down: what was indexed and what was not is changed, withdrawn, added.
    ids = [row["id"] for row in await world.rows("SELECT id FROM items ORDER BY id")]
    for item_id in (ids[0], ids[-1]):
        await world.json(EDITOR, "PATCH", f"/v1/evidence/{item_id}", {"title": "Giraffe"}, If_Match="*")
    for item_id in (ids[1], ids[-2]):
        await world.json(EDITOR, "POST", f"/v1/evidence/{item_id}/withdraw")
    await world.publish(PRACTICE, what_was_done="Handover to a nurse.")
    again = await killed_while_indexing(world, tmp_path, commits=6)
    assert committed < again < ITEMS
    async with opened(tmp_path) as index:
        assert index.position.since == 0
        assert index.size >= again
        follower = IndexFollower(world.database, index)
        applied = await follower.catch_up()
        assert 0 < applied < ITEMS - committed + 10
        indexed = all_of(index)
        assert sorted(set(indexed)) == sorted(await published_ids(world))
        assert index.size == ITEMS - 1
        assert set(matching(index, "giraffe")) == {str(ids[0]), str(ids[-1])}


async def test_the_next_process_takes_up_where_the_last_one_stopped(world: EvidenceWorld, tmp_path: Path) -> None:
    await filled(world)
    async with opened(tmp_path) as first:
        assert await IndexFollower(world.database, first).catch_up() == ITEMS
    late = await world.publish(PRACTICE, title="Giraffe")
    async with opened(tmp_path) as second:
        assert second.size == ITEMS
        assert not second.complete
        assert await IndexFollower(world.database, second).catch_up() == 1
        assert second.complete
        assert matching(second, "giraffe") == [late]
    jobs.indexed_entries.set(0)
    async with opened(tmp_path) as third:
        assert await IndexFollower(world.database, third).catch_up() == 0
        assert REGISTRY.get_sample_value("impact_search_items") == ITEMS + 1


async def test_what_was_taken_back_is_in_no_file_once_everything_was_written_anew(
    world: EvidenceWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice = await world.publish(PRACTICE, title="Huddles")
    account = await world.publish(ACCOUNT, account="Quillfeather slept.")
    async with opened(tmp_path) as index:
        follower = IndexFollower(world.database, index)
        await follower.catch_up()
        words = files_of(tmp_path, ".term")
        await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
        await follower.catch_up()
        await follower.rewrite_page()
        assert (index.has(practice), index.has(account), words[0].exists()) == (True, False, True)
    monkeypatch.setattr(jobs, "REWRITE_AFTER_SECONDS", 0)
    monkeypatch.setattr(queries, "MAX_BATCH_CHANGES", 1)
    async with opened(tmp_path) as index:
        follower = IndexFollower(world.database, index)
        await follower.catch_up()
        added = await world.publish(PRACTICE, title="Breaks")
        for _ in range(5):
            await follower.rewrite_page()
            await follower.catch_up()
            assert index.has(practice)
        assert index.position.deleted_words_since is None
        assert (index.has(added), index.size) == (True, 2)
    assert not any(path.exists() for path in words)


@pytest.mark.parametrize(("broken", "flipped"), [("idx", False), ("store", True), ("term", True), ("meta.json", False)])
async def test_a_broken_index_is_thrown_away_and_built_anew(
    world: EvidenceWorld, tmp_path: Path, broken: str, flipped: bool
) -> None:
    item = await world.publish(PRACTICE)
    async with opened(tmp_path) as index:
        await IndexFollower(world.database, index).catch_up()
    damaged = files_of(tmp_path, broken)
    assert damaged
    for path in damaged:
        content = path.read_bytes()
        path.write_bytes(content[:20] + bytes([content[20] ^ 1]) + content[21:] if flipped else content[:7])
    async with opened(tmp_path) as index:
        assert index.size == 0
        assert await IndexFollower(world.database, index).catch_up() == 1
        assert index.has(item)


async def test_an_index_of_another_release_is_built_anew(
    world: EvidenceWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.publish(PRACTICE)
    async with opened(tmp_path) as index:
        await IndexFollower(world.database, index).catch_up()
    monkeypatch.setattr(layout, "LAYOUT_HASH", "another")
    async with opened(tmp_path) as index:
        assert index.size == 0
        assert await IndexFollower(world.database, index).catch_up() == 1


def test_the_layout_hash_covers_the_code_that_decides_what_is_indexed() -> None:
    assert {path.name for path in layout.LAYOUT_FILES} == {
        "layout.py",
        "language.py",
        "queries.py",
        "years.py",
        "attribution.py",
    }


async def test_an_index_of_another_database_is_built_anew(world: EvidenceWorld, tmp_path: Path) -> None:
    async with opened(tmp_path) as index:
        index.apply([IndexEntry(str(UUID(int=1)), WAY_BITS["research"], "From elsewhere")], ())
        index.commit(IndexPosition(database="another", since=7))
    async with opened(tmp_path) as index:
        assert index.size == 1
        await IndexFollower(world.database, index).catch_up()
        assert index.size == 0


@pytest.mark.alters_schema
async def test_a_restore_under_a_running_process_is_noticed(world: EvidenceWorld) -> None:
    survivor, lost = await world.publish(PRACTICE, title="Kept"), await world.publish(PRACTICE, title="Lost")
    index = SearchIndex()
    follower = IndexFollower(world.database, index)
    await follower.catch_up()
    assert index.has(survivor)
    assert index.has(lost)
    async with world.database.engine.begin() as connection:
        for statement in (
            "CREATE TABLE restored (LIKE item_changes INCLUDING ALL)",
            "INSERT INTO restored SELECT * FROM item_changes WHERE item_id <> :lost",
            "DROP TABLE item_changes",
            "ALTER TABLE restored RENAME TO item_changes",
        ):
            await connection.execute(text(statement), {"lost": UUID(lost)} if ":lost" in statement else {})
    await follower.catch_up()
    assert index.has(survivor)
    assert not index.has(lost)


def test_two_processes_on_one_folder_have_a_place_each(tmp_path: Path) -> None:
    first, second = SearchIndex(tmp_path), SearchIndex(tmp_path)
    first.apply([IndexEntry(str(UUID(int=1)), WAY_BITS["research"], "Only here")], ())
    first.commit(IndexPosition())
    assert (first.size, second.size) == (1, 0)
    first.close()
    second.close()
    again = SearchIndex(tmp_path)
    assert again.size == 1
    again.close()


def test_an_index_without_a_folder_leaves_nothing_behind() -> None:
    index = SearchIndex()
    folder = index.folder
    assert folder.is_dir()
    index.close()
    assert not folder.exists()


def test_an_entry_that_is_put_again_is_there_once(tmp_path: Path) -> None:
    index = SearchIndex(tmp_path)
    entry = IndexEntry(str(UUID(int=1)), WAY_BITS["research"], "First")

    def put(title: str, *, commit: bool) -> list[int]:
        index.apply([replace(entry, title=title)], ())
        if commit:
            index.commit(IndexPosition())
        return [index.size, *(len(matching(index, q)) for q in ("first", "second"))]

    assert put("First", commit=False) == [0, 0, 0]
    assert put("Second", commit=True) == [1, 0, 1]
    index.apply((), [entry.id])
    assert put("First", commit=True) == [1, 1, 0]
    index.close()
    index = SearchIndex(tmp_path)
    assert put("Second", commit=True) == [1, 0, 1]
    index.apply([entry], [entry.id])
    index.commit(IndexPosition())
    assert index.size == 0
    index.close()
