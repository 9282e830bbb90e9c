"""Writing the graph: statements that may be executed in any order, and repeated.

Each says what one event says and leaves the rest alone, so that the graph is the same in whatever order events arrive.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Uuid, bindparam, delete, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.line_of_sight.rules import NodeRef
from services.evidence.line_of_sight.tables import attendances, completions, links, nodes, responses
from shared.events.contracts.funding import ClaimPaid

_new_node = insert(nodes)
_upsert_node = _new_node.on_conflict_do_update(
    index_elements=["kind", "id"],
    set_={
        "facts": nodes.c.facts.op("||")(_new_node.excluded.facts),
        "at": func.least(nodes.c.at, _new_node.excluded.at),
    },
)
_new_link = insert(links)
_upsert_link = _new_link.on_conflict_do_update(
    constraint=links.primary_key, set_={"at": func.least(links.c.at, _new_link.excluded.at)}
)
_add_response = insert(responses).on_conflict_do_nothing()
_new_attendance = insert(attendances)
_upsert_attendance = _new_attendance.on_conflict_do_update(
    index_elements=["registration_id"], set_={"attended": _new_attendance.excluded.attended}
)
_add_completion = insert(completions).on_conflict_do_nothing()
_IS_PAID = "EXISTS (SELECT FROM sight_payments WHERE claim_id = :claim_id HAVING sum(sign(pence)) > 0)"
_ADD_PAYMENT = text(
    f"""
    INSERT INTO sight_payments (claim_id, recorded_at, assembly_id, entitlement_id, pence)
    SELECT :claim_id, :at, :assembly_id, :entitlement_id, :pence WHERE NOT {_IS_PAID}
    ON CONFLICT DO NOTHING
    """
).bindparams(
    bindparam("claim_id", type_=Uuid),
    bindparam("at", type_=DateTime(timezone=True)),
    bindparam("assembly_id", type_=Uuid),
    bindparam("entitlement_id", type_=Uuid),
    bindparam("pence", type_=BigInteger),
)
_VOID_PAYMENT = text(
    f"""
    INSERT INTO sight_payments (claim_id, recorded_at, assembly_id, entitlement_id, pence)
    SELECT claim_id, :at, assembly_id, entitlement_id, -pence FROM sight_payments
    WHERE claim_id = :claim_id AND pence > 0 AND {_IS_PAID}
    ORDER BY recorded_at DESC LIMIT 1
    ON CONFLICT DO NOTHING
    """  # noqa: S608  a constant
).bindparams(bindparam("claim_id", type_=Uuid), bindparam("at", type_=DateTime(timezone=True)))


class NewLink(NamedTuple):
    """A link to add: `source` came before `target`."""

    source: NodeRef
    relation: str
    target: NodeRef


async def upsert_node(session: AsyncSession, ref: NodeRef, facts: Mapping[str, Any], at: datetime) -> None:
    """Add the node, or these facts to those that it has."""
    await session.execute(_upsert_node, {"kind": ref.kind, "id": ref.id, "facts": dict(facts), "at": at})


async def upsert_links(session: AsyncSession, new_links: Sequence[NewLink], at: datetime) -> None:
    """Add the links that do not exist; those that do keep the earlier moment."""
    rows = [
        {
            "from_kind": link.source.kind,
            "from_id": link.source.id,
            "relation": link.relation,
            "to_kind": link.target.kind,
            "to_id": link.target.id,
            "at": at,
        }
        for link in new_links
    ]
    if rows:
        await session.execute(_upsert_link, rows)


async def replace_sources(
    session: AsyncSession, target: NodeRef, relation: str, source_kind: str, source_ids: Collection[UUID], at: datetime
) -> None:
    """Link the target to these nodes of one kind, and to no others of that kind by the same relation."""
    others = delete(links).where(
        links.c.to_kind == target.kind,
        links.c.to_id == target.id,
        links.c.relation == relation,
        links.c.from_kind == source_kind,
        links.c.from_id.not_in(source_ids),
    )
    await session.execute(others)
    new_links = [NewLink(NodeRef(source_kind, source_id), relation, target) for source_id in source_ids]
    await upsert_links(session, new_links, at)


async def delete_links_from(session: AsyncSession, source: NodeRef, relation: str) -> None:
    """Delete the links of this relation that start at the node."""
    statement = delete(links).where(links.c.from_kind == source.kind, links.c.from_id == source.id)
    await session.execute(statement.where(links.c.relation == relation))


async def delete_node(session: AsyncSession, ref: NodeRef) -> None:
    """Delete the node with its links."""
    await session.execute(delete(links).where(links.c.from_kind == ref.kind, links.c.from_id == ref.id))
    await session.execute(delete(links).where(links.c.to_kind == ref.kind, links.c.to_id == ref.id))
    await session.execute(delete(nodes).where(nodes.c.kind == ref.kind, nodes.c.id == ref.id))


async def add_completion(session: AsyncSession, completion_id: UUID, piece_id: UUID) -> None:
    """Count a completion of a learning piece, once."""
    await session.execute(_add_completion, {"completion_id": completion_id, "piece_id": piece_id})


async def add_response(session: AsyncSession, response_id: UUID, survey_id: UUID) -> None:
    """Count a response to a survey, once."""
    await session.execute(_add_response, {"response_id": response_id, "survey_id": survey_id})


async def upsert_attendance(session: AsyncSession, registration_id: UUID, assembly_id: UUID, attended: bool) -> None:
    """Count an attendance at an assembly; a correction replaces the earlier record."""
    row = {"registration_id": registration_id, "assembly_id": assembly_id, "attended": attended}
    await session.execute(_upsert_attendance, row)


async def add_payment(session: AsyncSession, paid: ClaimPaid, at: datetime) -> None:
    """Count a paid claim of an assembly, once until its payment is voided."""
    row = paid.model_dump(include={"claim_id", "assembly_id", "entitlement_id", "pence"})
    await session.execute(_ADD_PAYMENT, row | {"at": at})


async def void_payment(session: AsyncSession, claim_id: UUID, at: datetime) -> None:
    """Count the payment of a claim no more, from now on: what was shown of a month before stays as it is."""
    await session.execute(_VOID_PAYMENT, {"claim_id": claim_id, "at": at})
