"""Ports for servers that tests start: below those that the system gives to clients, and never given out twice."""

import contextlib
import fcntl
import os
import socket
import tempfile
from pathlib import Path

SPAN = 20
"""Ports in a row: `impact up` takes as many, counted from the gateway's."""
FIRSTS = range(20_000, 30_000, SPAN)
LOCKS = Path(tempfile.gettempdir()) / "impact-tests-ports"
"""Of all users of this machine: a port is free until the server that was promised it has started."""


def reserve_ports() -> int:
    """The first of `SPAN` free ports that are this process's for as long as it lives, whatever others run beside it."""
    LOCKS.mkdir(exist_ok=True)
    with contextlib.suppress(PermissionError):  # another user has made it
        LOCKS.chmod(0o1777)
    for first in FIRSTS:
        lock = _open(LOCKS / str(first))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        if all(map(_is_free, range(first, first + SPAN))):
            return first  # the lock stays open
        os.close(lock)
    raise AssertionError(f"no {SPAN} ports in a row are free between {FIRSTS.start} and {FIRSTS.stop}")


def _open(path: Path) -> int:
    """A file to lock, which may be another user's."""
    try:
        return os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        path.touch(0o644)
        return os.open(path, os.O_RDONLY)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
