"""Packages are installed once, also where two set-ups of a checkout begin together."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
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


def start(checkout: Path, **settings: str) -> "subprocess.Popen[str]":
    arguments = ("venv", "locks/empty.lock", "stamp", "Installing.")
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.install", *arguments],
        cwd=checkout,
        env={**os.environ, **settings},
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_pip_too_without_a_traceback(checkout: Path, number: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as index:  # it never answers
        (checkout / "locks" / "empty.lock").write_text(f"nothing==1 --hash=sha256:{'0' * 64}\n")
        run = start(checkout, PIP_INDEX_URL=f"http://127.0.0.1:{index.getsockname()[1]}")
        index.settimeout(60)
        connection, _ = index.accept()
        children = psutil.Process(run.pid).children(recursive=True)
        os.kill(run.pid, number)
        output, _ = run.communicate(timeout=20)
        connection.close()
    assert (run.returncode, output) == (1, "Installing.\n\nStopped: run this again to go on.\n")
    assert children
    assert not any(child.is_running() for child in children)
    assert not (checkout / "stamp").exists()


def test_a_failure_is_told_by_its_end_and_leaves_no_stamp(checkout: Path) -> None:
    (checkout / "locks" / "empty.lock").write_text("no such package==1\n")
    run = start(checkout)
    output, _ = run.communicate(timeout=120)
    assert run.returncode == 1
    assert "no such package" in output
    assert output.endswith("The packages could not be installed: correct what pip says above, and run this again.\n")
    assert not (checkout / "stamp").exists()
