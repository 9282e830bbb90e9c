"""Keeps the processes of the platform running, and ends them in order."""

import http.client
import json
import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.engines.process import last_log_line
from deploy.engines.setup_error import SetupError
from deploy.processes import APIS, GATEWAY, PROCESSES, WORKERS, Process
from deploy.supervision import fork, server

LIMIT = 5
"""How often a process may die within WINDOW seconds before everything is stopped."""
WINDOW = 60.0
TOGETHER: Sequence[Sequence[Process]] = ((GATEWAY,), APIS, WORKERS)
BIGGEST_LOG = 10 * 2**20


@dataclass(slots=True)
class Child:
    process: Process
    pid: int
    died: list[float] = field(default_factory=list)
    back_at: float | None = None


@dataclass(slots=True)
class Supervisor:
    """One child per process, forked from here, each on its port of 127.0.0.1."""

    port: int
    logs: Path
    environments: Mapping[str, Mapping[str, str]]
    children: dict[str, Child] = field(default_factory=dict)

    def start(self) -> None:
        for process in PROCESSES:
            log = self._log(process)
            if log.exists() and log.stat().st_size > BIGGEST_LOG:
                log.replace(log.with_suffix(".log.1"))
            self.children[process.name] = Child(process, self._fork(process))

    def wait(self, patience: float = 60) -> None:
        """Until each says of itself that it is ready."""
        waiting = {process.name: process for process in PROCESSES}
        states: dict[str, str] = {}
        end = time.monotonic() + patience
        while waiting:
            self.revive()
            for name, process in list(waiting.items()):
                ready, states[name] = readiness(self.port + process.offset)
                if ready:
                    del waiting[name]
            if time.monotonic() > end:
                why = "; ".join(f"{name}: {states[name]}" for name in waiting)
                raise SetupError(f"Not everything was ready after {patience:.0f} seconds ({why}): see {self.logs}.")
            time.sleep(0.05)

    def revive(self) -> list[str]:
        """Start those that died again, after a pause that grows; names them. Too often raises SetupError."""
        revived: list[str] = []
        now = time.monotonic()
        for child in self.children.values():
            if child.back_at is None and (status := _ended(child.pid)) is not None:
                if status == server.MISTOLD:
                    raise SetupError(f"{last_log_line(self._log(child.process))}: set it right and run this again.")
                child.died = [at for at in child.died if now - at < WINDOW] + [now]
                if len(child.died) >= LIMIT:
                    words = last_log_line(self._log(child.process))
                    raise SetupError(
                        f"{child.process.name} stopped {LIMIT} times ({words}): see {self._log(child.process)}."
                    )
                child.back_at = now + 0.2 * 2 ** len(child.died)
            if child.back_at is not None and now >= child.back_at:
                child.pid, child.back_at = self._fork(child.process), None
                revived.append(child.process.name)
        return revived

    def stop(self) -> None:
        """First who takes requests, last who handles what they left; whoever hangs is killed."""
        for group in TOGETHER:
            pids = [self.children[process.name].pid for process in group if process.name in self.children]
            _stop([pid for pid in pids if _ended(pid) is None])

    def _fork(self, process: Process) -> int:
        def work() -> None:
            server.serve(process, "127.0.0.1", self.port + process.offset)

        return fork.fork(work, name=process.name, env=self.environments[process.name], log=self._log(process))

    def _log(self, process: Process) -> Path:
        return self.logs / f"{process.name}.log"


def readiness(port: int, host: str = "127.0.0.1") -> tuple[bool, str]:
    """What a process answers to /health/ready, in a few words."""
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        response = connection.getresponse()
        body = response.read()
        return response.status == 200, _reasons(body) or f"answers {response.status}"
    except (OSError, http.client.HTTPException) as error:
        return False, f"does not answer ({type(error).__name__})"
    finally:
        connection.close()


def _reasons(body: bytes) -> str:
    try:
        checks = json.loads(body).get("checks", {})
    except (ValueError, AttributeError):
        return ""
    return ", ".join(f"{name} {word}" for name, word in checks.items() if word != "ok")


def _stop(pids: Sequence[int], patience: float = server.GRACE + 3) -> None:
    waiting = set(pids)
    for how, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, patience)):
        for pid in waiting:
            os.kill(pid, how)
        end = time.monotonic() + seconds
        while waiting and time.monotonic() < end:
            waiting = {pid for pid in waiting if _ended(pid) is None}
            time.sleep(0.02)


def _ended(pid: int) -> int | None:
    """The exit status of our child if it is gone (it is laid to rest by asking), negative for a signal."""
    try:
        gone, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return 0
    return os.waitstatus_to_exitcode(status) if gone else None
