"""A process that ends is restarted, later each time; one that ran for a minute starts again with the first delay."""

import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from deploy.engines.setup_error import SetupError
from deploy.processes import GATEWAY
from deploy.supervision import supervisor
from deploy.supervision.engines import STOP_SECONDS
from deploy.supervision.supervisor import Child, Supervisor

STEP_SECONDS = 0.05


class Clock:
    """A `time` of which each question takes a step."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        self.seconds += STEP_SECONDS
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()

    def exited(_pid: int) -> int:
        return 1

    def fork(_supervisor: Supervisor, _process: object) -> int:
        return 1

    monkeypatch.setattr(supervisor, "time", clock)
    monkeypatch.setattr(supervisor, "exit_status", exited)
    monkeypatch.setattr(Supervisor, "_fork", fork)
    return clock


def seconds_until_restart(processes: Supervisor, clock: Clock) -> float:
    ended_at = clock.seconds
    while not processes.restart_ended():
        pass
    return clock.seconds - ended_at


def test_delays_double_until_a_process_has_run_for_a_minute(clock: Clock, tmp_path: Path) -> None:
    processes = Supervisor(8000, tmp_path, {}, {"gateway": Child(GATEWAY, 1)})
    (tmp_path / "gateway.log").write_text("ValueError: no\n")
    delays = [seconds_until_restart(processes, clock) for _ in range(3)]
    assert delays == pytest.approx([0.4, 0.8, 1.6], abs=3 * STEP_SECONDS)
    clock.seconds += 61
    delays = [seconds_until_restart(processes, clock) for _ in range(4)]
    assert delays == pytest.approx([0.4, 0.8, 1.6, 3.2], abs=3 * STEP_SECONDS)
    with pytest.raises(SetupError, match=r"gateway stopped 5 times \(ValueError: no\)"):
        processes.restart_ended()


def test_groups_and_engines_have_ten_seconds_to_stop_in_all() -> None:
    assert len(supervisor.STOP_GROUPS) * supervisor.STOP_GROUP_SECONDS + 2 * STOP_SECONDS <= 10


class Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_the_answer_of_another_program_on_the_port_is_not_taken_for_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(supervisor, "PROCESSES", (GATEWAY,))
    other = HTTPServer(("127.0.0.1", 0), Ready)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    ours = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        started = Supervisor(other.server_port, tmp_path, {}, {"gateway": Child(GATEWAY, ours.pid)})
        assert supervisor.readiness(other.server_port)[0]
        with pytest.raises(SetupError, match="Not everything was ready"):
            started.wait(0.5)
    finally:
        ours.kill()
        ours.wait()
        other.shutdown()
        other.server_close()


def test_a_process_listens_on_the_ports_of_its_own_sockets() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        assert not supervisor.listens(os.getpid(), port)
        listener.listen()
        assert supervisor.listens(os.getpid(), port)
        assert not supervisor.listens(os.getpid(), port + 1)
