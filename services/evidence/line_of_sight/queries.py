"""The graph in SQL: written by upserts that may come in any order, and walked both ways by recursion."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Text, Uuid, bindparam, delete, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.line_of_sight.rules import MERGED_INTO, MOST_NODES, Ref
from services.evidence.line_of_sight.tables import answers, attendances, completions, links, nodes, payments

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
_completion = insert(completions).on_conflict_do_nothing()
_payment = insert(payments).on_conflict_do_nothing()

_VISIBLE = """
    (step.kind <> 'request' OR :staff OR EXISTS (
        SELECT FROM evidence_requests r WHERE r.id = step.id AND (r.shown_at IS NOT NULL OR r.asker_id = :reader)
    ))
"""
"""A question from the front line is seen by everyone once staff have made it public; else by its asker and staff."""
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
            -- An assembly came of its topic, and is a voice on it as well.
            SELECT to_kind, to_id FROM sight_links
            WHERE (from_kind, from_id) = (b.kind, b.id) AND relation IN ('discussed_at', '{MERGED_INTO}')
        ) step WHERE {_VISIBLE}
    )
    SELECT kind, id FROM (
        SELECT kind, id, row_number() OVER () AS place FROM (SELECT * FROM forward LIMIT :most) walked_forward
        UNION ALL
        SELECT kind, id, row_number() OVER () FROM (SELECT * FROM back LIMIT :most) walked_back
    ) walked ORDER BY place
    """  # noqa: S608  written here alone
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


async def keep_links_to(
    session: AsyncSession, ref: Ref, relation: str, from_kind: str, sources: Collection[Ref]
) -> None:
    """Remove those of this relation that come from anything else of that kind."""
    others = delete(links).where(
        links.c.to_kind == ref.kind,
        links.c.to_id == ref.id,
        links.c.relation == relation,
        links.c.from_kind == from_kind,
        links.c.from_id.not_in([source.id for source in sources]),
    )
    await session.execute(others)


async def unlink(session: AsyncSession, ref: Ref, relation: str) -> None:
    """Remove the links of this relation that it has towards anything."""
    towards = delete(links).where(links.c.from_kind == ref.kind, links.c.from_id == ref.id)
    await session.execute(towards.where(links.c.relation == relation))


async def forget(session: AsyncSession, ref: Ref) -> None:
    """Take it out of the graph, with its links."""
    await session.execute(delete(links).where(links.c.from_kind == ref.kind, links.c.from_id == ref.id))
    await session.execute(delete(links).where(links.c.to_kind == ref.kind, links.c.to_id == ref.id))
    await session.execute(delete(nodes).where(nodes.c.kind == ref.kind, nodes.c.id == ref.id))


async def note_completion(session: AsyncSession, completion_id: UUID, piece_id: UUID) -> None:
    await session.execute(_completion, {"completion_id": completion_id, "piece_id": piece_id})


async def note_answer(session: AsyncSession, response_id: UUID, survey_id: UUID) -> None:
    await session.execute(_answer, {"response_id": response_id, "survey_id": survey_id})


async def note_attendance(session: AsyncSession, registration_id: UUID, assembly_id: UUID, attended: bool) -> None:
    row = {"registration_id": registration_id, "assembly_id": assembly_id, "attended": attended}
    await session.execute(_attendance, row)


async def note_payment(session: AsyncSession, claim_id: UUID, assembly_id: UUID, pence: int) -> None:
    await session.execute(_payment, {"claim_id": claim_id, "assembly_id": assembly_id, "pence": pence})


async def walk(session: AsyncSession, start: Ref, reader: UUID, *, staff: bool) -> list[Ref]:
    """Everything before and after this on its threads that the reader may see, itself first and the nearest next.

    What came before and what followed alternate, so that neither crowds out the other where the thread is cut.
    More than MOST_NODES means that there is more.
    """
    given = {"kind": start.kind, "id": start.id, "most": MOST_NODES + 1, "reader": reader, "staff": staff}
    walked = await session.execute(_WALK, given)
    return list(dict.fromkeys([start, *(Ref(row.kind, row.id) for row in walked)]))


async def links_between(session: AsyncSession, refs: Sequence[Ref]) -> Sequence[Row[Any]]:
    """In the order in which they came about."""
    return (await session.execute(_BETWEEN, _arrays(refs))).all()


async def facts_of(session: AsyncSession, refs: Sequence[Ref]) -> dict[Ref, Row[Any]]:
    """What events said of these; what no event told of yet is missing."""
    return {Ref(row.kind, row.id): row for row in await session.execute(_FACTS, _arrays(refs))}


def _arrays(refs: Sequence[Ref]) -> dict[str, Any]:
    return {"kinds": [ref.kind for ref in refs], "ids": [ref.id for ref in refs]}
