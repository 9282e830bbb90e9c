"""The graph in SQL: written by upserts that may come in any order, and walked both ways by recursion."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Row,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    delete,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.items.tables import Item
from services.evidence.line_of_sight.rules import MOST_NODES, Ref
from services.evidence.line_of_sight.tables import answers, attendances, links, nodes, payments
from services.evidence.topics.tables import Topic

_new_node = insert(nodes)
_note = _new_node.on_conflict_do_update(
    index_elements=["kind", "id"],
    set_={
        "facts": nodes.c.facts.op("||")(_new_node.excluded.facts),
        "at": func.least(nodes.c.at, _new_node.excluded.at),
    },
)
_new_link = insert(links)
_link = _new_link.on_conflict_do_update(
    constraint=links.primary_key, set_={"at": func.least(links.c.at, _new_link.excluded.at)}
)
_answer = insert(answers).on_conflict_do_nothing()
_new_attendance = insert(attendances)
_attendance = _new_attendance.on_conflict_do_update(
    index_elements=["registration_id"], set_={"attended": _new_attendance.excluded.attended}
)
_payment = insert(payments).on_conflict_do_nothing()

_WALK = text(
    """
    WITH RECURSIVE forward(kind, id) AS (
        SELECT CAST(:kind AS varchar), CAST(:id AS uuid)
        UNION
        SELECT l.to_kind, l.to_id FROM forward f JOIN sight_links l ON (l.from_kind, l.from_id) = (f.kind, f.id)
    ), back(kind, id) AS (
        SELECT CAST(:kind AS varchar), CAST(:id AS uuid)
        UNION
        SELECT step.kind, step.id FROM back b CROSS JOIN LATERAL (
            SELECT from_kind AS kind, from_id AS id FROM sight_links WHERE (to_kind, to_id) = (b.kind, b.id)
            UNION ALL
            -- An assembly came of its topic, and is a voice on it as well.
            SELECT to_kind, to_id FROM sight_links
            WHERE (from_kind, from_id) = (b.kind, b.id) AND relation = 'discussed_at'
        ) step
    )
    SELECT kind, id FROM (SELECT * FROM forward LIMIT :most) walked_forward
    UNION SELECT kind, id FROM (SELECT * FROM back LIMIT :most) walked_back
    """
)
_BETWEEN = text(
    """
    WITH seen AS (SELECT * FROM unnest(:kinds, :ids) AS seen(kind, id))
    SELECT l.* FROM sight_links l
    JOIN seen a ON (a.kind, a.id) = (l.from_kind, l.from_id)
    JOIN seen b ON (b.kind, b.id) = (l.to_kind, l.to_id)
    ORDER BY l.at, l.relation, l.from_id, l.to_id
    """
).bindparams(bindparam("kinds", type_=ARRAY(Text)), bindparam("ids", type_=ARRAY(Uuid)))
_FACTS = text(
    """
    SELECT n.* FROM sight_nodes n JOIN unnest(:kinds, :ids) AS seen(kind, id) ON (seen.kind, seen.id) = (n.kind, n.id)
    """
).bindparams(bindparam("kinds", type_=ARRAY(Text)), bindparam("ids", type_=ARRAY(Uuid)))
_FOLLOWED = text(
    """
    SELECT applied.from_id AS item_id, count(DISTINCT applied.to_id) AS projects, count(outcome.id) AS outcomes,
        count(outcome.id) FILTER (WHERE outcome.facts ->> 'direction' = 'better') AS better,
        coalesce(sum((outcome.facts ->> 'people_affected')::bigint), 0)::bigint AS people
    FROM sight_links applied
    LEFT JOIN sight_links achieved ON (achieved.from_kind, achieved.from_id) = ('project', applied.to_id)
        AND achieved.relation = 'achieved'
    LEFT JOIN sight_nodes outcome ON (outcome.kind, outcome.id) = ('outcome', achieved.to_id)
    WHERE applied.from_kind = 'evidence' AND applied.from_id = ANY(:ids) AND applied.relation = 'applied_by'
    GROUP BY applied.from_id
    """
).bindparams(bindparam("ids", type_=ARRAY(Uuid)))


async def note(session: AsyncSession, ref: Ref, facts: Mapping[str, Any], at: datetime) -> None:
    """That there is this, and these facts besides those known already."""
    await session.execute(_note, {"kind": ref.kind, "id": ref.id, "facts": dict(facts), "at": at})


async def link(session: AsyncSession, wanted: Sequence[tuple[Ref, str, Ref]], at: datetime) -> None:
    rows = [
        {
            "from_kind": before.kind,
            "from_id": before.id,
            "relation": relation,
            "to_kind": after.kind,
            "to_id": after.id,
            "at": at,
        }
        for before, relation, after in wanted
    ]
    if rows:
        await session.execute(_link, rows)


async def keep_links_to(session: AsyncSession, ref: Ref, relation: str, sources: Collection[UUID]) -> None:
    """Remove those of this relation that come from anything else."""
    others = delete(links).where(
        links.c.to_kind == ref.kind,
        links.c.to_id == ref.id,
        links.c.relation == relation,
        links.c.from_id.not_in(sources),
    )
    await session.execute(others)


async def note_answer(session: AsyncSession, response_id: UUID, survey_id: UUID) -> None:
    await session.execute(_answer, {"response_id": response_id, "survey_id": survey_id})


async def note_attendance(session: AsyncSession, registration_id: UUID, assembly_id: UUID, attended: bool) -> None:
    row = {"registration_id": registration_id, "assembly_id": assembly_id, "attended": attended}
    await session.execute(_attendance, row)


async def note_payment(session: AsyncSession, claim_id: UUID, assembly_id: UUID, pence: int) -> None:
    await session.execute(_payment, {"claim_id": claim_id, "assembly_id": assembly_id, "pence": pence})


async def walk(session: AsyncSession, start: Ref) -> list[Ref]:
    """Everything before and after this on its threads, itself first; more than MOST_NODES means that there is more."""
    walked = await session.execute(_WALK, {"kind": start.kind, "id": start.id, "most": MOST_NODES + 1})
    return [start, *(ref for row in walked if (ref := Ref(row.kind, row.id)) != start)]


async def links_between(session: AsyncSession, refs: Sequence[Ref]) -> Sequence[Row[Any]]:
    """In the order in which they came about."""
    return (await session.execute(_BETWEEN, _arrays(refs))).all()


async def facts_of(session: AsyncSession, refs: Sequence[Ref]) -> dict[Ref, Row[Any]]:
    """What events said of these; what no event told of yet is missing."""
    return {Ref(row.kind, row.id): row for row in await session.execute(_FACTS, _arrays(refs))}


def _arrays(refs: Sequence[Ref]) -> dict[str, Any]:
    return {"kinds": [ref.kind for ref in refs], "ids": [ref.id for ref in refs]}


@dataclass(frozen=True)
class Known:
    """What this service knows of the nodes of a thread beyond what events told."""

    titles: Mapping[UUID, str]
    topics: Mapping[UUID, Row[Any]]
    answers: Mapping[UUID, int]
    attendances: Mapping[UUID, int]
    pence: Mapping[UUID, int]


async def known_of(session: AsyncSession, refs: Sequence[Ref]) -> Known:
    def of(kind: str) -> list[UUID]:
        return [ref.id for ref in refs if ref.kind == kind]

    shown = select(col(Item.id), col(Item.title)).where(
        col(Item.id).in_(of("evidence")), col(Item.state) == "published"
    )
    named: Any = select(col(Topic.id), col(Topic.name), col(Topic.priority)).where(col(Topic.id).in_(of("topic")))
    answered = _per(answers.c.survey_id, func.count(), of("survey"))
    attended = _per(attendances.c.assembly_id, func.count(), of("assembly")).where(attendances.c.attended)
    paid = _per(payments.c.assembly_id, cast(func.sum(payments.c.pence), BigInteger), of("assembly"))
    return Known(
        titles={row.id: row.title for row in await session.execute(shown)},
        topics={row.id: row for row in await session.execute(named)},
        answers={row.id: row.number for row in await session.execute(answered)},
        attendances={row.id: row.number for row in await session.execute(attended)},
        pence={row.id: row.number for row in await session.execute(paid)},
    )


def _per(column: Column[UUID], number: ColumnElement[int], ids: Collection[UUID]) -> Select[Any]:
    pair: tuple[Any, Any] = (column.label("id"), number.label("number"))
    counted: Any = select(*pair)
    return counted.where(column.in_(ids)).group_by(column)


async def what_followed(session: AsyncSession, items: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    """Projects that apply each item, their outcomes, and how many people those affected."""
    return {row.item_id: row for row in await session.execute(_FOLLOWED, {"ids": list(items)})}
