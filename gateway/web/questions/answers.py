"""What stands with an answer: what to try today, and what to learn."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from gateway.web.api_client import Document, PublicApi

MAX_GUIDES: Final = 2


@dataclass(frozen=True, slots=True)
class AnswerContext:
    """What the cited guides say to try, and pieces that teach them."""

    guides: list[Document] = field(default_factory=list[Document])
    pieces: list[Document] = field(default_factory=list[Document])


async def find_context(api: PublicApi, cited: Iterable[Document]) -> AnswerContext:
    """Ask for what stands with an answer; what is not answered is left out."""
    guide_ids = [source["id"] for source in cited if source["kind"] == "guide" and source["is_published"]][:MAX_GUIDES]
    documents = await asyncio.gather(
        *(api.find(f"/v1/guides/{guide_id}") for guide_id in guide_ids),
        *(api.find("/v1/learning", guide=guide_id, limit=2) for guide_id in guide_ids),
    )
    guides = [guide for guide in documents[: len(guide_ids)] if guide and _has_advice(guide)]
    pieces = {piece["id"]: piece for page in documents[len(guide_ids) :] if page for piece in page["items"]}
    return AnswerContext(guides, list(pieces.values()))


def _has_advice(guide: Document) -> bool:
    return any(statement["what_to_try"] for statement in guide["statements"])
