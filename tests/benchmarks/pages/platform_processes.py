"""The processes of the platform while it runs: their processor time, their memory, and what they were asked."""

import json
import re
from pathlib import Path
from typing import Final

import httpx
import psutil

from deploy.cli.diagnostics.status import memory
from tests.support.platform import Platform

SERVICES: Final = ("EVIDENCE_URL", "ENGAGEMENT_URL", "FUNDING_URL")
REQUEST_COUNT: Final = re.compile(r'^impact_http_requests_total\{.*route="/v1/.*\} ([\d.e+]+)$', re.MULTILINE)


class PlatformProcesses:
    """What the gateway needs, and how many requests the services have answered."""

    def __init__(self, platform: Platform) -> None:
        state = platform.folder / ".impact"
        self._pids: dict[str, int] = json.loads((state / "processes.json").read_text())
        running: dict[str, str] = json.loads((state / "running.json").read_text())
        self._services = [running[name] for name in SERVICES]

    def cpu_seconds(self) -> float:
        """Return the processor time of the gateway so far, of all threads; to the nanosecond where Linux says it."""
        pid = self._pids["gateway"]
        tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
        nanoseconds = sum(int(task.read_text().split()[0]) for task in tasks)
        return nanoseconds / 1e9 if nanoseconds else sum(psutil.Process(pid).cpu_times()[:2])

    def api_requests(self) -> int:
        """Return how many requests to addresses of the API all services have answered so far."""
        texts = [httpx.get(f"{url}/metrics").text for url in self._services]
        return round(sum(float(count) for text in texts for count in REQUEST_COUNT.findall(text)))

    def gateway_memory(self) -> int:
        """Return the bytes of the gateway, shared pages counted by their share (PSS)."""
        return memory(self._pids["gateway"])

    def all_memory(self) -> int:
        """Return the bytes of all processes and of PostgreSQL, likewise."""
        return sum(memory(pid, recursive=name != "impact") for name, pid in self._pids.items())
