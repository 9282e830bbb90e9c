"""A harvester that asks from its last answer on misses nothing; and every change of what is shown is a new time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from services.evidence.exchange.oai import datestamps, queries
from services.evidence.exchange.oai.commands import stamp_batch
from services.evidence.exchange.oai.resumption_tokens import ListPosition, Selection
from services.evidence.exchange.oai.tables import ANY_TOPIC
from services.evidence.library.topics.queries import lock_tree
from shared import clock
from shared.persistence.tables import new_id
from tests.evidence.exchange.oai.harvester import OAI, all_records, ask, error_code, ids, stamped
from tests.evidence.world import ACCOUNT, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR

ADDED = text(
    """
    INSERT INTO items (id, way_of_knowing, status, title, summary, language, details, published_at, identified)
    VALUES (:id, 'research', 'published', 'A work', '', 'en', '{"kind": "other"}', now(), true)
    """
)
FILLED = """
INSERT INTO topics (id, name) VALUES ('01900000-0000-7000-8000-000000000001', 'One of many');
INSERT INTO items (way_of_knowing, status, title, summary, language, details, published_at, identified)
SELECT CASE WHEN n % 4 = 0 THEN 'research' ELSE 'practice_knowledge' END, 'published', 'Part ' || n, '', 'en',
    '{"kind": "other"}', now(), true
FROM generate_series(1, 4000) n;
INSERT INTO oai_records (item_id, stamped_at, way_of_knowing, deleted, topics)
SELECT id, now() - n * interval '1 second', way_of_knowing, false, '{01900000-0000-7000-8000-000000000001}'
FROM (SELECT id, way_of_knowing, row_number() OVER (ORDER BY id) AS n FROM items) numbered;
INSERT INTO oai_memberships (topic_id, item_id, stamped_at)
SELECT topics[1], item_id, stamped_at FROM oai_records;
ANALYZE items; ANALYZE oai_records; ANALYZE oai_memberships
"""


async def times(world: EvidenceWorld) -> dict[str, datetime]:
    await stamped(world)
    return {str(row["item_id"]): row["stamped_at"] for row in await world.rows("SELECT * FROM oai_records")}


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def second_of(root: Any) -> str:
    return root.find(f"{OAI}responseDate").text


async def test_a_change_that_commits_late_is_in_the_next_harvest(world: EvidenceWorld) -> None:
    late, early = new_id(), new_id()
    async with world.database.unit_of_work() as slow:
        await slow.session.execute(ADDED, {"id": late})
        async with world.database.transaction() as quick:
            await quick.session.execute(ADDED, {"id": early})
        await stamped(world)
        first = await ask(world, verb="ListIdentifiers", metadataPrefix="oai_dc")
        assert ids(list(first.iter(f"{OAI}header"))) == [str(early)]
        await asyncio.sleep(1.1)
        await stamped(world)
        between = await ask(world, verb="ListIdentifiers", metadataPrefix="oai_dc")
        await slow.commit()
    await asyncio.sleep(1.1)
    await stamped(world)
    assert ids(await all_records(world, metadataPrefix="oai_dc", from_=second_of(between))) == [str(late)]


async def test_no_answer_is_given_while_a_time_is_taken_but_not_yet_committed(world: EvidenceWorld) -> None:
    await world.publish(RESEARCH)
    async with world.database.unit_of_work() as uow:
        await datestamps.assign_datestamps(uow.session)
        response = asyncio.create_task(ask(world, verb="ListIdentifiers", metadataPrefix="oai_dc"))
        await asyncio.sleep(0.3)
        assert not response.done()
        await uow.commit()
    assert len(list((await response).iter(f"{OAI}header"))) == 1


async def test_whoever_has_an_item_in_hand_keeps_no_harvester_waiting(world: EvidenceWorld) -> None:
    topic = await world.topic()
    item = await world.publish(RESEARCH, topics=[topic])
    async with world.database.unit_of_work() as slow:
        await slow.session.execute(text("SELECT * FROM items FOR UPDATE"))
        async with asyncio.timeout(5):
            await stamped(world)
            assert ids(await all_records(world, metadataPrefix="oai_dc", set=f"topic:{topic}")) == [item]


async def test_what_is_filed_below_a_topic_while_it_moves_is_in_the_sets_of_its_new_place(world: EvidenceWorld) -> None:
    old, new = await world.topic("Old"), await world.topic("New")
    topic = await world.topic("Breaks", parent=old)
    below = await world.topic("Short breaks", parent=topic)
    async with world.database.unit_of_work() as moving:
        await lock_tree(moving.session)
        move = text("UPDATE topics SET parent_id = :new WHERE id = :topic")
        await moving.session.execute(move, {"new": UUID(new), "topic": UUID(topic)})
        await world.publish(RESEARCH, topics=[below])
        await stamped(world)
        await moving.commit()
    await stamped(world)
    sets = {str(row["topic_id"]) for row in await world.rows("SELECT topic_id FROM oai_memberships")}
    assert sets == {below, topic, new, str(ANY_TOPIC)}


async def test_harvesting_while_others_write_ends_with_the_same_library(world: EvidenceWorld) -> None:
    over = asyncio.Event()

    async def write() -> None:
        for n in range(40):
            async with world.database.unit_of_work() as uow:
                await uow.session.execute(ADDED, {"id": new_id()})
                await asyncio.sleep(0.02 * (n % 4))
                await uow.commit()

    async def keep_stamping() -> None:
        while not over.is_set():
            await stamp_batch(world.database)
            await asyncio.sleep(0.005)

    harvested_ids: set[str] = set()
    since: dict[str, str] = {}

    async def harvest() -> None:
        root = await ask(world, verb="ListIdentifiers", metadataPrefix="oai_dc", **since)
        harvested_ids.update(ids(list(root.iter(f"{OAI}header"))))
        since["from_"] = second_of(root)

    stamper = asyncio.create_task(keep_stamping())
    writing = [asyncio.create_task(write()) for _ in range(3)]
    while not all(task.done() for task in writing):
        await harvest()
        await asyncio.sleep(0.3)
    await asyncio.gather(*writing)
    over.set()
    await stamper
    await stamped(world)
    await harvest()
    assert harvested_ids == {str(row["id"]) for row in await world.rows("SELECT id FROM items")}
    assert len(harvested_ids) == 120


async def test_whatever_changes_what_is_shown_gives_that_record_alone_a_new_time(world: EvidenceWorld) -> None:
    topic = await world.topic("Breaks")
    other = await world.publish(ACCOUNT)
    item = await world.publish(RESEARCH, CARER, topics=[topic])
    into = await world.publish(RESEARCH | {"title": "Another", "identifiers": []})

    async def patch(change: dict[str, Any]) -> None:
        read = await world.call(EDITOR, "GET", f"/v1/evidence/{item}")
        await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", change, if_match=read.headers["etag"])

    async def sql(statement: str) -> None:
        async with world.database.transaction() as uow:
            await uow.session.execute(text(statement), {"item": UUID(item), "into": UUID(into), "topic": UUID(topic)})

    changes: list[tuple[str, Callable[[], Awaitable[Any]]]] = [
        ("its words", lambda: patch({"title": "A better title"})),
        ("its topics are fewer", lambda: patch({"topics": []})),
        ("its topics are more", lambda: patch({"topics": [topic]})),
        ("its topic's name", lambda: sql("UPDATE topics SET name = 'Time off' WHERE id = :topic")),
        (
            "a retraction",
            lambda: world.json(
                EDITOR, "POST", f"/v1/evidence/{item}/retract", {"nature": "retraction", "source": "a list"}
            ),
        ),
        (
            "merging",
            lambda: sql(
                "UPDATE items SET status = 'merged', merged_into = :into, published_at = NULL WHERE id = :item"
            ),
        ),
        (
            "unmerging",
            lambda: sql(
                "UPDATE items SET status = 'published', merged_into = NULL, published_at = now() WHERE id = :item"
            ),
        ),
        ("withdrawal", lambda: world.json(EDITOR, "POST", f"/v1/evidence/{item}/withdraw")),
    ]
    before = await times(world)
    for what, change in changes:
        await change()
        after = await times(world)
        assert after[item] > before[item], what
        assert after[other] == before[other], what
        before = after


async def test_a_published_import_gives_each_item_one_time_alone(
    world: EvidenceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datestamps, "MAX_BATCH_CHANGES", 10)
    await world.publish(RESEARCH)
    works = [f"TY  - JOUR\nTI  - Work number {number} of many\nPY  - 2020\nER  - \n" for number in range(10)]
    await world.import_file("".join(works).encode(), publish="true", topics=await world.topic())
    datestamps_by_item: dict[str, set[datetime]] = {}
    while await stamp_batch(world.database):
        for row in await world.rows("SELECT item_id, stamped_at FROM oai_records"):
            datestamps_by_item.setdefault(str(row["item_id"]), set()).add(row["stamped_at"])
    assert [len(times) for times in datestamps_by_item.values()] == [1] * 11
    assert await world.rows("SELECT id FROM oai_changes") == []


async def test_merging_leaves_a_deleted_record_and_unmerging_brings_it_back(world: EvidenceWorld) -> None:
    item, into = await world.publish(RESEARCH), await world.publish(ACCOUNT)
    await stamped(world)
    merged = "UPDATE items SET status = 'merged', merged_into = :into, published_at = NULL WHERE id = :item"
    back = "UPDATE items SET status = 'published', merged_into = NULL, published_at = now() WHERE id = :item"
    for statement, status in ((merged, "deleted"), (back, None)):
        async with world.database.transaction() as uow:
            await uow.session.execute(text(statement), {"item": UUID(item), "into": UUID(into)})
        await stamped(world)
        headers = {
            ids([header])[0]: header for header in await all_records(world, "ListIdentifiers", metadataPrefix="oai_dc")
        }
        assert headers[item].get("status") == status


async def test_what_was_filed_elsewhere_and_withdrawn_between_two_stamps_is_deleted_where_it_was_seen(
    world: EvidenceWorld,
) -> None:
    former_topic, other_topic = await world.topic("Breaks"), await world.topic("Sleep")
    item = await world.publish(ACCOUNT, topics=[former_topic])
    await stamped(world)
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"topics": [other_topic]}, If_Match="*")
    await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    await stamped(world)
    (record,) = await all_records(world, metadataPrefix="oai_dc", set=f"topic:{former_topic}")
    assert record.find(f"{OAI}header").get("status") == "deleted"
    assert (
        await error_code(world, verb="ListRecords", metadataPrefix="oai_dc", set=f"topic:{other_topic}")
        == "noRecordsMatch"
    )


async def test_a_batch_is_later_than_every_one_before_whatever_the_clock_says(world: EvidenceWorld) -> None:
    first = await world.publish(RESEARCH)
    await stamped(world)
    async with world.database.transaction() as uow:
        await uow.session.execute(text("UPDATE oai_records SET stamped_at = now() + interval '1 hour'"))
    second = await world.publish(ACCOUNT)
    datestamps = await times(world)
    assert datestamps[second] > datestamps[first]


@pytest.mark.parametrize(
    ("selection", "index"),
    [
        (Selection("oai_dc"), "ix_oai_records_stamped_at_item_id"),
        (Selection("oai_dc", way="research"), "ix_oai_records_way_of_knowing_stamped_at_item_id"),
        (Selection("oai_dc", topic=ANY_TOPIC), "ix_oai_memberships_topic_id_stamped_at_item_id"),
    ],
    ids=["all", "a way of knowing", "a topic"],
)
async def test_a_page_is_read_off_an_index_wherever_it_lies(
    world: EvidenceWorld, selection: Selection, index: str
) -> None:
    async with world.database.transaction() as uow:
        for statement in FILLED.split(";"):
            await uow.session.execute(text(statement))
        topic = UUID("01900000-0000-7000-8000-000000000001") if selection.topic else None
        position = ListPosition(clock.now() - timedelta(seconds=2_000), UUID(int=0), 0)
        deep = Selection("oai_dc", way=selection.way, topic=topic, after=position)
        sql = queries.page_statement(deep, described=True).compile(
            dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}
        )
        plan = await uow.session.scalar(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}"))
    (limit,) = [node for node in nodes(plan[0]["Plan"]) if node["Node Type"] == "Limit"]
    (read,) = limit["Plans"]
    assert (read["Node Type"].startswith("Index"), read["Index Name"]) == (True, index)
    assert read["Actual Rows"] == queries.RECORDS_PER_PAGE + 1
    assert not read.get("Rows Removed by Filter")
