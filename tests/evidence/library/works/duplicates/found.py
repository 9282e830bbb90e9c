"""What tests do with duplicates in a word."""

from typing import Any

from services.evidence.library.works.duplicates.jobs import compare_next
from tests.evidence.world import RESEARCH, EvidenceWorld
from tests.support.callers import EDITOR


async def compared(world: EvidenceWorld) -> None:
    """What the worker does until nothing waits to be compared."""
    while await compare_next(world.database):
        pass


async def groups(world: EvidenceWorld, state: str = "open") -> list[dict[str, Any]]:
    await compared(world)
    return (await world.done(EDITOR, "GET", f"/v1/duplicates?state={state}"))["items"]


async def decide(world: EvidenceWorld, group: dict[str, Any], **decision: Any) -> dict[str, Any]:
    return await world.done(EDITOR, "POST", f"/v1/duplicates/{group['id']}/decision", decision)


def members(group: dict[str, Any]) -> set[str]:
    return {member["id"] for member in group["members"]}


def doi(value: str) -> list[dict[str, str]]:
    return [{"scheme": "doi", "value": value}]


async def alike(world: EvidenceWorld, count: int = 2) -> list[str]:
    """So many published items of one work: the same but for a spelling, which imports do not see through."""
    titles = [f"Replacement care and the health of carer{'s' * n}" for n in range(count)]
    return [await world.publish(RESEARCH, title=title, identifiers=[]) for title in titles]
