"""When a guide is in doubt, for all that cites it: statements without support, and statements that are looked at."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol
from uuid import UUID

from services.evidence.publications.cited_items.rules import (
    CitedItem,
    FlaggedCitation,
    Issue,
    find_issues,
    find_open_issues,
    is_unsupported,
)
from shared.events.contracts.evidence import GuideFlagsChanged

_DIGEST_LENGTH = 16
_UNSUPPORTED = "unsupported:"


class FlaggedStatementCitation(FlaggedCitation, Protocol):
    """A citation of a guide's published edition."""

    @property
    def statement_id(self) -> UUID: ...
    @property
    def item_id(self) -> UUID: ...
    @property
    def repeats(self) -> bool: ...


def flags_changed(guide_id: UUID, doubts: Iterable[Issue]) -> GuideFlagsChanged:
    """Return the event of a guide that has these doubts now."""
    return GuideFlagsChanged.model_validate(
        {"guide_id": guide_id, "doubts": sorted({doubt.reason for doubt in doubts}, reverse=True)}
    )


def find_doubts(citations: Collection[FlaggedStatementCitation], items: Mapping[UUID, CitedItem]) -> list[Issue]:
    """Return the issues of standing on a guide with these citations, those of statements without support first.

    What editors have accepted in the guide is no doubt. A key names the statement and what happened to which item, so
    that whoever accepted one doubt is asked about another. A statement that repeats words which were taken back has no
    support, whatever else it cites.
    """
    repeating = {citation.statement_id for citation in citations if citation.repeats}
    by_statement: defaultdict[UUID, list[Issue | None]] = defaultdict(list)
    for citation in citations:
        issues = find_issues(citation.item_id, citation.edition, items[citation.item_id])
        issue = next(iter(find_open_issues(issues, citation.accepted)), None)
        by_statement[citation.statement_id].append(issue and issue._replace(key=f"{citation.item_id}:{issue.key}"))
    unsupported: list[Issue] = []
    doubted: list[Issue] = []
    for statement_id, issues in sorted(by_statement.items()):
        keys = sorted(issue.key for issue in issues if issue)
        if is_unsupported(issues) or statement_id in repeating:
            digest = hashlib.sha256("\n".join(keys).encode()).hexdigest()[:_DIGEST_LENGTH]
            unsupported.append(Issue("unsupported", f"{_UNSUPPORTED}{statement_id}:{digest}"))
        else:
            doubted += [Issue("doubted", f"doubted:{statement_id}:{key}") for key in keys]
    return unsupported + doubted


def unsupported_statements(doubts: Iterable[Issue]) -> set[UUID]:
    """Return the statements of a guide that have nothing left to stand on, of its doubts (`find_doubts`)."""
    keys = (doubt.key for doubt in doubts if doubt.reason == "unsupported")
    return {UUID(key.removeprefix(_UNSUPPORTED).partition(":")[0]) for key in keys}
