"""A copy of the project in which tests run the `impact` command, as root in a closed home or as an ordinary user."""

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
COPIED_FOLDERS = ("deploy", "services", "gateway", "shared")
READY_MESSAGE = "IMPACT is ready"


@dataclass
class ImpactRun:
    """One run of the `impact` command, and the output that was read so far."""

    process: subprocess.Popen[str]
    output: str = ""

    def wait_until_ready(self, timeout_seconds: float = 90) -> None:
        deadline = time.monotonic() + timeout_seconds
        while READY_MESSAGE not in self.output or "v1/search" not in self.output:
            chunk = self._read_output(1)
            if chunk == "" or time.monotonic() > deadline:
                pytest.fail(f"not ready: {self.output}")

    def _read_output(self, seconds: float) -> str | None:
        """Read more output. Returns None if there is none yet, and "" at its end."""
        assert self.process.stdout is not None
        output = self.process.stdout.fileno()
        if not select.select([output], [], [], seconds)[0]:
            return None
        chunk = os.read(output, 65536).decode()
        self.output += chunk
        return chunk

    def processes(self) -> list[psutil.Process]:
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def interrupt(self) -> int:
        """Send SIGINT to the whole process group, as a terminal does for Ctrl-C. Returns the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        rest, _ = self.process.communicate(timeout=60)
        self.output += rest
        return self.process.returncode


@dataclass
class Checkout:
    """A copy of the project in `folder`. `user` None means the user that runs the tests."""

    folder: Path
    user: str | None = None
    runs: list[ImpactRun] = field(default_factory=list)

    @classmethod
    def copy_to(cls, folder: Path, user: str | None = None) -> "Checkout":
        folder.mkdir(parents=True)
        for folder_name in COPIED_FOLDERS:
            shutil.copytree(PROJECT / folder_name, folder / folder_name, ignore=shutil.ignore_patterns("__pycache__"))
        if user is not None:
            entry = pwd.getpwnam(user)
            for path in [folder, *folder.rglob("*")]:
                os.chown(path, entry.pw_uid, entry.pw_gid)
        return cls(folder, user)

    def start_impact(self, *arguments: str, port: int = 8000, ignored_signals: str = "", **env: str) -> ImpactRun:
        """Start a command. A script's background processes have INT as `ignored_signals`, those under `nohup` HUP."""
        signals = f"--ignore-signal={ignored_signals}" if ignored_signals else "--default-signal=INT"
        run = ImpactRun(
            subprocess.Popen(
                ["env", signals, python_for(self.user), "-m", "deploy.cli.main", *arguments],
                cwd=self.folder,
                env=self._environment(port) | env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
                user=self.user,
                group=pwd.getpwnam(self.user).pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
            )
        )
        self.runs.append(run)
        return run

    def impact_output(self, *arguments: str, port: int = 8000, **env: str) -> tuple[int, str]:
        """Run a command that ends by itself. Returns its exit status and output."""
        run = self.start_impact(*arguments, port=port, **env)
        output, _ = run.process.communicate(timeout=60)
        return run.process.returncode, output.strip()

    def modes(self) -> Mapping[Path, tuple[int, int]]:
        """Return permissions and owner of the checkout, of its files without `.impact`, and of every folder above."""
        state = self.folder / ".impact"
        own_files = [path for path in self.folder.rglob("*") if path != state and state not in path.parents]
        paths = [path for path in (self.folder, *self.folder.parents, *own_files) if "__pycache__" not in path.parts]
        return {path: (stat.S_IMODE(path.stat().st_mode), path.stat().st_uid) for path in paths}

    def clean_up(self) -> None:
        for run in self.runs:
            if run.process.poll() is None:
                run.process.terminate()
                run.process.communicate(timeout=60)
        self.impact_output("reset", "--force")

    def _environment(self, port: int) -> dict[str, str]:
        packages = sysconfig.get_path("purelib")
        inherited = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TMPDIR")}
        return inherited | {
            "PYTHONPATH": f"{self.folder}:{packages}",
            "PORT": str(port),
            "HOME": str(self.folder),
            "COLUMNS": "200",
            "DEMO": "empty",
        }


def python_for(user: str | None) -> str:
    """Return a Python of this version that the user may run; the tests' own may be in a closed home."""
    if user is None:
        return sys.executable
    entry = pwd.getpwnam(user)
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for executable in (sys.executable, f"/usr/bin/{name}", f"/usr/local/bin/{name}"):
        try:
            subprocess.run(
                [executable, "-c", "import asyncpg"],
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
        return executable
    return skip_or_fail(f"a {name} with our packages that the user {user} may run")
