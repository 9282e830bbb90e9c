"""The folder of an index, which no other process writes to, and the check of its files.

Given a parent folder, each process locks the first numbered folder in it that no living process holds, and finds there
the index that its predecessor left. Without one, a private folder is made and removed at the end.
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

MAX_PROCESSES = 64
SEGMENT_FILES = ("idx", "pos", "term", "store", "fast", "fieldnorm")
FOOTER_MAGIC = 1337
CHUNK_BYTES = 1 << 22


class NoFreeIndexFolder(Exception):
    """So many processes share a parent folder that it must be a mistake."""


class BrokenIndex(Exception):
    """The files of an index are not as they were written."""


class IndexFolder:
    """A folder, locked until `close` or until the process ends in any way: the operating system holds the lock."""

    def __init__(self, parent: Path | None) -> None:
        if parent is None:
            self.path = Path(tempfile.mkdtemp(prefix="impact-search-"))
            self._close = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)
        else:
            self.path, lock = _lock_free_folder(parent)
            self._close = weakref.finalize(self, os.close, lock)

    @property
    def index_path(self) -> Path:
        """The folder of the index's own files."""
        return self.path / "index"

    def empty(self) -> Path:
        """Remove the index, and return its folder with nothing in it."""
        shutil.rmtree(self.index_path, ignore_errors=True)
        self.index_path.mkdir(parents=True)
        return self.index_path

    def close(self) -> None:
        """Release the folder, and remove it if it is private."""
        self._close()


def _lock_free_folder(parent: Path) -> tuple[Path, int]:
    for number in range(MAX_PROCESSES):
        path = parent / str(number)
        path.mkdir(parents=True, exist_ok=True)
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return path, lock
    raise NoFreeIndexFolder(f"{MAX_PROCESSES} processes already have their search index in {parent}")


def verify_checksums(index_path: Path) -> None:
    """Read every file of an index once, before tantivy maps them into memory: it does not survive a broken one.

    Each ends with a JSON footer that holds the CRC-32 of what is before it, its length and a magic number, both four
    bytes, little-endian (tantivy, `directory/footer.rs`). Raises BrokenIndex, OSError, ValueError.
    """
    meta = index_path / "meta.json"
    if not meta.exists():
        return
    for segment in orjson.loads(meta.read_bytes())["segments"]:
        name = segment["segment_id"].replace("-", "")
        files = [index_path / f"{name}.{kind}" for kind in SEGMENT_FILES]
        if deletes := segment["deletes"]:
            files.append(index_path / f"{name}.{deletes['opstamp']}.del")
        for file in files:
            _verify_checksum(file)


def _verify_checksum(file: Path) -> None:
    with file.open("rb") as content:
        size = content.seek(0, os.SEEK_END)
        content.seek(max(0, size - 8))
        footer_size, magic = struct.unpack("<II", content.read(8).rjust(8, b"\0"))
        if magic != FOOTER_MAGIC or footer_size > size - 8:
            raise BrokenIndex(file.name)
        content.seek(size - 8 - footer_size)
        expected = orjson.loads(content.read(footer_size))["crc"]
        content.seek(0)
        remaining, checksum = size - 8 - footer_size, 0
        while remaining and (chunk := content.read(min(remaining, CHUNK_BYTES))):
            checksum = zlib.crc32(chunk, checksum)
            remaining -= len(chunk)
    if checksum != expected:
        raise BrokenIndex(file.name)
