"""What a change of one statement makes of the statements of a draft."""

from dataclasses import dataclass
from typing import Any

from gateway.web.api_client import Document
from gateway.web.forms import Form
from gateway.web.work.guides.drafts import GuideDraft, StatementChanged
from gateway.web.work.guides.forms import read_citations


@dataclass(frozen=True, slots=True)
class StatementChange:
    """The words of a statement as they were written, and which citation is added or removed.

    `id` is empty for a new statement. `shown` is the fingerprint of what its author had before them.
    """

    id: str
    words: Document
    form: Form
    shown: str
    cite: str = ""
    remove: str = ""

    def apply(self, draft: GuideDraft) -> list[Document] | None:
        """Return the statements with this one changed; None where that is done. Raises StatementChanged."""
        statements = draft.statements
        position = draft.position(self.id)
        if self.id and position is None:
            raise StatementChanged
        before: Document = {"id": None, "citations": []} if position is None else statements[position]
        after = {"id": before["id"], **self.words, "citations": self._citations(before)}
        same = [statement for statement in statements if _is_same(statement, after)]
        if same and (position is None or before in same):
            return None
        if draft.fingerprint(self.id) != self.shown:
            raise StatementChanged
        if position is None:
            return [*statements, after]
        return [*statements[:position], after, *statements[position + 1 :]]

    def id_in(self, draft: GuideDraft) -> str:
        """Return the id of the statement in the draft that this change led to."""
        if self.id:
            return self.id
        ids = [statement["id"] for statement in draft.statements if statement["text"] == self.words["text"]]
        return str(ids[-1]) if ids else ""

    def _citations(self, before: Document) -> list[Document]:
        cited = [
            citation
            for citation in read_citations(self.form, before["citations"])
            if citation["item_id"] != self.remove
        ]
        if self.cite and self.cite not in [citation["item_id"] for citation in cited]:
            cited.append({"item_id": self.cite, "edition": None, "why": ""})
        return cited


def move(draft: GuideDraft, id: str, order: str, *, up: bool) -> list[Document] | None:
    """Return the statements with this one moved by one place; None at the end. Raises StatementChanged."""
    if draft.order != order:
        raise StatementChanged
    statements, position = draft.statements, draft.position(id)
    if position is None:
        raise StatementChanged
    other = position - 1 if up else position + 1
    if not 0 <= other < len(statements):
        return None
    statements[position], statements[other] = statements[other], statements[position]
    return statements


def delete(draft: GuideDraft, id: str, shown: str) -> list[Document] | None:
    """Return the statements without this one; None where it is gone. Raises StatementChanged."""
    position = draft.position(id)
    if position is None:
        return None
    if draft.fingerprint(id) != shown:
        raise StatementChanged
    return [statement for statement in draft.statements if statement["id"] != id]


def put_back(draft: GuideDraft, deleted: Document, position: int, *, with_id: bool) -> list[Document] | None:
    """Return the statements with a deleted one in its place; None where it is there.

    `with_id`: as the statement that it was, which it can be where it was published once.
    """
    statements = draft.statements
    if any(_is_same(statement, deleted) for statement in statements):
        return None
    statement = deleted if with_id else {**deleted, "id": None}
    return [*statements[:position], statement, *statements[position:]]


def _is_same(stored: Document, sent: Document) -> bool:
    """Return whether a statement says and cites what was sent. Without an edition, today's was meant."""
    if any(stored[name] != value for name, value in sent.items() if name not in ("id", "citations")):
        return False
    pairs: list[tuple[Any, Any]] = list(zip(stored["citations"], sent["citations"], strict=False))
    return len(stored["citations"]) == len(sent["citations"]) and all(
        old["item_id"] == new["item_id"] and old["why"] == new["why"] and new["edition"] in (None, old["edition"])
        for old, new in pairs
    )
