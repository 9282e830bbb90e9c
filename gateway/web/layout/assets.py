"""Styles, scripts and icons: files of this package, at addresses with their hash, which a browser may keep for ever."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from starlette.responses import Response

from shared.http.caching import CachePolicy

FOLDER: Final = Path(__file__).parent / "static"
MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}


@cache
def _content(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


@cache
def names() -> frozenset[str]:
    """Return the names of all files."""
    return frozenset(path.name for path in FOLDER.iterdir())


@cache
def asset_hash(name: str) -> str:
    """Return the hash that stands in the file's address."""
    return hashlib.sha256(_content(name)).hexdigest()[:12]


@cache
def asset_path(name: str) -> str:
    """Return the address of a file."""
    return f"/assets/{asset_hash(name)}/{name}"


def file_response(name: str, policy: CachePolicy) -> Response:
    """Return the file."""
    return Response(_content(name), media_type=MEDIA_TYPES[Path(name).suffix], headers=policy.headers)
