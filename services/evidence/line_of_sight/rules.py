"""What links to what, and what may be told of people as numbers."""

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args
from uuid import UUID

from shared.problems import Invalid, NotFound

Kind = Literal["survey", "request", "topic", "evidence", "guide", "learning", "assembly", "project", "outcome"]
Relation = Literal[
    "contains",
    "asks_about",
    "prioritises",
    "answered_by",
    "drawn_on_by",
    "taught_by",
    "discussed_at",
    "pursued_by",
    "applied_by",
    "led_to",
    "achieved",
]
MERGED_INTO = "merged_into"
"""Not shown: what is known of the absorbed item is shown at the one that stands for both."""
MOST_NODES = 500
KINDS = frozenset(get_args(Kind))
_REF = re.compile(r"([a-z]+):([0-9a-fA-F-]{36})")


class Ref(NamedTuple):
    """One thing in the graph, written `evidence:0198...`."""

    kind: str
    id: UUID

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


class BadStart(Invalid):
    pointer = "?from"
    title = "This is not a place to start from"
    detail = (
        "Write from=evidence:{id}, or topic, survey, request, guide, learning, assembly, project or outcome with "
        "its id."
    )


class NothingSeen(NotFound):
    detail = "Nothing is known of this yet. What just happened may take some seconds to arrive; drafts are never shown."


def start(text: str) -> Ref:
    """Raises BadStart."""
    found = _REF.fullmatch(text.strip())
    try:
        return Ref(found[1], UUID(found[2])) if found and found[1] in KINDS else _refuse()
    except ValueError:
        return _refuse()


def _refuse() -> Ref:
    raise BadStart


def standing(merged: Mapping[UUID, UUID], ref: Ref) -> Ref:
    """The item that stands for this one today; everything else stands for itself."""
    seen = {ref.id}
    while ref.kind == "evidence" and (into := merged.get(ref.id)) is not None and into not in seen:
        seen.add(into)
        ref = Ref("evidence", into)
    return ref
