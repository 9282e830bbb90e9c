"""Ports for servers that tests start: below those that the system gives to clients, and never given out twice."""

import fcntl
import os
import socket
import tempfile
from pathlib import Path

SPAN = 20
"""Ports in a row: `impact up` takes as many, counted from the gateway's."""
FIRSTS = range(20_000, 30_000, SPAN)


def reserve_ports() -> int:
    """The first of `SPAN` free ports that are this process's for as long as it lives, whatever others run beside it."""
    folder = Path(tempfile.gettempdir()) / f"impact-tests-ports-{os.geteuid()}"
    folder.mkdir(exist_ok=True)
    for first in FIRSTS:
        lock = os.open(folder / str(first), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        if all(map(_is_free, range(first, first + SPAN))):
            return first  # the lock stays open
        os.close(lock)
    raise AssertionError(f"no {SPAN} ports in a row are free between {FIRSTS.start} and {FIRSTS.stop}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
