"""Ports for servers that tests start: below the ephemeral range, and reserved for one process at a time."""

import contextlib
import fcntl
import os
import socket
import tempfile
from pathlib import Path

PORTS_PER_RESERVATION = 20
"""Consecutive ports: as many as `impact up` needs, counted from the gateway's."""
FIRST_PORTS = range(20_000, 30_000, PORTS_PER_RESERVATION)
LOCK_FOLDER = Path(tempfile.gettempdir()) / "impact-tests-ports"
"""Shared by all users of this machine: until its server has started, a reserved port looks free."""


def reserve_ports() -> int:
    """Return the first of `PORTS_PER_RESERVATION` free ports, reserved until this process ends."""
    LOCK_FOLDER.mkdir(exist_ok=True)
    with contextlib.suppress(PermissionError):  # another user has made it
        LOCK_FOLDER.chmod(0o1777)
    for first in FIRST_PORTS:
        lock = _open(LOCK_FOLDER / str(first))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        if all(map(_is_free, range(first, first + PORTS_PER_RESERVATION))):
            return first  # the lock stays open
        os.close(lock)
    raise AssertionError(
        f"no {PORTS_PER_RESERVATION} ports in a row are free between {FIRST_PORTS.start} and {FIRST_PORTS.stop}"
    )


def _open(path: Path) -> int:
    """Open a lock file, which may belong to another user."""
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
