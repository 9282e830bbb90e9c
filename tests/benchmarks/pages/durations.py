"""How long pages take over HTTP, in alternation with the API answers behind them and with `GET /health/ready`."""

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from tests.benchmarks.pages.kinds import PageKind
from tests.benchmarks.pages.platform_processes import PlatformProcesses
from tests.benchmarks.pages.walker import Phone


@dataclass
class Durations:
    """Of a kind of page: seconds of its requests, processor seconds of the gateway, bytes and API requests of one."""

    kind: PageKind
    size: int
    api_requests: int
    page_seconds: list[float] = field(default_factory=list[float])
    api_seconds: list[float] = field(default_factory=list[float])
    cpu_seconds: list[float] = field(default_factory=list[float])


@dataclass(frozen=True, slots=True)
class TimedRun:
    """All kinds of pages, and how long the gateway took to say that it is ready."""

    durations: Sequence[Durations]
    ready_seconds: Sequence[float]
    rounds: int


def measure(phone: Phone, kinds: Sequence[PageKind], rounds: int, max_seconds: float) -> TimedRun:
    """Ask for each page in turn over connections that stay open, so many times or until the time is over.

    Whatever else the machine does slows all of them alike.
    """
    processes = PlatformProcesses(phone.platform)
    clients = _clients(phone, kinds)
    ready: list[float] = []
    run = [_begin(clients[kind.persona], kind, processes) for kind in kinds]
    until, done = time.monotonic() + max_seconds, 0
    while done < rounds and time.monotonic() < until:
        for durations in run:
            http, kind = clients[durations.kind.persona], durations.kind
            ready.append(_seconds(http, "/health/ready", {}))
            durations.api_seconds.append(_seconds(http, kind.api, {}))
            before = processes.cpu_seconds()
            durations.page_seconds.append(_seconds(http, kind.path, kind.headers))
            durations.cpu_seconds.append(processes.cpu_seconds() - before)
        done += 1
    for http in clients.values():
        http.close()
    return TimedRun(run, ready, done)


def percentile(seconds: Sequence[float], percent: int) -> float:
    return statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1]


def _clients(phone: Phone, kinds: Sequence[PageKind]) -> dict[str | None, httpx.Client]:
    """Return a client with one connection for each of the people."""
    return {
        persona: httpx.Client(base_url=phone.platform.url, headers=_credentials(phone, persona), timeout=60)
        for persona in {kind.persona for kind in kinds}
    }


def _credentials(phone: Phone, persona: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {phone.token(persona)}"} if persona else {}


def _begin(http: httpx.Client, kind: PageKind, processes: PlatformProcesses) -> Durations:
    """Ask for a page once, which makes its templates, and once to count what it asks for and how large it is."""
    _seconds(http, kind.path, kind.headers)
    before = processes.api_requests()
    size = 0
    with http.stream("GET", kind.path, headers=kind.headers) as response:
        size = sum(map(len, response.iter_raw()))
    return Durations(kind, size, processes.api_requests() - before)


def _seconds(http: httpx.Client, path: str, headers: Mapping[str, str]) -> float:
    """Return how long the response took. Stops the run where it is not a success."""
    started = time.perf_counter()
    response = http.get(path, headers=headers)
    seconds = time.perf_counter() - started
    if response.status_code != 200:
        raise SystemExit(f"{path} answers {response.status_code}: {response.text[:300]}")
    return seconds
