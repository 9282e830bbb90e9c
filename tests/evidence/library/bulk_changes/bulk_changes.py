"""Previews bulk changes, confirms them, and makes their steps as the worker does."""

from typing import Any

from services.evidence.library.bulk_changes.jobs import make_next_step
from shared.callers import Caller
from tests.evidence.world import RESEARCH, EvidenceWorld
from tests.support.callers import EDITOR

PATH = "/v1/bulk-changes"
SURE: dict[str, Any] = {"kind": "duplicates", "selection": {"judgement": "duplicate"}, "decision": "merge"}


def of_items(changes: dict[str, Any], **selection: Any) -> dict[str, Any]:
    return {"kind": "items", "selection": selection, "changes": changes}


async def preview(world: EvidenceWorld, body: dict[str, Any], caller: Caller = EDITOR) -> dict[str, Any]:
    return await world.json(caller, "POST", PATH, body)


async def confirm(world: EvidenceWorld, bulk_change: dict[str, Any]) -> dict[str, Any]:
    response = await world.call(EDITOR, "POST", f"{PATH}/{bulk_change['id']}/confirm", If_Match="*")
    assert (response.status_code, response.headers["location"]) == (202, f"{PATH}/{bulk_change['id']}"), response.text
    return response.json()


async def make_all(world: EvidenceWorld) -> None:
    while await make_next_step(world.database):
        pass


async def confirmed(world: EvidenceWorld, bulk_change: dict[str, Any]) -> dict[str, Any]:
    """Confirm a preview, and return the bulk change when it has been made."""
    await confirm(world, bulk_change)
    await make_all(world)
    return await world.json(EDITOR, "GET", f"{PATH}/{bulk_change['id']}")


async def steps(world: EvidenceWorld, bulk_change: dict[str, Any], status: str | None = None) -> list[dict[str, Any]]:
    query = f"?status={status}" if status else ""
    return (await world.json(EDITOR, "GET", f"{PATH}/{bulk_change['id']}/steps{query}"))["items"]


async def similar(world: EvidenceWorld, subject: str, count: int = 2, **more: Any) -> list[str]:
    """Publish so many items of one work, which imports take for different works."""
    titles = [f"What many carers say of {subject}{'s' * n}" for n in range(count)]
    return [await world.publish(RESEARCH, title=title, identifiers=[], **more) for title in titles]
