"""Start, restart and stop the processes of the platform."""

import http.client
import json
import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from deploy.engines.process import last_log_line
from deploy.engines.setup_error import SetupError
from deploy.processes import APIS, GATEWAY, PROCESSES, WORKERS, Process
from deploy.supervision import fork, server
from shared.waiting import Backoff

MAX_EXITS = 5
"""A process that ends this often within EXIT_WINDOW_SECONDS stops the platform."""
EXIT_WINDOW_SECONDS = 60.0
FIRST_RESTART_SECONDS, MAX_RESTART_SECONDS = 0.4, 3.2
STOP_GROUP_SECONDS = 2.0
"""How long the gateway, the APIs and the workers may each take to stop on one machine: with the engines, at most 10."""
STOP_GROUPS: Sequence[Sequence[Process]] = ((GATEWAY,), APIS, WORKERS)
MAX_LOG_BYTES = 10 * 2**20


@dataclass(slots=True)
class Child:
    """A forked process, and when it ended within the last minute."""

    process: Process
    pid: int
    exits: list[float] = field(default_factory=list)
    restart_at: float | None = None
    backoff: Backoff = field(default_factory=lambda: Backoff(FIRST_RESTART_SECONDS, MAX_RESTART_SECONDS))


@dataclass(slots=True)
class Supervisor:
    """The parent of one forked child per process, each on its port of 127.0.0.1."""

    port: int
    logs: Path
    environments: Mapping[str, Mapping[str, str]]
    children: dict[str, Child] = field(default_factory=dict)

    def start(self) -> None:
        for process in PROCESSES:
            log = self._log(process)
            if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
                log.replace(log.with_suffix(".log.1"))
            self.children[process.name] = Child(process, self._fork(process))

    def wait(self, timeout_seconds: float = 60) -> None:
        """Wait until every process is ready. Raises SetupError after `timeout_seconds`."""
        waiting = {process.name: process for process in PROCESSES}
        states: dict[str, str] = {}
        deadline = time.monotonic() + timeout_seconds
        while waiting:
            self.restart_ended()
            for name, process in list(waiting.items()):
                port = self.port + process.offset
                ready, states[name] = readiness(port)
                # Another program may answer on a port that our process could not take.
                if ready and listens(self.children[name].pid, port):
                    del waiting[name]
            if time.monotonic() > deadline:
                reasons = "; ".join(f"{name}: {states[name]}" for name in waiting)
                raise SetupError(
                    f"Not everything was ready after {timeout_seconds:.0f} seconds ({reasons}): see {self.logs}."
                )
            time.sleep(0.05)

    def restart_ended(self) -> list[str]:
        """Restart processes that have ended, with exponential backoff. Returns their names.

        Raises SetupError where one ended too often or has invalid settings.
        """
        restarted: list[str] = []
        now = time.monotonic()
        for child in self.children.values():
            if child.restart_at is None and (status := exit_status(child.pid)) is not None:
                if status == server.EXIT_BAD_SETTINGS:
                    raise SetupError(f"{last_log_line(self._log(child.process))}: correct it and run this again.")
                child.exits = [exited_at for exited_at in child.exits if now - exited_at < EXIT_WINDOW_SECONDS]
                if not child.exits:
                    child.backoff.reset()
                child.exits.append(now)
                if len(child.exits) >= MAX_EXITS:
                    reason = last_log_line(self._log(child.process))
                    raise SetupError(
                        f"{child.process.name} stopped {MAX_EXITS} times ({reason}): see {self._log(child.process)}."
                    )
                child.restart_at = now + child.backoff.next_delay()
            if child.restart_at is not None and now >= child.restart_at:
                child.pid, child.restart_at = self._fork(child.process), None
                restarted.append(child.process.name)
        return restarted

    def stop(self) -> None:
        """Stop the gateway, then the APIs, last the workers. A process that takes too long is killed.

        All of it takes at most STOP_GROUP_SECONDS for each group.
        """
        for group in STOP_GROUPS:
            pids = [self.children[process.name].pid for process in group if process.name in self.children]
            _stop([pid for pid in pids if exit_status(pid) is None])

    def _fork(self, process: Process) -> int:
        def work() -> None:
            server.serve(process, "127.0.0.1", self.port + process.offset)

        return fork.fork(work, name=process.name, env=self.environments[process.name], log=self._log(process))

    def _log(self, process: Process) -> Path:
        return self.logs / f"{process.name}.log"


def readiness(port: int, host: str = "127.0.0.1") -> tuple[bool, str]:
    """Return whether a process is ready, and why not, in a few words."""
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
    return ", ".join(f"{name} {state}" for name, state in checks.items() if state != "ok")


def listens(pid: int, port: int) -> bool:
    """Return whether this process listens on this port."""
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(socket.status == psutil.CONN_LISTEN and socket.laddr.port == port for socket in connections)


def _stop(pids: Sequence[int], timeout_seconds: float = STOP_GROUP_SECONDS) -> None:
    waiting = set(pids)
    for signal_number, seconds in ((signal.SIGTERM, timeout_seconds), (signal.SIGKILL, timeout_seconds)):
        for pid in waiting:
            os.kill(pid, signal_number)
        deadline = time.monotonic() + seconds
        while waiting and time.monotonic() < deadline:
            waiting = {pid for pid in waiting if exit_status(pid) is None}
            time.sleep(0.02)


def exit_status(pid: int) -> int | None:
    """Reap a child and return its exit status, negative for a signal; None while it runs."""
    try:
        reaped_pid, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return 0
    return os.waitstatus_to_exitcode(status) if reaped_pid else None
