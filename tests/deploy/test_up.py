import contextlib
import json
import os
import shutil
import signal
import socket
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.deploy.checkout import Checkout, ImpactRun
from tests.support.ports import reserve_ports


@pytest.fixture
def closed_home() -> Iterator[Path]:
    """Create a folder that only its owner may enter, in one that everybody may."""
    folder = Path(tempfile.mkdtemp(prefix="impact-home-"))
    assert folder.stat().st_mode & 0o777 == 0o700
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def checkout(closed_home: Path) -> Iterator[Checkout]:
    checkout = Checkout.copy_to(closed_home / "impact")
    yield checkout
    checkout.clean_up()


def request_json(url: str, token: str, body: object = None) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=10) as response:  # noqa: S310 - our own address
        return json.load(response)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    running: list[psutil.Process] = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):  # it may end between the two questions
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                running.append(process)
    return running


def topic_names(port: int, token: str) -> set[str]:
    return {topic["name"] for topic in request_json(f"http://127.0.0.1:{port}/v1/topics", token)["items"]}


def test_it_starts_keeps_its_data_and_leaves_no_process_and_no_changed_permission(checkout: Checkout) -> None:
    port, modes_before = reserve_ports(), checkout.modes()
    first = checkout.start_impact("up", port=port)
    first.wait_until_ready()
    assert "carer" in first.output
    assert f"http://127.0.0.1:{port}/sign-in/" in first.output
    status, token = checkout.impact_output("token", "evidence-editor")
    assert status == 0, token
    request_json(f"http://127.0.0.1:{port}/v1/topics", token, {"name": "Carers' breaks"})
    status, output = checkout.impact_output("up", port=port)
    assert (status, output) == (1, "IMPACT is running here already: stop it with Ctrl-C where it runs.")
    processes = first.processes()

    assert first.interrupt() == 0
    assert not alive(processes)
    assert checkout.impact_output("story") == (1, "IMPACT is not running: start it with `make up`.")
    assert (checkout.folder / ".impact" / "search" / "0" / "index" / "meta.json").is_file()

    second = checkout.start_impact("up", port=port, ignored_signals="INT,HUP")
    second.wait_until_ready()
    os.killpg(second.process.pid, signal.SIGHUP)
    assert "Carers' breaks" in topic_names(port, token)
    processes = second.processes()
    suspend_a_child(second)
    assert second.interrupt() == 0
    assert not alive(processes)
    assert checkout.modes() == modes_before
    status, output = checkout.impact_output("reset")
    assert status == 1
    assert output.endswith("with every database, key and log in it: `make reset FORCE=1`.")
    assert (checkout.folder / ".impact").is_dir()
    assert checkout.impact_output("reset", "--force")[0] == 0
    assert not (checkout.folder / ".impact").exists()


def suspend_a_child(run: ImpactRun) -> None:
    """Suspend one of the children, so that only SIGKILL ends it."""
    children = [child for child in psutil.Process(run.process.pid).children() if "up" in child.cmdline()]
    children[-1].send_signal(signal.SIGSTOP)


@pytest.mark.starts_engines
@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as an ordinary user already")
def test_an_ordinary_user_can_start_it_and_killing_it_leaves_no_process() -> None:
    folder = Path(tempfile.mkdtemp(prefix="impact-user-"))
    folder.chmod(0o755)
    checkout = Checkout.copy_to(folder / "impact", user="nobody")
    modes_before = checkout.modes()
    try:
        run = checkout.start_impact("up", port=reserve_ports())
        run.wait_until_ready()
        assert checkout.modes() == modes_before
        assert (checkout.folder / ".impact").stat().st_mode & 0o777 == 0o700
        assert (checkout.folder / ".impact" / "postgres" / "data").is_dir()
        processes = run.processes()
        run.process.kill()
        run.process.communicate(timeout=20)
        gone, remaining = psutil.wait_procs(alive(processes), timeout=20)
        assert gone
        assert not alive(remaining)
    finally:
        checkout.clean_up()
        shutil.rmtree(folder)


def test_a_port_in_use_is_reported_in_one_sentence(checkout: Checkout) -> None:
    port = reserve_ports()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port + 2))
        listener.listen()
        status, output = checkout.impact_output("up", port=port)
    assert status == 1
    taken, advice = output.splitlines()
    assert taken.startswith(f"Port {port + 2}, which engagement needs, is taken by process {os.getpid()} (")
    assert advice.startswith(f"Stop it with `kill {os.getpid()}`, or choose other ports with `make up PORT=")


def test_a_damaged_state_file_is_reported_with_its_remedy(checkout: Checkout) -> None:
    file = checkout.folder / ".impact" / "ports.json"
    file.parent.mkdir(mode=0o700)
    file.write_text('{"postgres": 54')
    status, output = checkout.impact_output("up", port=reserve_ports())
    assert status == 1
    assert output.startswith(f"{file} cannot be read (")
    assert output.endswith("): delete it, and run this again.")


def test_an_unknown_kind_of_event_log_is_reported_in_one_sentence(checkout: Checkout) -> None:
    status, output = checkout.impact_output("up", port=reserve_ports(), EVENTS="nats")
    assert (status, output) == (
        1,
        'EVENTS is "nats": set EVENTS=kafka, or leave it out for the embedded event log.',
    )


def test_commands_before_the_first_start_say_what_to_do(checkout: Checkout) -> None:
    status, output = checkout.impact_output("token", "carer")
    assert status == 1
    assert "`make up`" in output
