"""How every process serves, here and in a container."""

import ctypes
import gc
import importlib
import sys

import uvicorn
from pydantic import ValidationError

from deploy.processes import Process

GRACE = 8
"""Seconds that requests under way are given when a process is asked to stop."""


MISTOLD = 78
"""The exit status of a process whose settings are missing or wrong (EX_CONFIG): starting it again is of no use."""

MALLOC = {
    "M_TRIM_THRESHOLD": (-1, 2**20),
    "M_MMAP_THRESHOLD": (-3, 2**20),
    "M_ARENA_MAX": (-8, 2),
}
"""Of mallopt(3): the number of each parameter in malloc.h, and its value."""
COLLECT_AFTER = (10_000, 20, 20)


def serve(process: Process, host: str, port: int) -> None:
    """Make the app of `process` from its settings in the environment, and serve it until asked to stop."""
    give_memory_back()
    try:
        app = getattr(importlib.import_module(process.module), process.factory.partition(":")[2])()
    except ValidationError as error:
        # Only what is wrong, never the values, among which are secrets.
        problems = (" ".join((*map(str, error["loc"]), error["msg"])) for error in error.errors(include_input=False))
        sys.stderr.write(f"{process.name} cannot start: {'; '.join(problems)}\n")
        raise SystemExit(MISTOLD) from None
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=75,
        backlog=2048,
    )
    server = uvicorn.Server(config)
    collect_less()
    server.run()
    if not server.started:
        raise SystemExit(3)


def give_memory_back() -> None:
    """Before the first thread. Left alone, glibc raises both thresholds with each large buffer that is freed, and keeps
    the next ones for ever: those of the search index's writer came to 40 MB."""
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        for setting, value in MALLOC.values():
            mallopt(setting, value)


def collect_less() -> None:
    """What the process consists of is looked through no more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
