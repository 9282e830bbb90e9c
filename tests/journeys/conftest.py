"""A whole platform of its own for the journeys: `impact up` in a copy of this checkout, on free ports."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

CHECKOUT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".impact", "__pycache__", ".*_cache", "*.egg-info")
PATIENCE = 120
SPAN = 20
"""Ports that `impact up` takes, counted from the gateway's."""


@dataclass(frozen=True)
class Platform:
    """A running platform; `folder` is its checkout."""

    folder: Path
    url: str
    events: str
    process: subprocess.Popen[bytes]

    def impact(self, *arguments: str) -> str:
        """What the `impact` command prints here."""
        asked = subprocess.run(
            [sys.executable, "-m", "deploy.cli.main", *arguments],
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
        )
        assert asked.returncode == 0, asked.stderr
        return asked.stdout.strip()


def environment(**more: str) -> dict[str, str]:
    """This environment without what would point to other engines."""
    ours = {name: value for name, value in os.environ.items() if not name.endswith(("_URL", "_SERVERS"))}
    return {**ours, "PYTHONPATH": "", **more}


@pytest.fixture(scope="session", params=["embedded", "kafka"])
def platform(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("checkout") / "impact"
    shutil.copytree(CHECKOUT, folder, ignore=LEFT_OUT)
    port, log = free_ports(), folder / "up.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.cli.main", "up"],
            cwd=folder,
            env=environment(PORT=str(port), EVENTS=request.param),
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(url, process, log)
        yield Platform(folder, url, request.param, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        subprocess.run([sys.executable, "-m", "deploy.cli.main", "reset"], cwd=folder, env=environment(), check=True)


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(f"{url}/health/ready").status_code == 200 and "three things" in log.read_text().lower():
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"not ready after {PATIENCE} s: {log.read_text()}")


def free_ports() -> int:
    """The first of a span of ports of which nobody uses any."""
    for first in range(21000, 29000, SPAN):
        probes: list[socket.socket] = []
        try:
            for port in range(first, first + SPAN):
                probes.append(socket.socket())
                probes[-1].bind(("127.0.0.1", port))
        except OSError:
            continue
        else:
            return first
        finally:
            for probe in probes:
                probe.close()
    raise AssertionError("no free ports")
