"""Ports for servers that tests start: below those that the system gives to clients, and never given out twice."""

import fcntl
import socket
import tempfile
from pathlib import Path
from typing import IO

SPAN = 20
"""Ports in a row: `impact up` takes as many, counted from the gateway's."""
FIRSTS = range(20_000, 30_000, SPAN)

_held: list[IO[str]] = []


def reserve_ports() -> int:
    """The first of `SPAN` free ports that are this process's for as long as it lives, whatever others run beside it."""
    folder = Path(tempfile.gettempdir()) / "impact-tests-ports"
    folder.mkdir(exist_ok=True)
    for first in FIRSTS:
        lock = (folder / str(first)).open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        if all(map(_is_free, range(first, first + SPAN))):
            _held.append(lock)
            return first
        lock.close()
    raise AssertionError(f"no {SPAN} ports in a row are free between {FIRSTS.start} and {FIRSTS.stop}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
