import random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.events.contracts.engagement import ResponseReceived
from shared.events.contracts.evidence import EvidencePublished, EvidenceWithdrawn
from shared.events.event import Event
from shared.persistence.tables import new_id
from tests.evidence.line_of_sight.example_thread import ExampleThread
from tests.evidence.world import EvidenceWorld
from tests.support.callers import NOBODY

TABLES = ("sight_nodes", "sight_links", "sight_responses", "sight_attendances", "sight_payments", "sight_completions")


async def graph(world: EvidenceWorld) -> dict[str, list[dict[str, Any]]]:
    """The graph but for the times at which its events happened."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for table in TABLES:
        rows = await world.rows(f"SELECT * FROM {table}")  # noqa: S608  the names stand above
        for row in rows:
            row.pop("at", None)
            row.pop("recorded_at", None)
            for moment in ("opened_at", "closed_at"):
                row.get("facts", {}).pop(moment, None)
        tables[table] = sorted(rows, key=str)
    return tables


def shuffled(events: list[Event], seed: int) -> list[Event]:
    """Another order, in which those of one key keep theirs."""
    order = [(event.topic, event.key) for event in events]
    random.Random(seed).shuffle(order)
    waiting: dict[tuple[str, UUID], list[Event]] = {}
    for event in events:
        waiting.setdefault((event.topic, event.key), []).append(event)
    return [waiting[key].pop(0) for key in order]


async def hears_all(world: EvidenceWorld, events: list[Event]) -> None:
    for event in events:
        await world.handle(event)


@pytest.mark.parametrize("seed", range(5))
async def test_the_graph_is_the_same_in_whatever_order_topics_arrive(world: EvidenceWorld, seed: int) -> None:
    thread = ExampleThread(new_id(), new_id())
    events = thread.events
    correction = thread.attendance(False, registration=events[-6].key)
    events = [*events, correction, *thread.into_practice]
    await hears_all(world, events)
    expected = await graph(world)
    async with world.database.transaction() as uow:
        await uow.session.execute(text(f"TRUNCATE {', '.join(TABLES)}"))
    await hears_all(world, shuffled(events, seed))
    assert await graph(world) == expected


async def test_what_comes_twice_counts_once(world: EvidenceWorld) -> None:
    thread = ExampleThread(new_id(), new_id())
    # Without what is filed anew: that is another event of its own each time.
    events = [(event, new_id()) for event in [*thread.events, *thread.into_practice[-6:]]]
    await world.handle_all(events)
    before = await graph(world)
    await world.handle_all(events)
    # Even under other ids, as after the inbox was lost.
    await hears_all(world, [event for event, _ in events])
    assert await graph(world) == before


async def test_a_corrected_attendance_takes_the_place_of_the_first(world: EvidenceWorld) -> None:
    thread = ExampleThread(new_id(), new_id())
    registration = new_id()
    for attended in (True, False, True):
        await world.handle(thread.attendance(attended, registration))
    assert [row["attended"] for row in await world.rows("SELECT * FROM sight_attendances")] == [True]


async def test_new_topics_of_an_item_take_the_place_of_those_before(world: EvidenceWorld) -> None:
    item, first, second = new_id(), new_id(), new_id()
    for topics in ((first,), (second,)):
        await world.handle(EvidencePublished(item_id=item, way_of_knowing="research", topic_ids=topics))
    links = await world.rows("SELECT * FROM sight_links")
    assert [link["from_id"] for link in links] == [second]


async def test_no_person_is_in_the_graph(world: EvidenceWorld) -> None:
    thread = ExampleThread(new_id(), new_id())
    attendance = thread.attendance(True)
    await world.handle(attendance)
    assert str(attendance.person_id) not in str(await graph(world))


async def test_a_withdrawn_item_keeps_its_place_without_its_title(world: EvidenceWorld) -> None:
    thread = ExampleThread(new_id(), new_id())
    await hears_all(world, thread.events)
    await world.handle(EvidenceWithdrawn(item_id=thread.item))
    thread_view = await world.json(NOBODY, "GET", f"/v1/line-of-sight?from=outcome:{thread.outcome}")
    (node,) = [node for node in thread_view["nodes"] if node["kind"] == "evidence"]
    assert node["facts"] == {"withdrawn": True}


async def test_answers_are_counted_in_batches(world: EvidenceWorld) -> None:
    survey = new_id()
    for _ in range(3):
        batch = [(ResponseReceived(response_id=new_id(), survey_id=survey), new_id()) for _ in range(200)]
        await world.handle_all(batch)
    assert (await world.rows("SELECT count(*) AS number FROM sight_responses"))[0]["number"] == 600
