"""Publishes similar works, compares them, and decides their groups."""

from typing import Any

from services.evidence.library.works.duplicates.jobs import compare_next
from tests.evidence.world import RESEARCH, EvidenceWorld
from tests.support.callers import EDITOR


async def compare_all(world: EvidenceWorld) -> None:
    """Compare works as the worker does, until none is pending."""
    while await compare_next(world.database):
        pass


async def groups(world: EvidenceWorld, status: str = "open") -> list[dict[str, Any]]:
    await compare_all(world)
    return (await world.json(EDITOR, "GET", f"/v1/duplicates?status={status}"))["items"]


async def decide(world: EvidenceWorld, group: dict[str, Any], **decision: Any) -> dict[str, Any]:
    path = f"/v1/duplicates/{group['id']}"
    return await world.json(EDITOR, "POST", f"{path}/decide", decision, If_Match=await world.tag(path))


def members(group: dict[str, Any]) -> set[str]:
    return {member["id"] for member in group["members"]}


def doi(value: str) -> list[dict[str, str]]:
    return [{"scheme": "doi", "value": value}]


async def publish_similar(world: EvidenceWorld, count: int = 2) -> list[str]:
    """Publish so many items of one work: the same but for a spelling, which imports take for different works."""
    titles = [f"Replacement care and the health of carer{'s' * n}" for n in range(count)]
    return [await world.publish(RESEARCH, title=title, identifiers=[]) for title in titles]
