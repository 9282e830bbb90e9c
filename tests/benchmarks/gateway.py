"""The gateway, beside nginx and beside no proxy: the same upstream service and the same load in one run.

    python -m tests.benchmarks.gateway [--seconds 5] [--rounds 3] [--slow-readers 100] [--tracing]

nginx is Debian's package, installed by hand for this alone; `wrk` makes the load where it is installed, otherwise the
generator of `tests/benchmarks/http_load.py`. The service behind them returns 1.5 kB immediately, which is the
hardest case: only the overhead is measured. Each request is signed in, so that no two are coalesced. With
TRACES_PER_SECOND=1000000 in its environment, `--tracing` records every request.
"""

import argparse
import asyncio
import itertools
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from deploy.engines import host
from gateway.identity.sessions import issue_session
from shared.persistence.migrations import schema
from tests.benchmarks.http_load import load
from tests.support.engines import PASSWORD, postgres
from tests.support.settings import caller_keys, settings_for_tests

ROOT = Path(__file__).parents[2]
CONNECTIONS = 32
PATH = "/v1/topics/0198c0de-0000-7000-8000-000000000000"
NGINX = """
worker_processes 1; daemon off; pid {home}/nginx.pid; error_log {home}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {home}/body; proxy_temp_path {home}/proxy;
  fastcgi_temp_path {home}/fastcgi; uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
  upstream service {{ server {service}; keepalive 64; }}
  server {{
    listen 127.0.0.1:{port}; keepalive_requests 1000000;
    location / {{ proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""


@contextmanager
def running_process(*command: str, **env: str) -> Generator[psutil.Process]:
    started = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.DEVNULL)
    try:
        yield psutil.Process(started.pid)
    finally:
        started.terminate()
        started.wait()


def serve_command(app: str, port: int) -> tuple[str, ...]:
    """Return the command that serves a stub service on plain uvicorn."""
    quiet = ("--no-access-log", "--log-level", "warning", "--timeout-keep-alive", "75")
    return (sys.executable, "-m", "uvicorn", app, "--port", str(port), *quiet)


@contextmanager
def gateway_database() -> Generator[str]:
    """Start a PostgreSQL with the gateway's tables; yields the URL of its database."""
    with postgres() as cluster:
        url = cluster.url("gateway", "gateway", PASSWORD)
        asyncio.run(schema.upgrade("gateway", url))
        yield url


def environment_of(service: str, port: int, database: str) -> dict[str, str]:
    """Return the environment variables of the gateway."""
    settings = {
        **settings_for_tests(),
        "caller_private_key": caller_keys()[0],
        "gateway_database_url": database,
        "demo": "true",
        "rate_limit_factor": "1000000",
        "drain_seconds": "0",
        "http_max_connections_per_address": "1000",
        "public_url": f"http://127.0.0.1:{port}",
        **{f"{name}_url": service for name in ("evidence", "engagement", "funding")},
    }
    return {name.upper(): str(value) for name, value in settings.items()}


class Measured(NamedTuple):
    """Of one round."""

    rate: float
    """Responses a second."""
    p99_ms: float


def measure(port: int, path: str, token: str, seconds: int) -> Measured:
    if wrk := shutil.which("wrk"):
        command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "--latency", "-H", f"Authorization: Bearer {token}"]
        wrk_result = subprocess.run(
            [*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True
        )
        if "Non-2xx" in wrk_result.stdout:
            raise SystemExit(f"port {port} refuses: {wrk_result.stdout}")
        number, unit = re.findall(r"99%\s+([\d.]+)(us|ms|s)", wrk_result.stdout)[0]
        rate = float(re.findall(r"Requests/sec:\s+([\d.]+)", wrk_result.stdout)[0])
        return Measured(rate, float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit])
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    load_result = asyncio.run(load(port, itertools.repeat(request), CONNECTIONS, seconds))
    if set(load_result.statuses) != {b"200"}:
        raise SystemExit(f"port {port} refuses: {load_result.statuses}")
    return Measured(load_result.rate, 1000 * load_result.p99_seconds)


@contextmanager
def slow_readers(port: int, token: str, count: int) -> Generator[None]:
    """Keep so many connections open that ask for a large response and read none of it."""
    request = f"GET {PATH}/large HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    with ExitStack() as stack:
        for _ in range(count):
            reader = stack.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(("127.0.0.1", port))
            reader.sendall(request)
        yield


def main() -> None:
    parser = argparse.ArgumentParser(description="The gateway beside nginx and beside no proxy at all.")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slow-readers", type=int, default=0, help="connections beside that read nothing")
    parser.add_argument("--tracing", action="store_true", help="with spans, for a collector that is not there")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        database = stack.enter_context(gateway_database())
        os.environ["DEMO"] = "true"
        token = asyncio.run(issue_session(database, "evidence-editor"))
        ports = {"direct": host.free_port(), "gateway": host.free_port()}
        service = f"http://127.0.0.1:{ports['direct']}"
        stack.enter_context(running_process(*serve_command("tests.benchmarks.stub_service:app", ports["direct"])))
        command = (sys.executable, "-m", "deploy.cli.main", "serve", "gateway", "--port", str(ports["gateway"]))
        environment = environment_of(service, ports["gateway"], database)
        if arguments.tracing:
            environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9"
        gateway = stack.enter_context(running_process(*command, **environment))
        if nginx := shutil.which("nginx"):
            home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            ports["nginx"] = host.free_port()
            config = home / "nginx.conf"
            config.write_text(NGINX.format(home=home, port=ports["nginx"], service=service.partition("//")[2]))
            stack.enter_context(running_process(nginx, "-c", str(config), "-p", str(home)))
        else:
            print("nginx not installed")
        for port in ports.values():
            while host.is_free(port):
                time.sleep(0.05)
        report(arguments, ports, token, gateway)


def report(arguments: argparse.Namespace, ports: dict[str, int], token: str, gateway: psutil.Process) -> None:
    rates: dict[str, list[float]] = {name: [] for name in ports}
    p99: dict[str, list[float]] = {name: [] for name in ports}
    responses, cpu_seconds = 0.0, 0.0
    for _ in range(arguments.rounds):
        for name, port in ports.items():
            before = gateway.cpu_times()
            with slow_readers(port, token, arguments.slow_readers):
                rate, p99_ms = measure(port, PATH, token, arguments.seconds)
            rates[name].append(rate)
            p99[name].append(p99_ms)
            if name == "gateway":
                after = gateway.cpu_times()
                responses += rate * arguments.seconds
                cpu_seconds += after.user + after.system - before.user - before.system
    rate = {name: statistics.median(values) for name, values in rates.items()}
    for name, median in rate.items():
        latency = statistics.median(p99[name])
        print(f"{name:8} {median:10,.0f} responses a second, p99 {latency:.1f} ms (medians of {arguments.rounds})")
    for other in ("direct", "nginx"):
        if other in rate:
            print(
                f"gateway / {other}: {rate['gateway'] / rate[other]:.2f}" + (" (goal 0.30)" if other == "nginx" else "")
            )
    if "nginx" in rate:
        ratio = statistics.median(p99["gateway"]) / statistics.median(p99["nginx"])
        print(f"gateway / nginx, p99: {ratio:.1f} (goal at most 3)")
    print(f"gateway: {1e6 * cpu_seconds / responses:.0f} microseconds of processor time for each response")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
