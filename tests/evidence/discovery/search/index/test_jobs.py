from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import text

from services.evidence.discovery.search.index import queries
from services.evidence.discovery.search.index.jobs import BEFORE_FIRST, IndexFollower
from services.evidence.discovery.search.index.search_index import SearchIndex
from services.evidence.discovery.search.index.search_request import SearchRequest
from services.evidence.discovery.search.query.query_parser import parse
from tests.evidence.world import ACCOUNT, PRACTICE, EvidenceWorld, until
from tests.support.callers import CARER, EDITOR
from tests.support.world import open_world_with_jobs


def matching(index: SearchIndex, q: str) -> set[str]:
    return {hit.id for hit in index.search(SearchRequest(parse(q)), 0, 50).hits}


async def test_a_new_process_builds_its_index_from_the_database(world: EvidenceWorld) -> None:
    items = {await world.publish(PRACTICE, title=f"Practice {n}") for n in range(3)}
    gone = await world.publish(ACCOUNT)
    await world.json(CARER, "POST", f"/v1/evidence/{gone}/withdraw")
    index = SearchIndex()
    follower = IndexFollower(world.database, index)
    assert await follower.check() == "the search index is still being built"
    await follower.catch_up()
    assert await follower.check() is None
    assert matching(index, "practice") == items
    assert index.size == 3


async def test_an_early_transaction_that_commits_late_is_not_lost(world: EvidenceWorld) -> None:
    early, late = await world.publish(PRACTICE, title="Early"), await world.publish(PRACTICE, title="Late")
    index = SearchIndex()
    follower = IndexFollower(world.database, index)
    await follower.catch_up()
    slow = await asyncpg.connect(world.database.dsn)
    transaction = slow.transaction()
    await transaction.start()
    await slow.execute("UPDATE items SET title = 'Zebra' WHERE id = $1", UUID(early))
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{late}", {"title": "Giraffe"}, If_Match="*")
    assert await follower.catch_up() == 1
    # What is visible is found at once, although an older transaction is still under way.
    assert matching(index, "giraffe") == {late}
    assert await follower.catch_up() == 0
    await transaction.commit()
    await slow.close()
    assert await follower.catch_up() == 1
    assert matching(index, "zebra") == {early}
    assert await follower.catch_up() == 0


async def test_what_an_early_transaction_changes_after_a_late_one_has_committed_is_not_lost(
    world: EvidenceWorld,
) -> None:
    item = await world.publish(PRACTICE, title="Early")
    index = SearchIndex()
    follower = IndexFollower(world.database, index)
    await follower.catch_up()
    slow = await asyncpg.connect(world.database.dsn)
    transaction = slow.transaction()
    await transaction.start()
    await slow.execute("SELECT pg_current_xact_id()")
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"title": "Giraffe"}, If_Match="*")
    assert await follower.catch_up() == 1
    await slow.execute("UPDATE items SET title = 'Zebra' WHERE id = $1", UUID(item))
    await transaction.commit()
    await slow.close()
    assert [await follower.catch_up(), await follower.catch_up()] == [1, 0]
    assert matching(index, "zebra") == {item}


async def test_more_changes_than_are_read_at_once_are_all_followed(world: EvidenceWorld) -> None:
    lines = "".join(f"TY  - JOUR\nTI  - Breaks {n} that carers want\nER  - \n" for n in range(1200))
    await world.import_file(lines.encode(), publish="true")
    index = SearchIndex()
    assert await IndexFollower(world.database, index).catch_up() == 1200
    assert index.size == 1200


async def restored_from_a_cluster_that_counted_further(world: EvidenceWorld) -> None:
    async with world.database.engine.begin() as connection:
        await connection.execute(text("UPDATE item_changes SET changed_in = changed_in + 1000000000000"))


async def test_after_a_restore_into_a_cluster_that_counts_anew_changes_are_followed_all_the_same(
    world: EvidenceWorld,
) -> None:
    items = [await world.publish(PRACTICE, title=f"Practice {n}") for n in range(3)]
    await restored_from_a_cluster_that_counted_further(world)
    index = SearchIndex()
    follower = IndexFollower(world.database, index)
    assert await follower.catch_up() == 3
    assert matching(index, "practice") == set(items)
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{items[0]}", {"title": "Giraffe"}, If_Match="*")
    assert [await follower.catch_up(), await follower.catch_up()] == [1, 0]
    assert matching(index, "giraffe") == {items[0]}
    await world.json(CARER, "POST", f"/v1/evidence/{items[1]}/withdraw")
    assert [await follower.catch_up(), await follower.catch_up()] == [1, 0]
    assert matching(index, "practice") == {items[2]}


async def test_what_a_restore_brought_is_read_once(world: EvidenceWorld) -> None:
    for n in range(3):
        await world.publish(PRACTICE, title=f"Practice {n}")
    await restored_from_a_cluster_that_counted_further(world)
    async with world.database.session() as session:
        first = await queries.changes_since(session, "items", 0, BEFORE_FIRST)
        again = await queries.changes_since(session, "items", first.horizon, BEFORE_FIRST)
    assert (len(first.entries), len(again.entries)) == (3, 0)


async def test_search_follows_what_another_process_publishes(world: EvidenceWorld) -> None:
    async with open_world_with_jobs(EvidenceWorld, world.database.url) as other_process:
        item = await world.publish(ACCOUNT)

        async def ready() -> bool:
            return other_process.app.state.search_index.complete

        await until(ready)

        async def results() -> list[str]:
            return [item["id"] for item in (await other_process.search("sleep"))["items"]]

        await until(results)
        assert await results() == [item]
        health = await other_process.call(CARER, "GET", "/health/ready")
        assert health.json()["checks"]["search"] == "ok"
        await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")

        async def empty() -> bool:
            return other_process.app.state.search_index.size == 0

        await until(empty)


async def test_following_goes_on_after_the_database_let_go(world: EvidenceWorld) -> None:
    listening = "FROM pg_stat_activity WHERE query LIKE 'LISTEN%item_changes%' AND datname = current_database()"

    async def interrupted() -> list[dict[str, Any]]:
        return await world.rows(f"SELECT pg_terminate_backend(pid) {listening}")

    async with open_world_with_jobs(EvidenceWorld, world.database.url) as other_process:
        await until(interrupted)
        item = await world.publish(ACCOUNT)

        async def followed() -> bool:
            return item in matching(other_process.app.state.search_index, "sleep")

        await until(followed)
