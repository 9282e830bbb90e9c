"""What the connections of one process share."""

import asyncio
from collections import Counter
from typing import Final, Protocol

from shared.http_server.limits import HttpLimits

CHECK_INTERVAL_SECONDS: Final = 1.0


class Connection(Protocol):
    """One connection of a client."""

    def check_time(self, now: float) -> None:
        """Refuse or close a connection on which the client keeps the server waiting."""


class HttpServer:
    """What the connections of one process share: the limits, and how many come from one address."""

    def __init__(self, limits: HttpLimits, public_url: str, *, counts_connections: bool = False) -> None:
        self.limits, self.public_url = limits, public_url
        self.counts_connections = counts_connections
        """Whether one address may only have so many connections; a service has one caller, the gateway."""
        self.draining = False
        """Whether each connection closes after its next response, since the process is about to stop."""
        self.connections: set[Connection] = set()
        self.by_network: Counter[str] = Counter()
        self._check_scheduled = False
        shortest = min(limits.head_timeout_seconds, limits.idle_timeout_seconds, limits.write_timeout_seconds)
        self._interval = min(CHECK_INTERVAL_SECONDS, shortest / 4)

    def schedule_check(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look at every connection from time to time, for as long as there is one: cheaper than a timer for each."""
        if not self._check_scheduled and self.connections:
            self._check_scheduled = True
            loop.call_later(self._interval, self._check, loop)

    def _check(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in list(self.connections):
            connection.check_time(now)
        self._check_scheduled = False
        self.schedule_check(loop)
