"""Adds renditions as an editor."""

from typing import Any

from tests.evidence.world import EvidenceWorld
from tests.support.callers import EDITOR

EASY_READ: dict[str, Any] = {
    "kind": "easy_read",
    "title": "A week away, in Easy Read",
    "content": "Someone stayed with my mother. I slept well.",
    "made_on": "2024-03-01",
    "made_by": "user_led_organisation",
    "checked_with_readers": True,
}


async def add(world: EvidenceWorld, original: str, **more: Any) -> str:
    return (
        f"{original}/renditions/{(await world.json(EDITOR, 'POST', f'{original}/renditions', EASY_READ | more))['id']}"
    )
