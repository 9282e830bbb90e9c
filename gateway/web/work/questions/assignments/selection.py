"""Several questions to be taken or given back at once: what will become of each, and what has."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from gateway.web.api_client import ApiRefusal, ApiResponse, PublicApi
from gateway.web.forms import Form
from gateway.web.idempotency_keys import idempotency_key
from gateway.web.layout.languages import text
from gateway.web.layout.page import WebPage
from gateway.web.work.questions.entries import Entry

MAX_CHOSEN: Final = 50
Change = Literal["assign", "unassign"]
Outcome = Literal["done", "changed", "held", "refused"]
OUTCOMES: Final[dict[Outcome, str]] = {
    "done": "",
    "changed": text("Nothing was done. Somebody has changed it since you saw it."),
    "held": text("Nothing was done. A colleague has it."),
    "refused": text("Nothing was done. It is not waiting for an answer, or it no longer exists."),
}
_outcome = re.compile(r"([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}):(done|changed|held|refused)")


@dataclass(frozen=True, slots=True)
class Line:
    """A question that was chosen. `entry` is None where it is not there; `reason`: why nothing is done with it."""

    id: UUID
    entry: Entry | None
    etag: str | None = None
    reason: str = ""

    @property
    def will_change(self) -> bool:
        """Whether something is done with it."""
        return not self.reason


async def preview(page: WebPage, api: PublicApi, change: Change, ids: Sequence[UUID]) -> list[Line]:
    """Return what will become of these questions, as they are now."""
    unique = list(dict.fromkeys(ids))
    responses = await asyncio.gather(*(_read(api, id) for id in unique))
    return [_line(page, change, id, response) for id, response in zip(unique, responses, strict=True)]


async def change_several(api: PublicApi, change: Change, form: Form) -> dict[UUID, Outcome]:
    """Change the questions of a form, each as it was shown there. A second press of its button changes nothing."""
    value: Any = form.values.get("chosen")
    values: list[str] = [value] if isinstance(value, str) else value or []
    ids = [id for value in values if (id := _uuid(value))]
    return {id: await _change(api, change, id, form) for id in list(dict.fromkeys(ids))[:MAX_CHOSEN]}


async def read_outcomes(page: WebPage, api: PublicApi, outcomes: str) -> list[Line]:
    """Return the questions that an address names, with what became of each."""
    pairs: dict[UUID, Outcome] = {UUID(id): outcome for id, outcome in _outcome.findall(outcomes)[:MAX_CHOSEN]}
    responses = await asyncio.gather(*(_read(api, id) for id in pairs))
    return [
        Line(id, _entry(page, response), reason=OUTCOMES[outcome])
        for (id, outcome), response in zip(pairs.items(), responses, strict=True)
    ]


async def _change(api: PublicApi, change: Change, id: UUID, form: Form) -> Outcome:
    key, etag = idempotency_key(form, [change, str(id)]), str(form.values.get(f"etag-{id}") or '"0"')
    try:
        await api.send("POST", f"/v1/evidence-requests/{id}/{change}", etag=etag, idempotency_key=key)
    except ApiRefusal as error:
        if error.status == 412:
            return "changed"
        return "held" if error.slug == "held-by-colleague" else "refused"
    return "done"


async def _read(api: PublicApi, id: UUID) -> ApiResponse | None:
    try:
        return await api.read(f"/v1/evidence-requests/{id}")
    except ApiRefusal:
        return None


def _entry(page: WebPage, response: ApiResponse | None) -> Entry | None:
    return None if response is None or "turns" not in response.document else Entry.of(page, response.document)


def _line(page: WebPage, change: Change, id: UUID, response: ApiResponse | None) -> Line:
    entry = _entry(page, response)
    if response is None or entry is None:
        return Line(id, None, reason=text("It does not exist."))
    return Line(id, entry, response.etag, _reason(change, entry))


def _reason(change: Change, entry: Entry) -> str:
    if not entry.waits:
        return text("It is not waiting for an answer.")
    if change == "assign" and entry.holder == "me":
        return text("You already have it.")
    if change == "unassign" and entry.holder == "nobody":
        return text("Nobody has it.")
    if entry.holder == "colleague" and entry.is_held:
        return text("A colleague has it.")
    return ""


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
