"""What this service knows of the nodes of a thread beyond what events said: titles, topics, questions, numbers."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import BigInteger, Column, ColumnElement, Date, Engine, Select, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.library.items.tables import Item
from services.evidence.library.topics.tables import Topic
from services.evidence.line_of_sight.rules import MERGED_INTO, NodeRef
from services.evidence.line_of_sight.tables import attendances, completions, links, payments, responses
from services.evidence.publications.guides.tables import Guide, citations, statements
from services.evidence.publications.learning.tables import LearningCompletion, LearningPiece, learning_sources
from services.evidence.publications.requests.tables import EvidenceRequest
from shared import clock
from shared.disclosure import PersonPayment, first_open_month, release, threshold
from shared.persistence.columns import select_columns


class PublicTitle(NamedTuple):
    """The title of something that is published, and its language."""

    text: str
    language: str


class TopicFacts(NamedTuple):
    """A topic as it is today."""

    id: UUID
    name: str
    priority: int | None


class RequestFacts(NamedTuple):
    """A question in the words in which staff published it, and whether its answer was used."""

    id: UUID
    public_question: str | None
    used: str | None


class PublicPayments(NamedTuple):
    """What is public of an assembly's payments, and in how many claims."""

    pence: int | None = None
    """None until enough people were paid in closed months."""
    claims: int = 0
    """Those of the months that have public sums: of fewer people, or of this month, also the number would tell."""


class AssemblyPayments(NamedTuple):
    """What people of an assembly were paid until today, and what of it is public."""

    pence: int
    public: PublicPayments


class RememberedPayments(NamedTuple):
    """What is public of an assembly's payments, and of what it was calculated."""

    state: tuple[object, ...]
    public: PublicPayments


_remembered_payments: WeakKeyDictionary[Engine, dict[UUID, RememberedPayments]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Enrichment:
    """By id of the node, or by node. Titles are only of what is published today."""

    titles: Mapping[NodeRef, PublicTitle]
    topics: Mapping[UUID, TopicFacts]
    requests: Mapping[UUID, RequestFacts]
    responses: Mapping[UUID, int]
    attendances: Mapping[UUID, int]
    payments: Mapping[UUID, AssemblyPayments]
    learners: Mapping[UUID, int]
    withdrawn_pieces: Collection[UUID]
    """Learning pieces: no event says that one was withdrawn."""
    doubted: Collection[NodeRef]
    """Guides, learning pieces and requests that stand on something in doubt, about which nobody has decided."""


async def get_enrichment(session: AsyncSession, refs: Sequence[NodeRef]) -> Enrichment:
    """Return what this service knows of these nodes."""
    ids: dict[str, list[UUID]] = {}
    for ref in refs:
        ids.setdefault(ref.kind, []).append(ref.id)
    attended = _count_per(attendances.c.assembly_id, func.count(), ids.get("assembly", ())).where(
        attendances.c.attended
    )
    return Enrichment(
        titles=await get_titles(session, refs),
        topics=await _get_topics(session, ids.get("topic", ())),
        requests=await _get_requests(session, ids.get("request", ())),
        responses=await _get_counts(session, _count_per(responses.c.survey_id, func.count(), ids.get("survey", ()))),
        attendances=await _get_counts(session, attended),
        payments=await get_payments(session, ids.get("assembly", ())),
        learners=await _get_counts(session, _count_learners(ids.get("learning", ()))),
        withdrawn_pieces=await _get_withdrawn_pieces(session, ids.get("learning", ())),
        doubted=await _get_doubted(session, ids),
    )


async def get_titles(session: AsyncSession, refs: Collection[NodeRef]) -> dict[NodeRef, PublicTitle]:
    """Return the titles of those items, guides and learning pieces that are published."""
    titles: dict[NodeRef, PublicTitle] = {}
    tables: tuple[tuple[str, Any, Any, Any, Any], ...] = (
        ("evidence", col(Item.id), col(Item.title), col(Item.language), col(Item.status)),
        ("guide", col(Guide.id), col(Guide.title), col(Guide.language), col(Guide.status)),
        (
            "learning",
            col(LearningPiece.id),
            col(LearningPiece.title),
            col(LearningPiece.language),
            col(LearningPiece.status),
        ),
    )
    for kind, id_column, title_column, language_column, status_column in tables:
        ids = [ref.id for ref in refs if ref.kind == kind]
        if ids:
            statement = select(id_column, title_column, language_column)
            rows = await session.execute(statement.where(id_column.in_(ids), status_column == "published"))
            titles |= {NodeRef(kind, row.id): PublicTitle(row.title, row.language) for row in rows}
    return titles


async def get_payments(session: AsyncSession, assembly_ids: Collection[UUID]) -> dict[UUID, AssemblyPayments]:
    """Return what people of these assemblies were paid. An assembly of which nobody was paid is left out.

    What is public is calculated from every payment, and remembered until there is another or a month is closed: rows
    of payments stay as they are, so that as many of an assembly are the same ones.
    """
    payment, today = payments.c, clock.today()
    columns: tuple[Any, ...] = (
        payment.assembly_id,
        func.count().label("number"),
        cast(func.sum(payment.pence), BigInteger).label("pence"),
    )
    statement = select_columns(*columns).where(payment.assembly_id.in_(assembly_ids)).group_by(payment.assembly_id)
    totals = (await session.execute(statement)).all()
    remembered = _remembered_payments.setdefault(session.get_bind().engine, {})
    states = {row.assembly_id: (row.number, first_open_month(today), threshold()) for row in totals}
    outdated = [id for id, state in states.items() if id not in remembered or remembered[id].state != state]
    public = await _get_public_payments(session, outdated, today) if outdated else {}
    for id in outdated:
        remembered[id] = RememberedPayments(states[id], public.get(id, PublicPayments()))
    return {row.assembly_id: AssemblyPayments(row.pence, remembered[row.assembly_id].public) for row in totals}


async def _get_public_payments(
    session: AsyncSession, assembly_ids: Collection[UUID], today: date
) -> dict[UUID, PublicPayments]:
    """Calculate what is public of these assemblies. One of which nobody was paid in a closed month is left out."""
    payment = payments.c
    # A payment from before events named the entitlement could be of anybody: all of them count as one person's.
    person = func.coalesce(payment.entitlement_id, UUID(int=0))
    month = func.date_trunc("month", func.timezone("Europe/London", payment.recorded_at))
    columns: tuple[Any, ...] = (
        payment.assembly_id,
        person.label("person"),
        cast(month, Date).label("month"),
        cast(func.sum(payment.pence), BigInteger).label("pence"),
        cast(func.sum(func.sign(payment.pence)), BigInteger).label("claims"),
    )
    is_closed = payment.recorded_at < clock.in_england(first_open_month(today), time())
    statement = select_columns(*columns).where(payment.assembly_id.in_(assembly_ids), is_closed).group_by(*columns[:3])
    claims, by_assembly = defaultdict[UUID, Counter[date]](Counter), defaultdict[UUID, list[PersonPayment]](list)
    for row in await session.execute(statement):
        claims[row.assembly_id][row.month] += row.claims
        by_assembly[row.assembly_id].append(PersonPayment(row.assembly_id, row.person, row.month, row.pence))
    return {id: _public_payments(rows, claims[id], today) for id, rows in by_assembly.items()}


def _public_payments(rows: Sequence[PersonPayment], claims_by_month: Mapping[date, int], today: date) -> PublicPayments:
    batches = [batch for batch in release(rows, today) if batch.assembly_id is not None]
    if not batches:
        return PublicPayments()
    claims = sum(number for month, number in claims_by_month.items() if month <= batches[-1].month)
    return PublicPayments(sum(batch.pence for batch in batches), claims)


async def can_see_request(session: AsyncSession, request_id: UUID, reader_id: UUID) -> bool:
    """Return whether staff have published the question, or the reader asked it."""
    statement = select(col(EvidenceRequest.id)).where(
        col(EvidenceRequest.id) == request_id,
        or_(col(EvidenceRequest.published_at).is_not(None), col(EvidenceRequest.asker_id) == reader_id),
    )
    return await session.scalar(statement) is not None


async def get_merges(session: AsyncSession, refs: Collection[NodeRef]) -> dict[UUID, UUID]:
    """Return the item that each of these items was merged into."""
    ids = [ref.id for ref in refs if ref.kind == "evidence"]
    statement = select(links.c.from_id, links.c.to_id).where(
        links.c.from_kind == "evidence", links.c.from_id.in_(ids), links.c.relation == MERGED_INTO
    )
    return {row.from_id: row.to_id for row in await session.execute(statement)}


async def _get_topics(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, TopicFacts]:
    columns: tuple[Any, ...] = (col(Topic.id), col(Topic.name), col(Topic.priority))
    rows = await session.execute(select_columns(*columns).where(col(Topic.id).in_(ids)))
    return {topic.id: topic for topic in map(TopicFacts._make, rows)}


async def _get_requests(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, RequestFacts]:
    columns: tuple[Any, ...] = (
        col(EvidenceRequest.id),
        col(EvidenceRequest.public_question),
        col(EvidenceRequest.used),
    )
    rows = await session.execute(select_columns(*columns).where(col(EvidenceRequest.id).in_(ids)))
    return {request.id: request for request in map(RequestFacts._make, rows)}


async def _get_withdrawn_pieces(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    statement = select(col(LearningPiece.id)).where(
        col(LearningPiece.id).in_(ids), col(LearningPiece.status) == "withdrawn"
    )
    return set((await session.execute(statement)).scalars())


async def _get_doubted(session: AsyncSession, ids: Mapping[str, Collection[UUID]]) -> set[NodeRef]:
    guides = select(statements.c.guide_id).join(citations, citations.c.statement_id == statements.c.id)
    columns: tuple[tuple[str, Select[Any], Any], ...] = (
        ("guide", guides.where(citations.c.flagged_at.is_not(None)), statements.c.guide_id),
        (
            "learning",
            select(learning_sources.c.piece_id).where(learning_sources.c.flagged_at.is_not(None)),
            learning_sources.c.piece_id,
        ),
        (
            "request",
            select(col(EvidenceRequest.id)).where(col(EvidenceRequest.doubted_at).is_not(None)),
            col(EvidenceRequest.id),
        ),
    )
    return {
        NodeRef(kind, id)
        for kind, statement, column in columns
        if ids.get(kind)
        for id in (await session.execute(statement.where(column.in_(ids[kind])))).scalars()
    }


async def _get_counts(session: AsyncSession, statement: Select[Any]) -> dict[UUID, int]:
    return {row.id: row.number for row in await session.execute(statement)}


def _count_per(column: Column[UUID], number: ColumnElement[int], ids: Collection[UUID]) -> Select[Any]:
    columns: tuple[Any, ...] = (column.label("id"), number.label("number"))
    return select_columns(*columns).where(column.in_(ids)).group_by(column)


def _count_learners(piece_ids: Collection[UUID]) -> Select[Any]:
    """Count people, in whatever editions; a record that its person has erased counts for itself."""
    person_or_record = func.coalesce(col(LearningCompletion.person_id), completions.c.completion_id)
    return _count_per(completions.c.piece_id, func.count(person_or_record.distinct()), piece_ids).outerjoin(
        LearningCompletion, col(LearningCompletion.id) == completions.c.completion_id
    )
