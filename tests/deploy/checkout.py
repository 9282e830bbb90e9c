"""A copy of the project to start and stop as a person would, as root in a closed home or as an ordinary user."""

import os
import pwd
import select
import shutil
import signal
import stat
import subprocess
import sys
import sysconfig
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from tests.support.prerequisites import skip_or_fail

PROJECT = Path(__file__).parents[2]
PARTS = ("deploy", "services", "gateway", "shared")
READY = "IMPACT is ready"


@dataclass
class Run:
    """One `impact up`."""

    process: subprocess.Popen[str]
    said: str = ""

    def until_ready(self, patience: float = 90) -> None:
        end = time.monotonic() + patience
        while READY not in self.said or "v1/search" not in self.said:
            heard = self._hear(1)
            if heard == "" or time.monotonic() > end:
                pytest.fail(f"not ready: {self.said}")

    def _hear(self, seconds: float) -> str | None:
        """What it says next: None for nothing yet, "" when it will say no more."""
        assert self.process.stdout is not None
        output = self.process.stdout.fileno()
        if not select.select([output], [], [], seconds)[0]:
            return None
        heard = os.read(output, 65536).decode()
        self.said += heard
        return heard

    def everyone(self) -> list[psutil.Process]:
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def ctrl_c(self) -> int:
        """What a terminal does: SIGINT to the whole group."""
        os.killpg(self.process.pid, signal.SIGINT)
        rest, _ = self.process.communicate(timeout=60)
        self.said += rest
        return self.process.returncode


@dataclass
class Checkout:
    """`folder` is what git would have made; `user` None means whoever runs the tests."""

    folder: Path
    user: str | None = None
    runs: list[Run] = field(default_factory=list)

    @classmethod
    def copied_to(cls, folder: Path, user: str | None = None) -> "Checkout":
        folder.mkdir(parents=True)
        for part in PARTS:
            shutil.copytree(PROJECT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        if user is not None:
            entry = pwd.getpwnam(user)
            for path in [folder, *folder.rglob("*")]:
                os.chown(path, entry.pw_uid, entry.pw_gid)
        return cls(folder, user)

    def impact(self, *words: str, port: int = 8000, **env: str) -> Run:
        run = Run(
            subprocess.Popen(
                [python_for(self.user), "-m", "deploy.cli.main", *words],
                cwd=self.folder,
                env=self._environment(port) | env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
                preexec_fn=interruptible,
                user=self.user,
                group=pwd.getpwnam(self.user).pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
            )
        )
        self.runs.append(run)
        return run

    def answer(self, *words: str, port: int = 8000, **env: str) -> tuple[int, str]:
        """The exit status and the words of a command that ends by itself."""
        run = self.impact(*words, port=port, **env)
        said, _ = run.process.communicate(timeout=60)
        return run.process.returncode, said.strip()

    def modes(self) -> Mapping[Path, tuple[int, int]]:
        """Permissions and owner of the checkout, all that it came with and every folder above."""
        state = self.folder / ".impact"
        mine = [path for path in self.folder.rglob("*") if path != state and state not in path.parents]
        paths = [path for path in (self.folder, *self.folder.parents, *mine) if "__pycache__" not in path.parts]
        return {path: (stat.S_IMODE(path.stat().st_mode), path.stat().st_uid) for path in paths}

    def clear_away(self) -> None:
        for run in self.runs:
            if run.process.poll() is None:
                run.process.terminate()
                run.process.communicate(timeout=60)
        self.answer("reset")

    def _environment(self, port: int) -> dict[str, str]:
        packages = sysconfig.get_path("purelib")
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TMPDIR")}
        return kept | {
            "PYTHONPATH": f"{self.folder}:{packages}",
            "PORT": str(port),
            "HOME": str(self.folder),
            "COLUMNS": "200",
        }


def interruptible() -> None:
    """Hear Ctrl-C, as in a terminal of its own: what a script runs in its background inherits that it is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def python_for(user: str | None) -> str:
    """A Python of our version that this user may run: ours may lie in a closed home."""
    if user is None:
        return sys.executable
    entry = pwd.getpwnam(user)
    ours = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for found in (sys.executable, f"/usr/bin/{ours}", f"/usr/local/bin/{ours}"):
        try:
            subprocess.run(
                [found, "-c", "import asyncpg"],
                env={"PYTHONPATH": sysconfig.get_path("purelib")},
                check=True,
                capture_output=True,
                cwd="/",
                user=entry.pw_uid,
                group=entry.pw_gid,
                extra_groups=[],
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return found
    return skip_or_fail(f"a {ours} with our packages that the user {user} may run")
