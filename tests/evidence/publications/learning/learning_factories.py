"""Learning pieces as tests write and answer them."""

from typing import Any

from shared.callers import Caller, person
from shared.persistence.tables import new_id
from tests.evidence.world import PRACTICE, EvidenceWorld
from tests.support.callers import EDITOR

RIGHT = [0, 1, 2]


def question(right: int) -> dict[str, Any]:
    return {
        "ask": "When is the best time to offer a break?",
        "options": ["On the first visit", "After a year", "Never"],
        "right": right,
        "why": f"Number {right} is what those who tried it say.",
    }


async def piece_content(world: EvidenceWorld, **more: Any) -> dict[str, Any]:
    """A whole piece, on an item of its own unless told."""
    if "items" not in more and "guides" not in more:
        more["items"] = [{"id": await world.publish(PRACTICE)}]
    return {
        "title": "Asking about a break on the first visit",
        "point": "Carers take breaks that are offered early.",
        "text": "Most carers do not ask for a break. Those who were offered one early took it.",
        "questions": [question(right) for right in RIGHT],
        **more,
    }


async def create_draft(world: EvidenceWorld, **more: Any) -> str:
    return (await world.json(EDITOR, "POST", "/v1/learning", await piece_content(world, **more)))["id"]


async def publish_piece(world: EvidenceWorld, **more: Any) -> dict[str, Any]:
    return await world.json(EDITOR, "POST", f"/v1/learning/{await create_draft(world, **more)}/publish")


async def finish_piece(world: EvidenceWorld, piece: str, somebody: Caller | None = None) -> dict[str, Any]:
    """The record of somebody who had all of it right."""
    caller = somebody or person(new_id())
    return (await world.json(caller, "POST", f"/v1/learning/{piece}/completions", {"answers": RIGHT}))["completion"]
