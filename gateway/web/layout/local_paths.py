"""Addresses within this site, to which a page may lead on."""

import re

_local_path = re.compile(r"/(?![/\\])[^\\\s\x00-\x1f\x7f]*")


def local_path(path: str | None, default: str = "/") -> str:
    """Return the path if it lies within this site, and otherwise the default: never another host's."""
    return path if path and len(path) <= 2000 and _local_path.fullmatch(path) else default
