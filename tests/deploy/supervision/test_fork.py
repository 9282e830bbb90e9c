"""Child processes: what they return, and what is said of one that failed."""

import os
from pathlib import Path

import pytest

from deploy.engines.setup_error import SetupError
from deploy.supervision.fork import ChildTask


async def fail_like_a_database() -> None:
    raise LookupError("the constraint is violated by some row\n[SQL: ALTER TABLE runs]\n(Background on this error)")


async def give_up() -> None:
    raise SystemExit(3)


async def process_id() -> int:
    return os.getpid()


def test_the_result_of_a_child_comes_from_another_process(tmp_path: Path) -> None:
    assert ChildTask("The sum", process_id, env=os.environ, log=tmp_path / "log").result() != os.getpid()


def test_the_reason_of_a_failure_is_the_exception_and_not_what_follows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():  # the child prints into its log, not into pytest's stream
        task = ChildTask("The migration of funding", fail_like_a_database, env=os.environ, log=tmp_path / "log")
    with pytest.raises(SetupError, match=r"^The migration of funding failed \(LookupError: the constraint is violated"):
        task.result()


def test_a_child_that_printed_nothing_is_said_to_have(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="it printed nothing"):
        ChildTask("The sum", give_up, env=os.environ, log=tmp_path / "log").result()
