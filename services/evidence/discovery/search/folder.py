"""Where the index of this process lies: a folder that no other process writes in.

Given a folder, each process takes the first of its numbered places that no living process holds, and finds there what
the one before it left. Without one, a private folder is made and removed at the end.
"""

import fcntl
import os
import shutil
import struct
import tempfile
import weakref
import zlib
from pathlib import Path

import orjson

MOST_PROCESSES = 64
SEGMENT_FILES = ("idx", "pos", "term", "store", "fast", "fieldnorm")
FOOTER_MAGIC = 1337
PART_BYTES = 1 << 22


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


class BrokenIndex(Exception):
    """The files of an index are not what was written."""


def check(index: Path) -> None:
    """Read every file of an index once, before tantivy maps them into memory: it does not survive a broken one.

    Each ends with a JSON footer that holds the CRC-32 of what is before it, its length and a magic number, both four
    bytes, little-endian (tantivy, `directory/footer.rs`). Raises BrokenIndex, OSError, ValueError.
    """
    meta = index / "meta.json"
    if not meta.exists():
        return
    for segment in orjson.loads(meta.read_bytes())["segments"]:
        name = segment["segment_id"].replace("-", "")
        files = [index / f"{name}.{kind}" for kind in SEGMENT_FILES]
        if deletes := segment["deletes"]:
            files.append(index / f"{name}.{deletes['opstamp']}.del")
        for file in files:
            _check_file(file)


def _check_file(file: Path) -> None:
    with file.open("rb") as content:
        size = content.seek(0, os.SEEK_END)
        content.seek(max(0, size - 8))
        length, magic = struct.unpack("<II", content.read(8).rjust(8, b"\0"))
        if magic != FOOTER_MAGIC or length > size - 8:
            raise BrokenIndex(file.name)
        content.seek(size - 8 - length)
        wanted = orjson.loads(content.read(length))["crc"]
        content.seek(0)
        left, found = size - 8 - length, 0
        while left and (part := content.read(min(left, PART_BYTES))):
            found = zlib.crc32(part, found)
            left -= len(part)
    if found != wanted:
        raise BrokenIndex(file.name)
