"""Guides as tests write, review and publish them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from shared import clock
from shared.callers import Caller, Role, person
from shared.events.contracts.evidence import (
    EvidenceChanged,
    EvidenceMerged,
    EvidenceRetracted,
    EvidenceUnmerged,
    EvidenceWithdrawn,
)
from shared.persistence.tables import new_id
from tests.evidence.world import PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import EDITOR, NOBODY

PARTNER = Caller(new_id(), "client", scopes=frozenset({"evidence:write"}))
REVIEWER = person(UUID("01900000-0000-7000-8000-0000000000e2"), Role.EVIDENCE_EDITOR)


def statement(*items: str, **more: Any) -> dict[str, Any]:
    """Complete, and standing on these items."""
    return {
        "text": "Carers use breaks more when they can book them without an assessment each time.",
        "what_to_try": "Give ten carers a number to ring, and book what they ask for.",
        "cost": {"level": "low", "in_words": "An hour a week of one worker."},
        "effort": {"level": "moderate", "in_words": "Providers must share their free hours."},
        "conditions": "Where at least two providers have somebody free.",
        "confidence": {
            "kind": "in_plain_words",
            "confidence": "Likely: those who tried it say so.",
            "reason": "Nobody has compared it with what was there before.",
        },
        "citations": [{"item_id": item} for item in items],
        **more,
    }


async def guide_content(world: EvidenceWorld, *statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A whole draft, in a topic of its own unless told."""
    if "topics" not in more:
        topics = (await world.json(EDITOR, "GET", "/v1/topics"))["items"]
        more["topics"] = [topics[0]["id"] if topics else await world.topic()]
    return {
        "title": "Breaks that carers can book themselves",
        "summary": "What helps a carer to get away for a few days.",
        "review_on": (clock.today() + timedelta(days=365)).isoformat(),
        "statements": list(statements) or [statement(await world.publish(PRACTICE))],
        **more,
    }


async def create_draft(world: EvidenceWorld, *statements: dict[str, Any], **more: Any) -> str:
    return (await world.json(EDITOR, "POST", "/v1/guides", await guide_content(world, *statements, **more)))["id"]


async def submit_and_publish(world: EvidenceWorld, guide: str) -> dict[str, Any]:
    """Submitted by its author, published by somebody else."""
    await world.json(EDITOR, "POST", f"/v1/guides/{guide}/submit")
    return await world.json(REVIEWER, "POST", f"/v1/guides/{guide}/publish")


async def publish_guide(world: EvidenceWorld, *statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return await submit_and_publish(world, await create_draft(world, *statements, **more))


RETRACTED = {"nature": "retraction", "on": "2026-01-05", "reasons": ["Error in analyses"], "source": "The journal"}
ABOUT_ITEMS = (EvidenceChanged, EvidenceWithdrawn, EvidenceRetracted, EvidenceMerged, EvidenceUnmerged)


async def handle_item_events(world: EvidenceWorld) -> None:
    """What the worker does with everything that was said of items."""
    await world.handle_all([(event, new_id()) for event in await world.events() if isinstance(event, ABOUT_ITEMS)])


async def change_item(world: EvidenceWorld, item: str, **patch: Any) -> None:
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", patch, If_Match="*")


async def merge(world: EvidenceWorld, item: str, into: str) -> str:
    return (await world.json(EDITOR, "POST", "/v1/merges", {"items": [item], "into": into}))["id"]


async def publish_papers(world: EvidenceWorld, *titles: str) -> list[str]:
    return [await world.publish(RESEARCH, title=title, identifiers=[], summary=title) for title in titles]


async def list_flags(world: EvidenceWorld, query: str = "") -> list[dict[str, Any]]:
    return (await world.json(EDITOR, "GET", f"/v1/guides/flags{query}"))["items"]


async def decide(world: EvidenceWorld, flag: dict[str, Any], **decision: Any) -> dict[str, Any]:
    path = f"/v1/guides/{flag['guide_id']}/statements/{flag['statement_id']}/citations/{flag['item_id']}/resolve"
    return await world.json(EDITOR, "POST", path, decision, If_Match=await world.tag(f"/v1/guides/{flag['guide_id']}"))


async def get_guide(world: EvidenceWorld, guide: dict[str, Any]) -> dict[str, Any]:
    return await world.json(NOBODY, "GET", f"/v1/guides/{guide['id']}")


async def change_guide(
    world: EvidenceWorld, guide: str, patch: dict[str, Any], caller: Caller = EDITOR
) -> dict[str, Any]:
    """A patch to what stands, by an editor who looked at it first."""
    response = await world.call(caller, "GET", f"/v1/guides/{guide}")
    return await world.json(caller, "PATCH", f"/v1/guides/{guide}", patch, If_Match=response.headers["etag"])
