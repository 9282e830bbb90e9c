"""The kinds of nodes and relations in the graph, and how a node is named."""

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args
from uuid import UUID

from shared.problems import Invalid

NodeKind = Literal["survey", "request", "topic", "evidence", "guide", "learning", "assembly", "project", "outcome"]
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
"""A relation that is not shown: the links of an absorbed item are shown at the item that it was merged into."""
MAX_NODES = 500
NODE_KINDS = frozenset(get_args(NodeKind))
_NODE_REF = re.compile(r"([a-z]+):([0-9a-fA-F-]{36})")


class NodeRef(NamedTuple):
    """A node of the graph, written `evidence:0198...`."""

    kind: str
    id: UUID

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


class InvalidStart(Invalid):
    pointer = "?from"
    title = "This is not a valid starting point"
    detail = (
        "Write from=evidence:{id}, or topic, survey, request, guide, learning, assembly, project or outcome with "
        "its id."
    )


def parse_ref(text: str) -> NodeRef:
    """Return the node that the text names. Raises InvalidStart."""
    match = _NODE_REF.fullmatch(text.strip())
    if match is None or match[1] not in NODE_KINDS:
        raise InvalidStart
    try:
        return NodeRef(match[1], UUID(match[2]))
    except ValueError as error:
        raise InvalidStart from error


def resolve_merges(merged: Mapping[UUID, UUID], ref: NodeRef) -> NodeRef:
    """Return the item that this one was merged into, through any chain; every other node is returned as it is."""
    visited = {ref.id}
    while ref.kind == "evidence" and (into := merged.get(ref.id)) is not None and into not in visited:
        visited.add(into)
        ref = NodeRef("evidence", into)
    return ref
