"""A whole platform for tests: `impact up` in a copy of this checkout, on free ports."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.ports import reserve_ports

CHECKOUT = Path(__file__).parents[2]
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", ".venv-*", "node_modules", ".impact", "__pycache__", ".*_cache", "*.egg-info"
)
START_TIMEOUT_SECONDS = 120
STOP_TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Platform:
    """A running platform; `folder` is its checkout."""

    folder: Path
    url: str
    events: str
    process: subprocess.Popen[bytes]

    def impact(self, *arguments: str) -> str:
        """What the `impact` command prints here."""
        completed = subprocess.run(
            [sys.executable, "-m", "deploy.cli.main", *arguments],
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
        )
        assert completed.returncode == 0, completed.stderr
        return completed.stdout.strip()


@contextmanager
def running_platform(parent: Path, events: str = "embedded", **settings: str) -> Generator[Platform]:
    """Copy the checkout into `parent` and run it there; nothing of it is left running afterwards.

    `settings` are environment variables of every process of the platform.
    """
    folder = parent / "impact"
    shutil.copytree(CHECKOUT, folder, ignore=NOT_COPIED)
    port, log = reserve_ports(), folder / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.cli.main", "up"],
            cwd=folder,
            env=environment(PORT=str(port), EVENTS=events, **settings),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(url, process, log)
        yield Platform(folder, url, events, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_TIMEOUT_SECONDS)
        subprocess.run([sys.executable, "-m", "deploy.cli.main", "reset"], cwd=folder, env=environment(), check=True)


def environment(**more: str) -> dict[str, str]:
    """This environment without what would point to other engines."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith(("_URL", "_SERVERS"))}
    return {**kept, "PYTHONPATH": "", **more}


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(f"{url}/health/ready").status_code == 200 and "three things" in log.read_text().lower():
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"not ready after {START_TIMEOUT_SECONDS} s: {log.read_text()}")
