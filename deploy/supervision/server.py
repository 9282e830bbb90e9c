"""How every process serves, on a developer's machine and in a container."""

import ctypes
import gc
import importlib
import math
import os
import sys
import time
from collections.abc import Callable
from types import FrameType

import uvicorn
from pydantic import ValidationError
from starlette.types import ASGIApp

from deploy.processes import Process
from shared.http_server.client_address import ClientAddress
from shared.http_server.limits import HttpLimits
from shared.http_server.protocol import http_protocol
from shared.http_server.server import HttpServer
from shared.settings import Settings

DEFAULT_DRAIN_SECONDS = 5.0
"""How long a process that is asked to stop still accepts requests, while load balancers learn that it is not ready."""
SHUTDOWN_GRACE_SECONDS = 8
"""How long running requests may take when a process is asked to stop."""


EXIT_BAD_SETTINGS = 78
"""The exit status of a process whose settings are missing or invalid (EX_CONFIG): a restart would not help."""

MALLOPT_PARAMETERS = {
    "M_TRIM_THRESHOLD": (-1, 2**20),
    "M_MMAP_THRESHOLD": (-3, 2**20),
    "M_ARENA_MAX": (-8, 2),
}
"""Of mallopt(3): the number of each parameter in malloc.h, and its value."""
GC_THRESHOLDS = (10_000, 20, 20)


class DrainingServer(uvicorn.Server):
    """Stops in order: not ready, wait, finish what is under way, close. A second signal ends the wait."""

    def __init__(
        self, config: uvicorn.Config, http: HttpServer, drain_seconds: float, on_drain: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._http, self._drain_seconds, self._on_drain = http, drain_seconds, on_drain
        self._signal: int | None = None
        self._stop_at = math.inf

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._signal is not None or not self.started or self._drain_seconds <= 0:
            super().handle_exit(sig, frame)
            return
        self._signal, self._stop_at = sig, time.monotonic() + self._drain_seconds
        self._http.draining = True
        self._on_drain()

    async def on_tick(self, counter: int) -> bool:
        if self._signal is not None and time.monotonic() >= self._stop_at and not self.should_exit:
            super().handle_exit(self._signal, None)
        return await super().on_tick(counter)


def serve(process: Process, host: str, port: int) -> None:
    """Create the app of `process` from the environment, and serve it until it is asked to stop."""
    limit_malloc()
    try:
        app = getattr(importlib.import_module(process.module), process.factory.partition(":")[2])()
    except ValidationError as error:
        # Without the values, since some are secrets.
        problems = (" ".join((*map(str, error["loc"]), error["msg"])) for error in error.errors(include_input=False))
        sys.stderr.write(f"{process.name} cannot start: {'; '.join(problems)}\n")
        raise SystemExit(EXIT_BAD_SETTINGS) from None
    drain_seconds = float(os.environ.get("DRAIN_SECONDS") or DEFAULT_DRAIN_SECONDS)
    public_url = os.environ.get("PUBLIC_URL") or Settings.model_fields["public_url"].default
    limits = limits_of(process)
    http = HttpServer(limits, public_url, counts_connections=process.name == "gateway")
    config = uvicorn_config(app, http, host, port)
    server = DrainingServer(config, http, drain_seconds, lambda: setattr(app.state, "draining", True))
    tune_gc()
    server.run()
    if not server.started:
        raise SystemExit(3)


def uvicorn_config(app: ASGIApp, http: HttpServer, host: str, port: int) -> uvicorn.Config:
    """Return uvicorn's settings. Only the proxies that `TRUSTED_PROXIES` names say who their client is: to trust the
    loopback, as uvicorn does by default, lets whoever comes from it name any address as theirs."""
    return uvicorn.Config(
        ClientAddress(app, http.limits) if http.limits.trusted_proxies else app,
        host=host,
        port=port,
        loop="uvloop",
        http=http_protocol(http),
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_graceful_shutdown=SHUTDOWN_GRACE_SECONDS,
        backlog=2048,
    )


def limits_of(process: Process) -> HttpLimits:
    """Return the limits of its HTTP server: the APIs take all that the gateway lets through."""
    return HttpLimits() if process.name == "gateway" else HttpLimits().behind_gateway()


def limit_malloc() -> None:
    """Fix malloc's thresholds, before the first thread starts.

    By default glibc raises them whenever a large buffer is freed, and then never returns such buffers to the system:
    those of the search index's writer came to 40 MB.
    """
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        for setting, value in MALLOPT_PARAMETERS.values():
            mallopt(setting, value)


def tune_gc() -> None:
    """Exclude the objects that exist now from garbage collection, and collect less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
