"""One change of a learning piece, made on the piece as it is now, whatever others change beside it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import orjson

from gateway.web.api_client import ApiRefusal, Document, PublicApi

MAX_ATTEMPTS: Final = 5
MAX_PARTS: Final = {"questions": 3, "media": 5}
DIGEST_LENGTH: Final = 16


class PartChanged(Exception):
    """Somebody has changed or removed this part of the piece since it was shown."""


def fingerprint(part: Document | None) -> str:
    """Return what changes when this part does; of one that is not there yet, nothing."""
    if part is None:
        return ""
    return hashlib.sha256(orjson.dumps(part, option=orjson.OPT_SORT_KEYS)).hexdigest()[:DIGEST_LENGTH]


@dataclass(frozen=True, slots=True)
class PartChange:
    """A question or a medium as it was written, or None to remove it.

    `shown` is the fingerprint of the one that its author had before them; empty for a new one.
    """

    name: str
    shown: str
    body: Document | None

    def apply(self, piece: Document) -> Document | None:
        """Return the merge patch of this change; None where it is done. Raises PartChanged."""
        parts: list[Document] = piece[self.name]
        position = self.position(parts)
        if self.body in parts or (self.body is None and position is None):
            return None
        if self.body is not None and self.shown and position is None:
            raise PartChanged
        written = [] if self.body is None else [self.body]
        if position is None:
            return {self.name: [*parts, *written]}
        return {self.name: [*parts[:position], *written, *parts[position + 1 :]]}

    def position(self, parts: list[Document]) -> int | None:
        """Return where the part that was shown stands, from 0; None where it does not, or is new."""
        prints = [fingerprint(part) for part in parts]
        return prints.index(self.shown) if self.shown in prints else None


async def change_piece(api: PublicApi, id: object, change: Callable[[Document], Document | None]) -> None:
    """Send the merge patch that `change` returns for the piece as it is now; None where there is nothing to do.

    Where somebody else was faster it is done again on what they wrote. Raises whatever `change` raises, and ApiRefusal.
    """
    path = f"/v1/learning/{id}"
    for attempt in range(1, MAX_ATTEMPTS + 1):
        piece = await api.read(path)
        patch = change(piece.document)
        if patch is None:
            return
        try:
            await api.send("PATCH", path, patch, etag=piece.etag)
        except ApiRefusal as error:
            if error.status != 412 or attempt == MAX_ATTEMPTS:
                raise
        else:
            return
