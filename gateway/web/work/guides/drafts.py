"""The next edition of a guide as these pages change it: one statement at a time, whatever others write beside it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.web.api_client import ApiRefusal, Document, PublicApi

STATEMENT_FIELDS: Final = ("id", "text", "what_to_try", "cost", "effort", "conditions", "confidence")
CITATION_FIELDS: Final = ("item_id", "edition", "why")
MAX_ATTEMPTS: Final = 5
DIGEST_LENGTH: Final = 16


class StatementChanged(Exception):
    """Somebody has changed this part of the draft since it was shown."""


@dataclass(frozen=True, slots=True)
class GuideDraft:
    """The next edition, and its ETag."""

    document: Document
    etag: str

    @property
    def statements(self) -> list[Document]:
        """The statements as they are sent to the API."""
        return [statement_body(statement) for statement in self.document["statements"]]

    def position(self, id: str) -> int | None:
        """Return the position of the statement, from 0, or None where there is none with this id."""
        ids = [statement["id"] for statement in self.document["statements"]]
        return ids.index(id) if id in ids else None

    def fingerprint(self, id: str) -> str:
        """Return what changes when somebody changes this statement, or hands the draft to a reviewer or returns it.

        For a new statement, whose id is empty, only the latter.
        """
        position = self.position(id)
        body = None if position is None else self.statements[position]
        return _digest([self.document["status"], body])

    @property
    def order(self) -> str:
        """What changes when statements are added, moved or deleted, or the draft changes hands."""
        return _digest([self.document["status"], [statement["id"] for statement in self.document["statements"]]])


async def find_draft(api: PublicApi, id: object) -> GuideDraft | None:
    """Return the next edition, or None where none is being written. Raises ApiRefusal."""
    try:
        response = await api.read(f"/v1/guides/{id}/draft")
    except ApiRefusal as error:
        if error.status == 409:
            return None
        raise
    return GuideDraft(response.document, response.etag or "")


async def change_statements(
    api: PublicApi, id: object, change: Callable[[GuideDraft], list[Document] | None]
) -> GuideDraft:
    """Send the statements as `change` returns them, on the draft as it is now; None where there is nothing to do.

    Where somebody else changed another part meanwhile it is done again on what they wrote. Raises StatementChanged,
    also where there is no draft any more, whatever `change` raises, and ApiRefusal.
    """
    for attempt in range(1, MAX_ATTEMPTS + 1):
        draft = await find_draft(api, id)
        if draft is None:
            raise StatementChanged
        statements = change(draft)
        if statements is None:
            return draft
        try:
            response = await api.send("PATCH", f"/v1/guides/{id}", {"statements": statements}, etag=draft.etag)
        except ApiRefusal as error:
            if error.status != 412 or attempt == MAX_ATTEMPTS:
                raise
        else:
            return GuideDraft(response.document, response.etag or "")
    raise StatementChanged


def statement_body(statement: Document) -> Document:
    """Return a statement that the API answered as it is sent back unchanged."""
    citations = [{name: citation[name] for name in CITATION_FIELDS} for citation in statement["citations"]]
    return {**{name: statement[name] for name in STATEMENT_FIELDS}, "citations": citations}


def _digest(value: Any) -> str:  # noqa: ANN401  parts of JSON
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()[:DIGEST_LENGTH]
