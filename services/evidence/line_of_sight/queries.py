"""The graph in SQL: walked both ways by recursion, and loaded as a thread."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, bindparam, exists, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.callers import is_editor
from services.evidence.line_of_sight.enrichment import (
    AssemblyPayments,
    Enrichment,
    PublicTitle,
    can_see_request,
    get_enrichment,
    get_merges,
    get_payments,
    get_titles,
)
from services.evidence.line_of_sight.impact import ItemImpact, get_impact
from services.evidence.line_of_sight.rules import MAX_NODES, MERGED_INTO, NodeRef, parse_ref, resolve_merges
from services.evidence.line_of_sight.tables import links
from shared.callers import Caller
from shared.persistence.columns import SqlColumn
from shared.problems import NotFound

_VISIBLE = """
    (step.kind <> 'request' OR :staff OR EXISTS (
        SELECT FROM evidence_requests r WHERE r.id = step.id AND (r.published_at IS NOT NULL OR r.asker_id = :reader)
    ))
"""
"""Everyone sees a question from the front line once staff have published it; until then, its asker and staff."""
_WALK = text(
    f"""
    WITH RECURSIVE forward(kind, id) AS (
        SELECT CAST(:kind AS varchar), CAST(:id AS uuid)
        UNION
        SELECT step.kind, step.id FROM forward f CROSS JOIN LATERAL (
            SELECT to_kind AS kind, to_id AS id FROM sight_links WHERE (from_kind, from_id) = (f.kind, f.id)
            UNION ALL
            -- Two items that were merged are one.
            SELECT from_kind, from_id FROM sight_links
            WHERE (to_kind, to_id) = (f.kind, f.id) AND relation = '{MERGED_INTO}'
        ) step WHERE {_VISIBLE}
    ), back(kind, id) AS (
        SELECT CAST(:kind AS varchar), CAST(:id AS uuid)
        UNION
        SELECT step.kind, step.id FROM back b CROSS JOIN LATERAL (
            SELECT from_kind AS kind, from_id AS id FROM sight_links WHERE (to_kind, to_id) = (b.kind, b.id)
            UNION ALL
            -- An assembly follows from its topic, and is a voice on it as well.
            SELECT to_kind, to_id FROM sight_links
            WHERE (from_kind, from_id) = (b.kind, b.id) AND relation IN ('discussed_at', '{MERGED_INTO}')
        ) step WHERE {_VISIBLE}
    )
    SELECT kind, id FROM (
        SELECT kind, id, row_number() OVER () AS position FROM (SELECT * FROM forward LIMIT :max_rows) walked_forward
        UNION ALL
        SELECT kind, id, row_number() OVER () FROM (SELECT * FROM back LIMIT :max_rows) walked_back
    ) walked ORDER BY position
    """  # noqa: S608  constants of this module
)
_LINKS_BETWEEN = text(
    """
    WITH node AS (SELECT * FROM unnest(:kinds, :ids) AS node(kind, id))
    SELECT l.from_kind, l.from_id, l.relation, l.to_kind, l.to_id, l.at FROM sight_links l
    JOIN node a ON (a.kind, a.id) = (l.from_kind, l.from_id)
    JOIN node b ON (b.kind, b.id) = (l.to_kind, l.to_id)
    ORDER BY l.at, l.relation, l.from_id, l.to_id
    """
).bindparams(bindparam("kinds", type_=ARRAY(Text)), bindparam("ids", type_=ARRAY(Uuid)))
_FACTS = text(
    """
    SELECT n.kind, n.id, n.facts FROM sight_nodes n
    JOIN unnest(:kinds, :ids) AS node(kind, id) ON (node.kind, node.id) = (n.kind, n.id)
    """
).bindparams(bindparam("kinds", type_=ARRAY(Text)), bindparam("ids", type_=ARRAY(Uuid)))


class ThreadNotFound(NotFound):
    title = "There is no such thread"
    detail = "Nothing is known of this yet. What just happened may take some seconds to arrive; drafts are never shown."


class StoredLink(NamedTuple):
    """A link of the graph: `source` came before `target`."""

    source: NodeRef
    relation: str
    target: NodeRef
    at: datetime


@dataclass(frozen=True)
class ThreadSnapshot:
    """A thread with all that is shown of it. The first node is where it was entered."""

    nodes: Sequence[NodeRef]
    links: Sequence[StoredLink]
    facts: Mapping[NodeRef, Mapping[str, Any]]
    """What events said of the nodes. Nodes of which no event has arrived yet are missing."""
    enrichment: Enrichment
    truncated: bool
    staff: bool
    """Whether it is shown to staff, who read every number as it is today."""


class LoadedImpacts(NamedTuple):
    """What followed from items, by item, with the titles of what is published of it, and payments by assembly."""

    impacts: Mapping[UUID, ItemImpact]
    titles: Mapping[NodeRef, PublicTitle]
    payments: Mapping[UUID, AssemblyPayments]


async def load_thread(session: AsyncSession, start: str, caller: Caller) -> ThreadSnapshot:
    """Load the thread from this node as the caller may see it. Raises InvalidStart, ThreadNotFound."""
    ref, staff = parse_ref(start), is_editor(caller)
    if ref.kind == "request" and not (staff or await can_see_request(session, ref.id, caller.id)):
        raise ThreadNotFound
    walked = await walk(session, ref, caller.id, staff=staff)
    visited = walked[:MAX_NODES]
    merges = await get_merges(session, visited)
    nodes = list(dict.fromkeys(resolve_merges(merges, node) for node in visited))
    facts = await get_facts(session, nodes)
    if len(nodes) == 1 and nodes[0] not in facts:
        raise ThreadNotFound
    links = resolve_links(await get_links_between(session, visited), merges)
    enrichment = await get_enrichment(session, nodes)
    return ThreadSnapshot(nodes, links, facts, enrichment, truncated=len(walked) > len(visited), staff=staff)


async def load_impacts(session: AsyncSession, item_ids: Sequence[UUID]) -> LoadedImpacts:
    """Load what followed from these items, with the titles of guides and learning pieces, and payments."""
    impacts = await get_impact(session, item_ids)
    guides = [NodeRef("guide", guide_id) for impact in impacts.values() for guide_id in impact.guides]
    pieces = [NodeRef("learning", piece_id) for impact in impacts.values() for piece_id in impact.learning]
    payments = await get_payments(session, {id for impact in impacts.values() for id in impact.assemblies})
    return LoadedImpacts(impacts, await get_titles(session, [*guides, *pieces]), payments)


async def walk(session: AsyncSession, start: NodeRef, reader_id: UUID, *, staff: bool) -> list[NodeRef]:
    """Return every node before and after this one that the reader may see, itself first and the nearest next.

    What came before and what followed alternate, so that neither displaces the other where the thread is truncated.
    More than MAX_NODES means that there is more.
    """
    parameters = {
        "kind": start.kind,
        "id": start.id,
        "max_rows": MAX_NODES + 1,
        "reader": reader_id,
        "staff": staff,
    }
    rows = await session.execute(_WALK, parameters)
    return list(dict.fromkeys([start, *(NodeRef(row.kind, row.id) for row in rows)]))


async def get_links_between(session: AsyncSession, refs: Sequence[NodeRef]) -> list[StoredLink]:
    """Return the links between these nodes, in the order in which they came about."""
    return [
        StoredLink(NodeRef(row.from_kind, row.from_id), row.relation, NodeRef(row.to_kind, row.to_id), row.at)
        for row in await session.execute(_LINKS_BETWEEN, _arrays(refs))
    ]


def resolve_links(links: Iterable[StoredLink], merges: Mapping[UUID, UUID]) -> list[StoredLink]:
    """Return each link once, between the items of today; the earliest where two items became one."""
    resolved: dict[tuple[NodeRef, str, NodeRef], StoredLink] = {}
    for link in links:
        if link.relation != MERGED_INTO:
            source, target = resolve_merges(merges, link.source), resolve_merges(merges, link.target)
            resolved.setdefault((source, link.relation, target), StoredLink(source, link.relation, target, link.at))
    return list(resolved.values())


async def get_facts(session: AsyncSession, refs: Sequence[NodeRef]) -> dict[NodeRef, Mapping[str, Any]]:
    """Return what events said of these nodes. Nodes of which no event has arrived yet are left out."""
    return {NodeRef(row.kind, row.id): row.facts for row in await session.execute(_FACTS, _arrays(refs))}


def _arrays(refs: Sequence[NodeRef]) -> dict[str, Any]:
    return {"kinds": [ref.kind for ref in refs], "ids": [ref.id for ref in refs]}


def is_applied(item_id: SqlColumn) -> ColumnElement[bool]:
    """Return whether a project applies the item, or anything else follows from it."""
    return exists().where(links.c.from_kind == "evidence", links.c.from_id == item_id)
