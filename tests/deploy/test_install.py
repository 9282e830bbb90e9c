"""Packages are installed once, also where two set-ups of a checkout begin together."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Create a project that installs nothing but a virtual environment."""
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "__init__.py").touch()
    shutil.copy(PROJECT / "deploy" / "install.py", tmp_path / "deploy")
    (tmp_path / "locks").mkdir()
    for name in ("pyproject.toml", "locks/empty.lock"):
        (tmp_path / name).write_text("")
    return tmp_path


def start(checkout: Path) -> "subprocess.Popen[str]":
    arguments = ("venv", "locks/empty.lock", "stamp", "Installing.")
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.install", *arguments],
        cwd=checkout,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_of_two_at_once_one_installs_and_the_other_finds_all_done(checkout: Path) -> None:
    folder = os.open(checkout, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    runs = [start(checkout), start(checkout)]
    for run in runs:
        assert run.stdout is not None
        assert run.stdout.readline() == "Another set-up of this checkout is under way: waiting for it.\n"
    os.close(folder)
    outputs = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert sorted(outputs) == ["", "Installing.\n"]
    assert (checkout / "venv" / "bin" / "pip").exists()
    assert (checkout / "stamp").exists()


def test_an_interrupt_is_told_without_a_traceback_and_leaves_no_stamp(checkout: Path) -> None:
    folder = os.open(checkout, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    run = start(checkout)
    assert run.stdout is not None
    run.stdout.readline()
    run.send_signal(signal.SIGINT)
    output, _ = run.communicate(timeout=20)
    os.close(folder)
    assert (run.returncode, output) == (1, "\nStopped: run this again to go on.\n")
    assert not (checkout / "stamp").exists()


def test_a_failure_is_told_by_its_end_and_leaves_no_stamp(checkout: Path) -> None:
    (checkout / "locks" / "empty.lock").write_text("no such package==1\n")
    run = start(checkout)
    output, _ = run.communicate(timeout=120)
    assert run.returncode == 1
    assert "no such package" in output
    assert output.endswith("The packages could not be installed: correct what pip says above, and run this again.\n")
    assert not (checkout / "stamp").exists()
