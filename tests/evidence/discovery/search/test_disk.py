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

from services.evidence.discovery.search import following, layout, queries
from services.evidence.discovery.search.following import Follower
from services.evidence.discovery.search.index import Position, SearchIndex, Wanted
from services.evidence.discovery.search.layout import VOICE, Entry
from tests.evidence.world import ACCOUNT, PRACTICE, EvidenceWorld
from tests.support.callers import CARER, EDITOR

ITEMS = 3_000
FILL = f"""
INSERT INTO items (id, way_of_knowing, state, title, summary, country, setting, language, details,
    published_at, identified)
SELECT uuidv7(), 'practice_knowledge', 'published', 'Huddle ' || n, '', 'GB', 'ward', 'en',
    jsonb_build_object('role', 'nurse', 'what_was_done', 'We met at handover.'), now(), false
FROM generate_series(1, {ITEMS}) n
"""  # noqa: S608  our own number
CHILD = """
import asyncio, sys
from pathlib import Path
from services.evidence.discovery.search import following, queries
from services.evidence.discovery.search.index import SearchIndex
from shared.persistence.unit_of_work import Database

queries.MOST_AT_ONCE, following.PAGES_A_COMMIT = 50, 1
index = SearchIndex(Path(sys.argv[2]))
show = index.show
index.show = lambda position: (show(position), print(index.size, flush=True))
asyncio.run(following.Follower(Database(sys.argv[1], "evidence"), index).catch_up())
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
    told = [int(await child.stdout.readline()) for _ in range(commits)]
    child.kill()
    assert await child.wait() == -9
    return told[-1]


def files_of(folder: Path, kind: str) -> list[Path]:
    return [path for path in folder.glob("0/index/*") if path.name.endswith(kind)]


async def shown_by(world: EvidenceWorld) -> set[str]:
    return {str(row["id"]) for row in await world.rows("SELECT id FROM items WHERE state = 'published'")}


def all_of(index: SearchIndex) -> list[str]:
    return index.ids(Wanted("nurse OR handover"), 2 * ITEMS) + index.ids(Wanted("giraffe"), ITEMS)


async def test_a_process_killed_while_it_indexes_leaves_nothing_missing_and_nothing_doubled(
    world: EvidenceWorld, tmp_path: Path
) -> None:
    await filled(world)
    held = await killed_while_indexing(world, tmp_path, commits=4)
    assert 0 < held < ITEMS
    # Things go on while the process is down: what was indexed and what was not is changed, withdrawn, added.
    some = [row["id"] for row in await world.rows("SELECT id FROM items ORDER BY id")]
    for each in (some[0], some[-1]):
        await world.done(EDITOR, "PATCH", f"/v1/evidence/{each}", {"title": "Giraffe"}, If_Match="*")
    for each in (some[1], some[-2]):
        await world.done(EDITOR, "POST", f"/v1/evidence/{each}/withdraw")
    await world.publish(PRACTICE, what_was_done="Handover to a nurse.")
    again = await killed_while_indexing(world, tmp_path, commits=6)
    assert held < again < ITEMS
    async with opened(tmp_path) as index:
        assert index.position.since == 0
        assert index.size >= again
        follower = Follower(world.database, index)
        applied = await follower.catch_up()
        assert 0 < applied < ITEMS - held + 10
        indexed = all_of(index)
        assert sorted(set(indexed)) == sorted(await shown_by(world))
        assert index.size == ITEMS - 1
        assert set(index.ids(Wanted("giraffe"), 10)) == {str(some[0]), str(some[-1])}


async def test_the_next_process_takes_up_where_the_last_one_stopped(world: EvidenceWorld, tmp_path: Path) -> None:
    await filled(world)
    async with opened(tmp_path) as first:
        assert await Follower(world.database, first).catch_up() == ITEMS
    late = await world.publish(PRACTICE, title="Giraffe")
    async with opened(tmp_path) as second:
        assert second.size == ITEMS
        assert not second.complete
        assert await Follower(world.database, second).catch_up() == 1
        assert second.complete
        assert second.ids(Wanted("giraffe"), 10) == [late]
    following.items.set(0)
    async with opened(tmp_path) as third:
        assert await Follower(world.database, third).catch_up() == 0
        assert REGISTRY.get_sample_value("impact_search_items") == ITEMS + 1


async def test_what_was_taken_back_is_in_no_file_once_everything_was_written_anew(
    world: EvidenceWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await world.publish(PRACTICE, title="Huddles")
    account = await world.publish(ACCOUNT, account="Quillfeather slept.")
    async with opened(tmp_path) as index:
        follower = Follower(world.database, index)
        await follower.catch_up()
        words = files_of(tmp_path, ".term")
        await world.done(CARER, "POST", f"/v1/evidence/{account}/withdraw")
        await follower.catch_up()
        await follower.renew()
        assert (index.has(kept), index.has(account), words[0].exists()) == (True, False, True)
    monkeypatch.setattr(following, "RENEW_AFTER_SECONDS", 0)
    monkeypatch.setattr(queries, "MOST_AT_ONCE", 1)
    async with opened(tmp_path) as index:
        follower = Follower(world.database, index)
        await follower.catch_up()
        added = await world.publish(PRACTICE, title="Breaks")
        for _ in range(5):
            await follower.renew()
            await follower.catch_up()
            assert index.has(kept)
        assert index.position.left is None
        assert (index.has(added), index.size) == (True, 2)
    assert not any(path.exists() for path in words)


@pytest.mark.parametrize(("broken", "flipped"), [("idx", False), ("store", True), ("term", True), ("meta.json", False)])
async def test_a_broken_index_is_thrown_away_and_built_anew(
    world: EvidenceWorld, tmp_path: Path, broken: str, flipped: bool
) -> None:
    item = await world.publish(PRACTICE)
    async with opened(tmp_path) as index:
        await Follower(world.database, index).catch_up()
    damaged = files_of(tmp_path, broken)
    assert damaged
    for path in damaged:
        content = path.read_bytes()
        path.write_bytes(content[:20] + bytes([content[20] ^ 1]) + content[21:] if flipped else content[:7])
    async with opened(tmp_path) as index:
        assert index.size == 0
        assert await Follower(world.database, index).catch_up() == 1
        assert index.has(item)


async def test_an_index_of_another_release_is_built_anew(
    world: EvidenceWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.publish(PRACTICE)
    async with opened(tmp_path) as index:
        await Follower(world.database, index).catch_up()
    monkeypatch.setattr(layout, "MADE", "another")
    async with opened(tmp_path) as index:
        assert index.size == 0
        assert await Follower(world.database, index).catch_up() == 1


async def test_an_index_of_another_database_is_built_anew(world: EvidenceWorld, tmp_path: Path) -> None:
    async with opened(tmp_path) as index:
        index.apply([Entry(str(UUID(int=1)), VOICE["research"], "From elsewhere")], ())
        index.show(Position(origin="another", since=7))
    async with opened(tmp_path) as index:
        assert index.size == 1
        await Follower(world.database, index).catch_up()
        assert index.size == 0


@pytest.mark.alters_schema
async def test_a_restore_under_a_running_process_is_noticed(world: EvidenceWorld) -> None:
    kept, lost = await world.publish(PRACTICE, title="Kept"), await world.publish(PRACTICE, title="Lost")
    index = SearchIndex()
    follower = Follower(world.database, index)
    await follower.catch_up()
    assert index.has(kept)
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
    assert index.has(kept)
    assert not index.has(lost)


def test_two_processes_on_one_folder_have_a_place_each(tmp_path: Path) -> None:
    one, other = SearchIndex(tmp_path), SearchIndex(tmp_path)
    one.apply([Entry(str(UUID(int=1)), VOICE["research"], "Only here")], ())
    one.show(Position())
    assert (one.size, other.size) == (1, 0)
    one.close()
    other.close()
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
    entry = Entry(str(UUID(int=1)), VOICE["research"], "First")

    def put(title: str, *, shown: bool) -> list[int]:
        index.apply([replace(entry, title=title)], ())
        if shown:
            index.show(Position())
        return [index.size, *(len(index.ids(Wanted(each), 10)) for each in ("first", "second"))]

    assert put("First", shown=False) == [0, 0, 0]
    assert put("Second", shown=True) == [1, 0, 1]
    index.apply((), [entry.id])
    assert put("First", shown=True) == [1, 1, 0]
    index.close()
    index = SearchIndex(tmp_path)
    assert put("Second", shown=True) == [1, 0, 1]
    index.apply([entry], [entry.id])
    index.show(Position())
    assert index.size == 0
    index.close()
