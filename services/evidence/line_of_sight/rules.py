"""What links to what, and what may be told of people as numbers."""

import re
from typing import Literal, NamedTuple
from uuid import UUID

from shared.problems import Invalid, NotFound

Kind = Literal["survey", "topic", "evidence", "assembly", "project", "outcome"]
Relation = Literal[
    "contains",
    "asks_about",
    "prioritises",
    "answered_by",
    "discussed_at",
    "pursued_by",
    "applied_by",
    "led_to",
    "achieved",
]
SMALLEST_NUMBER = 5
"""People in smaller groups could be recognised: their number is not told."""
MOST_NODES = 500
_REF = re.compile(r"(survey|topic|evidence|assembly|project|outcome):([0-9a-fA-F-]{36})")


class Ref(NamedTuple):
    """One thing in the graph, written `evidence:0198...`."""

    kind: str
    id: UUID

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


class BadStart(Invalid):
    title = "This is not a place to start from"
    detail = "Write from=evidence:{{id}}, or topic, survey, assembly, project or outcome with its id."


class NothingSeen(NotFound):
    detail = "Nothing is known of this yet. What just happened may take some seconds to arrive; drafts are never shown."


def start(text: str) -> Ref:
    """Raises BadStart."""
    found = _REF.fullmatch(text.strip())
    try:
        return Ref(found[1], UUID(found[2])) if found else _refuse()
    except ValueError:
        return _refuse()


def _refuse() -> Ref:
    raise BadStart(BadStart.detail.format())


def small(number: int) -> bool:
    return 0 < number < SMALLEST_NUMBER
