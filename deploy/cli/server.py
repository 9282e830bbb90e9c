"""How every process serves, here and in a container."""

import importlib
import sys

import uvicorn
from pydantic import ValidationError

from deploy.processes import Process

GRACE = 8
"""Seconds that requests under way are given when a process is asked to stop."""


MISTOLD = 78
"""The exit status of a process whose settings are missing or wrong (EX_CONFIG): starting it again is of no use."""


def serve(process: Process, host: str, port: int) -> None:
    """Make the app of `process` from its settings in the environment, and serve it until asked to stop."""
    try:
        app = getattr(importlib.import_module(process.module), process.factory.partition(":")[2])()
    except ValidationError as wrong:
        # Only what is wrong, never the values, among which are secrets.
        told = (" ".join((*map(str, error["loc"]), error["msg"])) for error in wrong.errors(include_input=False))
        sys.stderr.write(f"{process.name} cannot start: {'; '.join(told)}\n")
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
    server.run()
    if not server.started:
        raise SystemExit(3)
