"""Tests leave nothing behind for the next, and those that share an engine run in one process."""

import asyncio

import pytest

from tests.conftest import end_tasks, scheduling_scope


def test_every_async_test_ends_the_tasks_that_it_has_started(request: pytest.FixtureRequest) -> None:
    coroutines = [item for item in request.session.items if item.get_closest_marker("asyncio") is not None]
    assert coroutines
    assert all("no_task_outlives_its_test" in getattr(item, "fixturenames", []) for item in coroutines)


async def test_this_test_is_one_of_them(request: pytest.FixtureRequest) -> None:
    assert "no_task_outlives_its_test" in request.fixturenames


async def test_a_task_that_a_test_leaves_behind_is_cancelled_and_has_ended_before_the_next() -> None:
    tasks_before, ended = asyncio.all_tasks(), asyncio.Event()

    async def write_for_ever() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    task = asyncio.create_task(write_for_ever())
    await asyncio.sleep(0)
    await end_tasks(tasks_before)
    assert ended.is_set()
    assert task.cancelled()


@pytest.mark.parametrize(
    ("nodeid", "scope"),
    [
        ("tests/shared/event_log/test_protocol.py::test_a_restart[kafka]", "kafka"),
        ("tests/faults/test_broker.py::test_a_producer", "kafka"),
        ("tests/journeys/test_story.py::test_an_import[embedded]", "platform"),
        (
            "tests/shared/event_log/test_protocol.py::test_a_restart[embedded]",
            "tests/shared/event_log/test_protocol.py::test_a_restart[embedded]",
        ),
    ],
)
def test_tests_that_share_an_engine_run_in_one_process(nodeid: str, scope: str) -> None:
    assert scheduling_scope(nodeid) == scope
