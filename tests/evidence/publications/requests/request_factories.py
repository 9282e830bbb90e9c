"""Somebody at the front line, and the staff who answer."""

from typing import Any
from uuid import UUID

from shared.callers import Caller, person
from tests.evidence.world import EvidenceWorld
from tests.support.callers import EDITOR

ASKER = person(UUID("01900000-0000-7000-8000-0000000000a5"))
OTHER = person(UUID("01900000-0000-7000-8000-0000000000a6"))
PATH = "/v1/evidence-requests"
HIDDEN = ("Mill Lane", "Sample", "one hour", "slept", str(ASKER.id))
WORDS = "Which breaks help Mrs Sample's daughter in Mill Lane?"
FURTHER = "And at night, when nobody from Mill Lane can come?"
REWORDED = "Which breaks help a carer who lives with the person?"


async def ask(world: EvidenceWorld, **more: Any) -> str:
    body = {"question": WORDS, "urgency": "this_week", **more}
    return (await world.json(ASKER, "POST", PATH, body))["id"]


async def do(world: EvidenceWorld, request: str, action: str, body: Any = None, by: Caller = EDITOR) -> Any:
    """Call an action of the request, as staff unless told otherwise."""
    return await world.json(by, "POST", f"{PATH}/{request}/{action}", body)


async def answer_request(
    world: EvidenceWorld, request: str, *items: str, text: str = "Begin with one hour at home."
) -> Any:
    return await do(world, request, "answer", {"answer": text, "items": list(items)})
