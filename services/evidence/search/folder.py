"""Where the index of this process lies: a folder that no other process writes in.

Given a folder, each process takes the first of its numbered places that no living process holds, and finds there what
the one before it left. Without one, a private folder is made and removed at the end.
"""

import fcntl
import os
import shutil
import tempfile
import weakref
from pathlib import Path

MOST_PROCESSES = 64


class NoPlaceForIndex(Exception):
    """So many processes share a folder that it can only be a mistake."""


class Place:
    """Held until `close`, or until the process ends in whatever way: the lock is the system's."""

    def __init__(self, folder: Path | None) -> None:
        self.kept = folder is not None
        if folder is None:
            self.path = Path(tempfile.mkdtemp(prefix="impact-search-"))
            self._close = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)
        else:
            self.path, lock = _taken(folder)
            self._close = weakref.finalize(self, os.close, lock)

    @property
    def index(self) -> Path:
        return self.path / "index"

    def emptied(self) -> Path:
        """The folder of the index, with nothing in it."""
        shutil.rmtree(self.index, ignore_errors=True)
        self.index.mkdir(parents=True)
        return self.index

    def close(self) -> None:
        self._close()


def _taken(folder: Path) -> tuple[Path, int]:
    for number in range(MOST_PROCESSES):
        path = folder / str(number)
        path.mkdir(parents=True, exist_ok=True)
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return path, lock
    raise NoPlaceForIndex(f"{MOST_PROCESSES} processes already have their search index in {folder}")
