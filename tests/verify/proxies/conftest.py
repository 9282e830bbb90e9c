"""nginx with and without buffering, and the reverse proxy of Go's library, in front of one gateway."""

import os
import socket
import subprocess
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.platform import Platform
from tests.support.ports import reserve_ports
from tests.verify.programs import SEARCH_PATH, program

HERE = Path(__file__).parent
START_TIMEOUT_SECONDS = 20


@pytest.fixture(scope="session")
def nginx(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Run nginx. Returns its addresses by buffering mode."""
    executable, folder = program("nginx"), tmp_path_factory.mktemp("nginx")
    ports = {"BUFFERED": reserve_ports(), "UNBUFFERED": reserve_ports()}
    filled_in = {"FOLDER": str(folder), "GATEWAY": urlsplit(platform.url).netloc, **map_to_text(ports)}
    configuration = (HERE / "nginx.conf").read_text()
    for name in ("UNBUFFERED", "BUFFERED", "GATEWAY", "FOLDER"):
        configuration = configuration.replace(name, filled_in[name])
    # As root, its workers too must run as root, to read a folder that only root may enter.
    as_root = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(as_root + configuration)
    command = [executable, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "error.log")]
    with run_proxy([*command, "-g", "daemon off;"], ports["UNBUFFERED"]):
        yield {f"nginx, {name.lower()}": f"http://127.0.0.1:{port}" for name, port in ports.items()}


@pytest.fixture(scope="session")
def go_proxy(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Build and run reverse_proxy.go. Returns its address."""
    executable, port = tmp_path_factory.mktemp("go") / "reverse_proxy", reserve_ports()
    source = HERE / "reverse_proxy.go"
    subprocess.run(
        [program("go"), "build", "-o", executable, source], check=True, env={**os.environ, "PATH": SEARCH_PATH}
    )
    with run_proxy([str(executable), f"127.0.0.1:{port}", platform.url], port):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(params=["nginx, buffered", "nginx, unbuffered", "go"])
def proxy(request: pytest.FixtureRequest) -> str:
    """Return the address of a proxy in front of the gateway."""
    if request.param == "go":
        return request.getfixturevalue("go_proxy")
    return request.getfixturevalue("nginx")[request.param]


@contextmanager
def run_proxy(command: list[str], port: int) -> Generator[None]:
    process = subprocess.Popen(command)
    try:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not is_listening(port):
            assert process.poll() is None, f"{command[0]} ended by itself"
            assert time.monotonic() < deadline, f"{command[0]} does not listen"
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(START_TIMEOUT_SECONDS)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def map_to_text(ports: dict[str, int]) -> dict[str, str]:
    return {name: str(port) for name, port in ports.items()}
