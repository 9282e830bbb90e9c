"""Real proxies in front of a gateway. Each gives every request that it forwards an id, which it also writes down."""

import json
import os
import re
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.support.ports import reserve_ports
from tests.verify.programs import program

HERE = Path(__file__).parent
START_TIMEOUT_SECONDS = 20
REQUEST_ID_HEADER = "x-proxy-request"
NOWHERE = ("", "-", "<NOSRV>")
"""What nginx and HAProxy write down for a request that they do not forward."""
_authority = re.compile("^https?://[^/?]*", re.IGNORECASE)


class ForwardedRequest(NamedTuple):
    """A request by the id that its proxy gave to it, with its target as after RFC 9112, section 3.2.1."""

    id: str
    method: str
    target: str

    @classmethod
    def of(cls, id: str, method: str, target: str) -> "ForwardedRequest":
        """Return a request with this target in any form, which is a path and a query where the proxy sends that."""
        path = _authority.sub("", target)
        return cls(id, method, path if path and not path.startswith("?") else f"/{path}")


class RunningProxy(NamedTuple):
    url: str
    log: Path

    def forwarded(self) -> Counter[ForwardedRequest]:
        """Return the requests that were forwarded until now, each as often as it was sent."""
        requests: Counter[ForwardedRequest] = Counter()
        whole_lines, _, _ = self.log.read_text("latin-1").rpartition("\n")
        for line in whole_lines.splitlines():
            request: dict[str, str] = json.loads(line)
            attempts = 0 if request["upstream"] in NOWHERE else len(request["upstream"].split(", "))
            requests[ForwardedRequest.of(request["id"], request["method"], request["target"])] += attempts
        return requests


@contextmanager
def run_nginx(gateway_url: str, folder: Path) -> Generator[dict[str, RunningProxy]]:
    """Run nginx in an empty folder. Yields its servers by name."""
    executable, log = program("nginx"), folder / "forwarded.log"
    ports = {name: reserve_ports() for name in ("BUFFERED", "UNBUFFERED", "UPGRADES")}
    values = {"FOLDER": folder, "GATEWAY": urlsplit(gateway_url).netloc, **ports}
    # As root, its workers too must run as root, to read a folder that only root may enter.
    as_root = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(as_root + filled_in("nginx.conf", values))
    command = [executable, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "error.log")]
    with run_proxy([*command, "-g", "daemon off;"], ports["UPGRADES"], folder / "stdout.log"):
        yield {f"nginx, {name.lower()}": RunningProxy(f"http://127.0.0.1:{port}", log) for name, port in ports.items()}


@contextmanager
def run_haproxy(gateway_url: str, folder: Path) -> Generator[RunningProxy]:
    """Run HAProxy in an empty folder."""
    executable, port, log = program("haproxy"), reserve_ports(), folder / "forwarded.log"
    values = {"GATEWAY": urlsplit(gateway_url).netloc, "PORT": port}
    (folder / "haproxy.cfg").write_text(filled_in("haproxy.cfg", values))
    with run_proxy([executable, "-db", "-f", str(folder / "haproxy.cfg")], port, log):
        yield RunningProxy(f"http://127.0.0.1:{port}", log)


@contextmanager
def run_go_proxy(gateway_url: str, folder: Path, executable: Path) -> Generator[RunningProxy]:
    """Run the program that reverse_proxy.go was built to, in an empty folder."""
    port, log = reserve_ports(), folder / "forwarded.log"
    with run_proxy([str(executable), f"127.0.0.1:{port}", gateway_url], port, log):
        yield RunningProxy(f"http://127.0.0.1:{port}", log)


@contextmanager
def run_proxy(command: list[str], port: int, stdout: Path) -> Generator[None]:
    with stdout.open("wb") as output:
        process = subprocess.Popen(command, stdout=output)
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


def filled_in(name: str, values: Mapping[str, object]) -> str:
    """Return a configuration of this folder with its names in capitals replaced."""
    configuration = (HERE / name).read_text()
    for placeholder in sorted(values, key=len, reverse=True):
        configuration = configuration.replace(placeholder, str(values[placeholder]))
    return configuration
