"""The pages as people use them, beside their goals: journeys in a browser, then each kind of page over HTTP.

    python -m tests.benchmarks.pages [--rounds 100] [--pages-only]

Some three minutes. Starts a platform of its own with the demo library (gateway, services, PostgreSQL), and walks the
four journeys in Chromium at 375 px, with and without script: how many pages and presses (clicks, and Enter in a
field), and how many bytes on the wire with an empty cache, everything counted. Then it asks for each kind of page so
many times, in alternation with `GET /health/ready` and the API answer behind the page. Load on the machine slows all
of them alike: compare the ratios, and the processor time of the gateway, which depend on it least. What misses a goal
is marked `OVER`. Needs what `make verify` installs.
"""

import argparse
import os
import statistics
import tempfile
from pathlib import Path
from typing import Final

from tests.benchmarks.pages.durations import Durations, TimedRun, measure, percentile
from tests.benchmarks.pages.journeys import JOURNEYS, Walk
from tests.benchmarks.pages.kinds import find_kinds
from tests.benchmarks.pages.platform_processes import PlatformProcesses
from tests.benchmarks.pages.walker import Phone, running_phone
from tests.support.platform import running_platform, wait_for_demo_library
from tests.verify.browser.site import kind_of

MAX_FIRST_BYTES, MAX_NEXT_BYTES, MAX_ANSWER_BYTES, MAX_ANSWER_PRESSES = 40_000, 15_000, 100_000, 3
MAX_CPU_SECONDS: Final = 0.050
MAX_SECONDS: Final = 180.0
"""How long the pages are timed at most, however slow the machine."""


def main() -> None:
    parser = argparse.ArgumentParser(description="The pages as people use them, beside their goals.")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--pages-only", action="store_true", help="leave the journeys out")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_platform(Path(folder), DEMO="true", RATE_LIMIT_FACTOR="100000") as platform,
    ):
        wait_for_demo_library(platform)
        with running_phone(platform) as phone:
            if not arguments.pages_only:
                print_journeys(phone)
            print_durations(measure(phone, find_kinds(phone), arguments.rounds, MAX_SECONDS))
        processes = PlatformProcesses(platform)
        gateway, whole = (size / 2**20 for size in (processes.gateway_memory(), processes.all_memory()))
        print(f"\nmemory afterwards (PSS): gateway {gateway:.0f} MB, all processes and PostgreSQL {whole:.0f} MB")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


def print_journeys(phone: Phone) -> None:
    """Walk each journey with and without script, and print what it took."""
    first, following = f"first at most {MAX_FIRST_BYTES / 1000:.0f}", f"next at most {MAX_NEXT_BYTES / 1000:.0f}"
    print(f"Journeys at 375 px with an empty cache (goals in kB, compressed: {first}, {following})")
    for journey in JOURNEYS:
        for script in (True, False):
            print_walk(f"{journey.name}, {'with' if script else 'without'} script", journey.walk(phone, script))


def print_walk(name: str, walk: Walk) -> None:
    following = [load.size for load in walk.loads if not load.is_first]
    first = max(load.size for load in walk.loads if load.is_first)
    figures = [
        f"{len(walk.loads)} pages",
        f"{walk.presses} presses",
        f"first {_size(first, MAX_FIRST_BYTES)}",
        f"next {statistics.mean(following) / 1000:.1f} on average, at most {_size(max(following), MAX_NEXT_BYTES)}",
        f"{sum(load.size for load in walk.loads) / 1000:.1f} in all",
        f"other hosts {walk.foreign_requests}{_over(walk.foreign_requests, 0)}",
    ]
    print(f"  {name}: {', '.join(figures)}")
    if walk.answer is not None:
        presses = f"{walk.answer.presses} presses{_over(walk.answer.presses, MAX_ANSWER_PRESSES)}"
        print(f"    the answer after {presses} and {_size(walk.answer.size, MAX_ANSWER_BYTES)} (goals 3 and 100)")
    for load in walk.loads:
        if not load.is_first and load.size > MAX_NEXT_BYTES:
            print(f"    {load.kind}: {_size(load.size, MAX_NEXT_BYTES)}")


def print_durations(run: TimedRun) -> None:
    ready = percentile(run.ready_seconds, 50)
    print(f"\nEach kind of page, {run.rounds} requests in alternation; /health/ready p50 {ready * 1000:.1f} ms")
    print(
        "  p50 and p95 in ms; p50 beside /health/ready and beside the API answer; processor us of the gateway (median);"
    )
    print("  requests to the API; kB compressed, as a browser gets them that follows a link of the site")
    headings = ("page", "p50", "p95", "/ready", "/API", "API p50", "us", "API", "kB")
    print("  {:46}{:>8}{:>8}{:>8}{:>7}{:>9}{:>8}{:>5}{:>7}".format(*headings))
    for durations in run.durations:
        print(f"  {_row(durations, ready)}")


def _row(durations: Durations, ready: float) -> str:
    p50, p95 = (percentile(durations.page_seconds, percent) for percent in (50, 95))
    api, cpu = percentile(durations.api_seconds, 50), percentile(durations.cpu_seconds, 50)
    marks = _over(durations.size, MAX_NEXT_BYTES) or _over(cpu, MAX_CPU_SECONDS)
    return (
        f"{kind_of(durations.kind.path):46}{p50 * 1000:8.1f}{p95 * 1000:8.1f}{p50 / ready:8.1f}{p50 / api:7.1f}"
        f"{api * 1000:9.1f}{cpu * 1e6:8.0f}{durations.api_requests:5}{durations.size / 1000:7.1f}{marks}"
    )


def _size(size: int, goal: int) -> str:
    return f"{size / 1000:.1f}{_over(size, goal)}"


def _over(value: float, goal: float) -> str:
    return " OVER" if value > goal else ""


if __name__ == "__main__":
    main()
