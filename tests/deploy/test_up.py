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

from tests.deploy.checkout import Checkout, Run
from tests.support.ports import reserve_ports


@pytest.fixture
def closed_home() -> Iterator[Path]:
    """A folder that nobody but its owner may enter, in one that everybody may."""
    folder = Path(tempfile.mkdtemp(prefix="impact-home-"))
    assert folder.stat().st_mode & 0o777 == 0o700
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def checkout(closed_home: Path) -> Iterator[Checkout]:
    made = Checkout.copied_to(closed_home / "impact")
    yield made
    made.clear_away()


def asked(url: str, token: str, body: object = None) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=10) as answer:  # noqa: S310 - our own address
        return json.load(answer)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [found for found in processes if found.is_running() and found.status() != psutil.STATUS_ZOMBIE]


def names_of_topics(port: int, token: str) -> set[str]:
    return {topic["name"] for topic in asked(f"http://127.0.0.1:{port}/v1/topics", token)["items"]}


def test_it_starts_keeps_its_data_and_leaves_no_process_and_no_changed_permission(checkout: Checkout) -> None:
    port, before = reserve_ports(), checkout.modes()
    first = checkout.impact("up", port=port)
    first.until_ready()
    assert "carer" in first.said
    assert f"http://127.0.0.1:{port}/sign-in/" in first.said
    status, token = checkout.answer("token", "evidence-editor")
    assert status == 0, token
    asked(f"http://127.0.0.1:{port}/v1/topics", token, {"name": "Carers' breaks"})
    status, said = checkout.answer("up", port=port)
    assert (status, said) == (1, "IMPACT is running here already: stop it with Ctrl-C where it runs.")
    everyone = first.everyone()

    assert first.ctrl_c() == 0
    assert not alive(everyone)
    assert (checkout.folder / ".impact" / "search" / "0" / "index" / "meta.json").is_file()

    second = checkout.impact("up", port=port)
    second.until_ready()
    assert "Carers' breaks" in names_of_topics(port, token)
    everyone = second.everyone()
    hang_one_of(second)
    assert second.ctrl_c() == 0
    assert not alive(everyone)
    assert checkout.modes() == before
    assert checkout.answer("reset")[0] == 0
    assert not (checkout.folder / ".impact").exists()


def hang_one_of(run: Run) -> None:
    """Stop one of the children so that it hears nothing but SIGKILL."""
    children = [child for child in psutil.Process(run.process.pid).children() if "up" in child.cmdline()]
    children[-1].send_signal(signal.SIGSTOP)


@pytest.mark.starts_engines
@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as an ordinary user already")
def test_an_ordinary_user_can_start_it_and_killing_it_leaves_no_process() -> None:
    folder = Path(tempfile.mkdtemp(prefix="impact-user-"))
    folder.chmod(0o755)
    checkout = Checkout.copied_to(folder / "impact", user="nobody")
    before = checkout.modes()
    try:
        run = checkout.impact("up", port=reserve_ports())
        run.until_ready()
        assert checkout.modes() == before
        assert (checkout.folder / ".impact").stat().st_mode & 0o777 == 0o700
        assert (checkout.folder / ".impact" / "postgres" / "data").is_dir()
        everyone = run.everyone()
        run.process.kill()
        run.process.communicate(timeout=20)
        gone, left = psutil.wait_procs(alive(everyone), timeout=20)
        assert gone
        assert not alive(left)
    finally:
        checkout.clear_away()
        shutil.rmtree(folder)


def test_a_taken_port_is_told_in_one_sentence(checkout: Checkout) -> None:
    port = reserve_ports()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + 2))
        taken.listen()
        status, said = checkout.answer("up", port=port)
    assert status == 1
    assert said == (
        f"Port {port + 2} is taken, which the engagement needs: "
        f"stop what uses it, or choose others with `make up PORT={port + 1000}`."
    )


def test_an_event_log_that_does_not_exist_is_told_in_one_sentence(checkout: Checkout) -> None:
    status, said = checkout.answer("up", port=reserve_ports(), EVENTS="nats")
    assert (status, said) == (
        1,
        'EVENTS is "nats": say EVENTS=kafka, or leave it out for the embedded event log.',
    )


def test_commands_before_the_first_start_say_what_to_do(checkout: Checkout) -> None:
    status, said = checkout.answer("token", "carer")
    assert status == 1
    assert "`make up`" in said
