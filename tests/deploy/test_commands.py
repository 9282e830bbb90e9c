"""The `impact` commands where nothing runs, or does not answer: one sentence, and exit status 1."""

import fcntl
import importlib.metadata
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import psutil
import pytest
import typer
from typer.testing import CliRunner

from deploy import processes
from deploy.cli.main import app
from deploy.engines import host
from deploy.supervision import run_state
from tests.support.ports import reserve_ports
from tests.support.prerequisites import CHECKOUT

NOT_RUNNING = "IMPACT is not running: start it with `make up`.\n"
WITHOUT_PLATFORM = {"doctor", "keys", "logs", "reset", "serve", "up"}
WITH_PLATFORM = (
    ("administrator", "--subject", "somebody"),
    ("audit", "verify"),
    ("dead-letters", "list"),
    ("dead-letters", "redrive", "funding", "--all"),
    ("dead-letters", "show", "funding", "1"),
    ("event-topics",),
    ("link", "carer"),
    ("links",),
    ("migrate",),
    ("plant",),
    ("replay", "funding", "--from-beginning"),
    ("seed",),
    ("status",),
    ("story",),
    ("token", "carer"),
)
ENDED_PID = 2**22 + 1  # above what Linux gives


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Create the `.impact` that a run left behind: every address is a closed port, every process has ended."""
    port = host.free_port()
    database = f"postgresql://x:x@127.0.0.1:{port}/x"
    settings = {
        **dict.fromkeys(processes.addresses(port), f"http://127.0.0.1:{port}"),
        **{f"{service.upper()}_DATABASE_URL": database for service in processes.PACKAGES},
        "EVENT_LOG_URL": database,
        "DEMO": "true",
    }
    (tmp_path / "lock").touch()
    run_state.save_settings(tmp_path, settings)
    run_state.save_processes(tmp_path, {"impact": ENDED_PID, "postgres": ENDED_PID, "gateway": ENDED_PID})
    monkeypatch.setattr(run_state, "STATE", tmp_path)
    with mock.patch.dict(os.environ):  # the commands add to it
        for name in {*settings, "KAFKA_BOOTSTRAP_SERVERS", "OIDC_ISSUER", "SECRETS_DIR"} & os.environ.keys():
            del os.environ[name]
        yield tmp_path


@pytest.fixture
def running(state: Path) -> Iterator[Path]:
    """Hold the lock, as `impact up` does while its engines start."""
    with (state / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield state


def impact(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def names_of(group: typer.Typer, *prefix: str) -> set[tuple[str, ...]]:
    own_names = {
        info.name or getattr(info.callback, "__name__", "").replace("_", "-") for info in group.registered_commands
    }
    names = {(*prefix, name) for name in own_names}
    for info in group.registered_groups:
        if info.typer_instance is not None:
            names |= names_of(info.typer_instance, *prefix, str(info.name))
    return names


def test_every_command_is_tried_here_or_needs_no_platform() -> None:
    names = names_of(app)
    tried = {command[:length] for command in WITH_PLATFORM for length in (1, 2)} & names
    assert names == tried | {(name,) for name in WITHOUT_PLATFORM}


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("command", WITH_PLATFORM, ids=" ".join)
def test_after_a_stop_a_command_says_what_to_do(command: tuple[str, ...]) -> None:
    assert impact(*command) == (1, NOT_RUNNING)


@pytest.mark.parametrize("command", WITH_PLATFORM, ids=" ".join)
def test_before_the_first_start_a_command_says_what_to_do_or_set(state: Path, command: tuple[str, ...]) -> None:
    (state / "running.json").unlink()
    status, output = impact(*command)
    assert status == 1
    assert output.startswith("IMPACT is not running: start it with `make up`, or set ")
    assert len(output.splitlines()) == 1


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize("command", [command for command in WITH_PLATFORM if command != ("status",)], ids=" ".join)
def test_what_does_not_answer_yet_is_reported_in_one_sentence(command: tuple[str, ...]) -> None:
    status, output = impact(*command)
    assert status == 1
    assert "does not answer" in output
    assert len(output.splitlines()) == 1


def test_the_status_of_an_engine_is_whether_its_port_is_open(running: Path) -> None:
    run_state.save_processes(running, {"postgres": os.getpid(), "kafka": os.getpid()})
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        ports = {"postgres": listener.getsockname()[1], "kafka": host.free_port()}
        (running / "ports.json").write_text(json.dumps(ports))
        status, output = impact("status")
    rows = {name: next(line for line in output.splitlines() if f" {name} " in line) for name in ports}
    assert status == 1
    assert " ready " in rows["postgres"]
    assert " does not answer " in rows["kafka"]


def test_the_status_shows_the_demo_library_while_it_is_planted(running: Path) -> None:
    run_state.save_processes(running, {run_state.LIBRARY: os.getpid()})
    assert "being planted" in impact("status")[1]
    run_state.save_processes(running, {})
    assert "being planted" not in impact("status")[1]


def test_a_child_that_ends_meanwhile_leaves_an_engine_ready(running: Path) -> None:
    run_state.save_processes(running, {"postgres": os.getpid()})
    with subprocess.Popen(["sleep", "60"]) as child:
        ended = psutil.Process(child.pid)
        child.kill()
    with socket.socket() as listener, mock.patch.object(psutil.Process, "children", return_value=[ended]):
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        (running / "ports.json").write_text(json.dumps({"postgres": listener.getsockname()[1]}))
        _status, output = impact("status")
    assert " ready " in next(line for line in output.splitlines() if " postgres " in line)


@pytest.mark.parametrize("pid", [0, -1])
def test_a_process_id_that_cannot_be_is_a_process_that_has_ended(running: Path, pid: int) -> None:
    run_state.save_processes(running, {"impact": pid, "postgres": pid})
    status, output = impact("status")
    assert status == 1
    assert " does not answer " in next(line for line in output.splitlines() if " postgres " in line)


def test_the_help_lists_services_processes_and_personas() -> None:
    status, output = impact("--help")
    assert status == 0
    assert "Services:   evidence, engagement, funding\n" in output
    assert "Processes:  gateway, evidence, engagement, funding, evidence-worker," in output
    assert "Personas:   carer, practitioner," in output


def test_the_version_is_that_of_the_package() -> None:
    assert impact("--version") == (0, f"IMPACT {importlib.metadata.version('impact')}\n")


def test_an_unknown_persona_is_told_which_there_are() -> None:
    for command in ("link", "token"):
        status, output = impact(command, "nobody")
        assert status == 1
        assert output.startswith("There is no persona nobody: choose one of carer, ")


def test_the_doctor_names_a_damaged_file_and_a_process_that_does_not_answer(running: Path) -> None:
    (running / "ports.json").write_text("{")
    status, output = impact("doctor")
    assert status == 1
    subjects = [line.split(maxsplit=1)[1] for line in output.splitlines() if line.startswith("wrong")]
    assert subjects[0] == "the files in .impact"
    assert {process.name for process in processes.PROCESSES} < set(subjects)
    assert f"{running / 'ports.json'} cannot be read" in output
    assert "`impact logs gateway` says more" in output


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("running.json", '{"PUBLIC_URL": 5}'),
        ("processes.json", '{"impact": "x"}'),
        ("ports.json", '{"postgres": null}'),
    ],
)
def test_a_wrong_value_in_a_state_file_is_reported_with_its_remedy(running: Path, file: str, content: str) -> None:
    (running / file).write_text(content)
    for command in ("doctor", "status"):
        status, output = impact(command)
        assert status == 1
        assert f"{running / file} has a wrong value of {json.loads(content).popitem()[0]}: delete it, " in output


def test_without_the_settings_of_what_runs_a_command_says_to_start_it_again(running: Path) -> None:
    (running / "running.json").unlink()
    status, output = impact("link", "carer")
    assert status == 1
    assert output.startswith("IMPACT runs here, but running.json is not there: wait until it is ready; if it is, stop")


@pytest.mark.parametrize("port", ["x", "80", "70000"])
def test_make_up_refuses_what_is_no_port_before_it_installs(port: str) -> None:
    completed = subprocess.run(
        [sys.executable, "-m", "deploy.supervision.ports"],
        cwd=CHECKOUT,
        env={**os.environ, "PORT": port},
        capture_output=True,
        text=True,
        check=False,
    )
    assert completed.returncode == 1
    expected = f"PORT is {port}: set a number from 1024 to 65000, such as `make up PORT=9000`.\n"
    assert (completed.stdout, completed.stderr) == ("", expected)


def test_a_saved_number_that_is_no_port_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    file.write_text('{"postgres": 99999}')
    port = host.stable_port(file, "postgres")
    assert json.loads(file.read_text()) == {"postgres": port}
    assert port < 2**16


def test_the_doctor_looks_at_the_ports_where_nothing_runs(state: Path) -> None:
    port = reserve_ports()
    assert impact("doctor", "--port", str(port))[0] == 0
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port + 13))
        listener.listen()
        status, output = impact("doctor", "--port", str(port))
    assert status == 1
    assert f"Port {port + 13}, which funding-worker needs, is taken" in output
    assert state.is_dir()


def test_logs_shows_the_last_lines_of_those_that_are_named(state: Path) -> None:
    folder = state / "logs"
    folder.mkdir()
    (folder / "gateway.log").write_text("".join(f"line {number}\n" for number in range(30)))
    (folder / "funding.log").write_text("from funding\n")
    assert impact("logs", "gateway", "-n", "2") == (0, f"{'gateway':18} line 28\n{'gateway':18} line 29\n")
    assert "from funding" in impact("logs")[1]
    status, output = impact("logs", "nginx")
    assert (status, output) == (1, "There is no log of nginx here: choose from funding, gateway.\n")


def test_a_command_without_its_service_lists_the_services() -> None:
    for command in (("replay",), ("dead-letters", "show"), ("dead-letters", "redrive")):
        status, output = impact(*command)
        assert status == 2
        assert "Missing argument 'evidence|engagement|funding'" in output


def test_make_one_asks_for_the_test(tmp_path: Path) -> None:
    ready = tmp_path / "ready-dev"
    ready.touch()
    completed = subprocess.run(
        ["make", "--no-print-directory", "--old-file", str(ready), "one", f"VENV={tmp_path}"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert completed.returncode != 0
    assert completed.stdout == "Which test? For example: make one T=tests/funding/programme/rates/test_rules.py\n"
