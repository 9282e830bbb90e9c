"""An item or a guide that a learning piece is based on, and what a choice of it makes of the piece."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from gateway.web.api_client import Document, PublicApi


class Source(NamedTuple):
    """An item or a guide that a piece is based on; without an edition, as it is today."""

    kind: str
    id: str
    edition: int | None = None

    @property
    def value(self) -> str:
        """The source as the value of a field."""
        return f"{self.kind}/{self.id}"

    @property
    def path(self) -> str:
        """Its address in the API."""
        return f"/v1/{'evidence' if self.kind == 'item' else 'guides'}/{self.id}"

    @classmethod
    def of(cls, value: str) -> "Source | None":
        """Return the source that a field names, or None for anything else."""
        kind, _, id = value.partition("/")
        try:
            return cls(kind, str(UUID(id))) if kind in ("item", "guide") else None
        except ValueError:
            return None


def sources_of(piece: Document) -> list[Source]:
    """Return the sources of a piece, in the editions that it teaches."""
    return [Source(source["kind"], source["id"], source["edition"]) for source in piece["sources"]]


def links(sources: Iterable[Source]) -> Document:
    """Return sources as the API takes them."""
    sources = list(sources)
    return {
        f"{kind}s": [{"id": source.id, "edition": source.edition} for source in sources if source.kind == kind]
        for kind in ("item", "guide")
    }


def choose(piece: Document, source: Source, *, drop: bool = False) -> Document | None:
    """Return the merge patch by which a piece teaches from this source as it is today, or from it no more.

    None where it is so already.
    """
    before = sources_of(piece)
    same = [entry for entry in before if (entry.kind, entry.id) == (source.kind, source.id)]
    if drop:
        return links(entry for entry in before if entry not in same) if same else None
    if not same:
        return links([*before, source])
    current = [stored["current_edition"] for stored in piece["sources"] if stored["id"] == source.id]
    if same[0].edition in current:
        return None
    return links(source if entry in same else entry for entry in before)


async def load_documents(api: PublicApi, sources: list[Source]) -> dict[str, Document]:
    """Return what each source is today, by its id; empty for one that is no longer shown."""
    documents = await asyncio.gather(*(api.find_aside(source.path) for source in sources))
    return {source.id: document for source, document in zip(sources, documents, strict=True)}
