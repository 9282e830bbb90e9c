"""A complete platform for tests: `impact up` in a copy of this checkout, on free ports."""

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
IGNORED_FILES = shutil.ignore_patterns(
    ".git", ".venv", ".venv-*", "node_modules", ".impact", "__pycache__", ".*_cache", "*.egg-info"
)
START_TIMEOUT_SECONDS = 120
STOP_TIMEOUT_SECONDS = 60
LIBRARY_TIMEOUT_SECONDS = 180


@dataclass(frozen=True)
class Platform:
    """A running platform; `folder` is its checkout."""

    folder: Path
    url: str
    events: str
    process: subprocess.Popen[bytes]

    def impact(self, *arguments: str) -> str:
        """Run the `impact` command in this checkout and return its output. Fails unless it exits with 0."""
        completed = subprocess.run(
            [sys.executable, "-m", "deploy.cli.main", *arguments],
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert completed.returncode == 0, completed.stderr
        return completed.stdout.strip()


@contextmanager
def running_platform(parent: Path, events: str = "embedded", **settings: str) -> Generator[Platform]:
    """Run a copy of the checkout in `parent`, and stop and reset it afterwards.

    `settings` are environment variables of every process of the platform. Without DEMO among them, the demo library
    is left out: whoever tests something else does not wait for it, nor counts it.
    """
    folder = parent / "impact"
    shutil.copytree(CHECKOUT, folder, ignore=IGNORED_FILES)
    port, log = reserve_ports(), folder / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.cli.main", "up"],
            cwd=folder,
            env=environment(**{"PORT": str(port), "EVENTS": events, "DEMO": "empty", **settings}),
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
        subprocess.run(
            [sys.executable, "-m", "deploy.cli.main", "reset", "--force"], cwd=folder, env=environment(), check=True
        )


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without variables that point to other engines, plus `more`."""
    inherited = {name: value for name, value in os.environ.items() if not name.endswith(("_URL", "_SERVERS"))}
    return {**inherited, "PYTHONPATH": "", **more}


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(f"{url}/health/ready").status_code == 200 and "IMPACT is ready" in log.read_text():
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"not ready after {START_TIMEOUT_SECONDS} s: {log.read_text()}")


def wait_for_demo_library(platform: Platform) -> None:
    """Wait until the demo library is planted, on a platform that was started with DEMO=true."""
    deadline, log = time.monotonic() + LIBRARY_TIMEOUT_SECONDS, platform.folder / "up.log"
    while "The demo library is there" not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(1)
