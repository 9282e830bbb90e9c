"""SQL of scans: where each is, what the library says batch by batch, and the marks on what repeats words."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, null, select, text, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col

from services.evidence.library.items.tables import Item, item_editions, quotation_scans, word_fingerprints
from services.evidence.library.items.words.rules import compared_texts_of, texts_by_pointer
from services.evidence.library.renditions.tables import Rendition
from services.evidence.library.topics.tables import Topic
from services.evidence.publications.guides.tables import Guide, citations, editions, statements
from services.evidence.publications.learning.tables import LearningPiece, learning_sources
from services.evidence.publications.quotations.rules import Passage, Scan, Wording
from services.evidence.publications.requests.tables import EvidenceRequest, RequestTurn
from services.evidence.publications.requests.tables import citations as answer_citations
from shared.persistence.columns import in_array, select_columns

_scan = quotation_scans.c
_row = word_fingerprints.c
_is_due = text(
    "(stage > 0 OR after_id IS NOT NULL OR requested_in < pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"
)
"""What was being written when the words were taken back, past a gate that still let them in, is written by now."""


async def lock_scans(session: AsyncSession) -> list[Scan]:
    """Return the scans that are as far as the oldest one: they go on together.

    None while another process scans, or while a transaction runs that may not have seen what was taken back.
    """
    if not await session.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('evidence quotations'))")):
        return []
    columns = [_scan[name] for name in Scan._fields]
    rows = await session.execute(
        select(*columns).where(_is_due).order_by(_scan.requested_at, _scan.item_id).with_for_update()
    )
    scans = [Scan._make(row) for row in rows]
    return [scan for scan in scans if (scan.stage, scan.after_id) == (scans[0].stage, scans[0].after_id)]


async def move_scans(session: AsyncSession, scans: Collection[Scan], stage: int, after_id: UUID | None) -> None:
    """Store how far the library was read for these."""
    of_scans = in_array(_scan.item_id, [scan.item_id for scan in scans])
    await session.execute(update(quotation_scans).where(of_scans).values(stage=stage, after_id=after_id))


async def end_scans(session: AsyncSession, scans: Collection[Scan]) -> None:
    """Delete scans that have read everything."""
    of_scans = in_array(_scan.item_id, [scan.item_id for scan in scans])
    await session.execute(delete(quotation_scans).where(of_scans))


async def shingles_of(session: AsyncSession, item_ids: Collection[UUID]) -> frozenset[int]:
    """Return the shingles of all that is remembered of these items."""
    statement = select(func.unnest(_row.shingles)).where(in_array(_row.item_id, item_ids))
    return frozenset((await session.execute(statement)).scalars())


def _after(column: ColumnElement[UUID] | Mapped[UUID], after_id: UUID | None) -> ColumnElement[bool]:
    return column > after_id if after_id else true()


class _ItemText(NamedTuple):
    """What an item says, or with `superseded_at` one of its earlier editions."""

    id: UUID
    edition: int
    title: str
    summary: str
    setting: str | None
    details: dict[str, Any]
    contributor_id: UUID | None
    began_at: datetime | None
    superseded_at: datetime | None = None

    @property
    def wording(self) -> list[str]:
        """All that is compared."""
        return compared_texts_of(self.title, self.summary, self.setting, self.details)


async def item_passages(session: AsyncSession, after_id: UUID | None, limit: int) -> list[Passage]:
    """Return what items say, with their earlier editions: the part of those is their number."""
    texts = [col(column) for column in (Item.edition, Item.title, Item.summary, Item.setting, Item.details)]
    began_at = func.coalesce(col(Item.published_at), col(Item.updated_at))
    current = (
        select_columns(col(Item.id), *texts, col(Item.contributor_id), began_at)
        .where(_after(col(Item.id), after_id), col(Item.status).in_(("published", "draft", "merged")))
        .order_by(col(Item.id))
        .limit(limit)
    )
    items = [_ItemText._make((*row, None)) for row in await session.execute(current)]
    row = item_editions.c
    columns = (row.item_id, row.edition, row.title, row.summary, row.setting, row.details, null(), null())
    earlier = (
        select_columns(*columns, row.superseded_at)
        .where(in_array(row.item_id, [item.id for item in items]), row.title != "", ~row.withheld)
        .order_by(row.edition)
    )
    editions_of: defaultdict[UUID, list[_ItemText]] = defaultdict(list)
    for edition in map(_ItemText._make, await session.execute(earlier)):
        editions_of[edition.id].append(edition)
    return [passage for item in items for passage in _passages_of_item(item, editions_of[item.id])]


def _passages_of_item(item: _ItemText, earlier: Sequence[_ItemText]) -> list[Passage]:
    """Return a passage of each edition. Each began when the one before was superseded, the first with the item."""
    begins = [item.began_at, *(edition.superseded_at for edition in earlier)]
    wordings = [
        Wording(began_at, edition.wording)
        for began_at, edition in zip(begins, (*earlier, item), strict=True)
        if began_at is not None
    ]
    parts = [*(edition.edition for edition in earlier), None]
    return [
        Passage(item.id, wording.texts, wordings, part, item.contributor_id)
        for part, wording in zip(parts, wordings, strict=True)
    ]


async def guide_passages(session: AsyncSession, after_id: UUID | None, limit: int) -> list[Passage]:
    """Return what published guides say: the part is the edition with the id of the statement, or of the guide."""
    page = select(col(Guide.id)).where(_after(col(Guide.id), after_id), col(Guide.status) == "published")
    rows = await session.execute(
        select(editions)
        .where(editions.c.guide_id.in_(page.order_by(col(Guide.id)).limit(limit)))
        .order_by(editions.c.guide_id, editions.c.edition)
    )
    by_guide: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        by_guide[row.guide_id].append(row)
    passages: list[Passage] = []
    for guide_id, of_guide in by_guide.items():
        wordings = [Wording(row.published_at, list(texts_by_pointer(row.content).values())) for row in of_guide]
        for row in of_guide:
            head = [row.content["title"], row.content["summary"]]
            passages.append(Passage(guide_id, head, wordings, (row.edition, guide_id)))
            passages += [
                Passage(
                    guide_id, list(texts_by_pointer(statement).values()), wordings, (row.edition, UUID(statement["id"]))
                )
                for statement in row.content["statements"]
            ]
    return passages


async def learning_passages(session: AsyncSession, after_id: UUID | None, limit: int) -> list[Passage]:
    """Return what learning pieces say, drafts too; what their titles say is a part of its own."""
    statement = select(LearningPiece).where(
        _after(col(LearningPiece.id), after_id), col(LearningPiece.status) != "withdrawn"
    )
    passages: list[Passage] = []
    for piece in (await session.execute(statement.order_by(col(LearningPiece.id)).limit(limit))).scalars():
        texts = [piece.title, piece.point, piece.text, *texts_by_pointer([*piece.media, *piece.questions]).values()]
        wordings = [Wording(piece.updated_at, texts)]
        passages += [Passage(piece.id, texts, wordings), Passage(piece.id, [piece.title], wordings, "title")]
    return passages


async def answer_passages(session: AsyncSession, after_id: UUID | None, limit: int) -> list[Passage]:
    """Return what staff have answered, by the id of the turn; the question as they published it is another part."""
    is_public = col(EvidenceRequest.public_turn_id) == col(RequestTurn.id)
    statement = (
        select_columns(
            col(RequestTurn.id),
            col(RequestTurn.answer),
            col(EvidenceRequest.updated_at),
            is_public.label("is_public"),
            col(EvidenceRequest.public_answer),
            col(EvidenceRequest.public_question),
        )
        .join(EvidenceRequest, col(EvidenceRequest.id) == col(RequestTurn.request_id))
        .where(_after(col(RequestTurn.id), after_id), col(RequestTurn.answer).is_not(None))
        .where(col(EvidenceRequest.status) != "withdrawn")
        .order_by(col(RequestTurn.id))
        .limit(limit)
    )
    passages: list[Passage] = []
    for row in await session.execute(statement):
        question = [row.public_question] if row.is_public else []
        texts = [row.answer, *([row.public_answer] if row.is_public else [])]
        wordings = [Wording(row.updated_at, [*texts, *question])]
        passages += [Passage(row.id, texts, wordings), Passage(row.id, question, wordings, "question")]
    return passages


async def rendition_passages(session: AsyncSession, after_id: UUID | None, limit: int) -> list[Passage]:
    """Return what renditions say."""
    columns = (Rendition.id, Rendition.title, Rendition.content, Rendition.updated_at)
    statement = select_columns(*map(col, columns)).where(_after(col(Rendition.id), after_id))
    rows = await session.execute(statement.order_by(col(Rendition.id)).limit(limit))
    return [
        Passage(row.id, texts, [Wording(row.updated_at, texts)])
        for row in rows
        for texts in [[row.title, row.content or ""]]
    ]


async def topic_passages(session: AsyncSession, after_id: UUID | None, limit: int) -> list[Passage]:
    """Return the names of topics; the part of a synonym is the synonym."""
    statement = select(Topic).where(_after(col(Topic.id), after_id)).order_by(col(Topic.id)).limit(limit)
    return [
        Passage(topic.id, [name], [Wording(topic.updated_at, [name])], part)
        for topic in (await session.execute(statement)).scalars()
        for part, name in [(None, topic.name), *((synonym, synonym) for synonym in topic.synonyms)]
    ]


async def withhold_edition(session: AsyncSession, item_id: UUID, edition: int) -> None:
    """Show this earlier edition of the item to nobody any more."""
    of_edition = item_editions.c.item_id == item_id, item_editions.c.edition == edition
    await session.execute(update(item_editions).where(*of_edition).values(withheld=True))


async def mark_guide_edition(session: AsyncSession, guide_id: UUID, edition: int, part: UUID) -> None:
    """Note that a statement of this edition, or with the guide's own id its title or summary, repeats such words."""
    row = editions.c
    unmarked = row.guide_id == guide_id, row.edition == edition, ~row.repeats.contains([part])
    await session.execute(update(editions).where(*unmarked).values(repeats=func.array_append(row.repeats, part)))


async def first_statement(session: AsyncSession, guide_id: UUID) -> UUID:
    """Return the first statement of the published edition."""
    of_guide = select(statements.c.id).where(statements.c.guide_id == guide_id)
    return (await session.execute(of_guide.order_by(statements.c.position).limit(1))).scalar_one()


async def add_to_statement(session: AsyncSession, statement_id: UUID, scan: Scan, edition: int) -> None:
    """Let a statement stand on the item that it quotes. A citation that it has already is marked."""
    row = {"statement_id": statement_id, "item_id": scan.item_id, "edition": edition, "repeats": True}
    statement = insert(citations).values(row)
    change = {"repeats": True, "edition": edition, "decision": None}
    await session.execute(statement.on_conflict_do_update(index_elements=list(citations.primary_key), set_=change))


async def add_to_piece(session: AsyncSession, piece_id: UUID, scan: Scan, edition: int) -> None:
    """Let a learning piece stand on the item that it quotes."""
    source = learning_sources.c
    last = select(func.coalesce(func.max(source.position), -1) + 1).where(source.piece_id == piece_id)
    row = {"piece_id": piece_id, "kind": "item", "source_id": scan.item_id, "edition": edition}
    statement = insert(learning_sources).values(**row, position=last.scalar_subquery())
    keys = list(learning_sources.primary_key)
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_={"edition": edition}))


async def add_to_answer(session: AsyncSession, turn_id: UUID, scan: Scan, edition: int) -> None:
    """Let an answer stand on the item that it quotes."""
    cited = answer_citations.c
    last = select(func.coalesce(func.max(cited.position), -1) + 1).where(cited.turn_id == turn_id)
    row = {"turn_id": turn_id, "kind": "item", "source_id": scan.item_id, "edition": edition}
    statement = insert(answer_citations).values(**row, position=last.scalar_subquery())
    keys = list(answer_citations.primary_key)
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_={"edition": edition}))


async def current_edition(session: AsyncSession, item_id: UUID) -> int:
    """Return the number of the edition that stands in the item, withdrawn or not."""
    return await session.scalar(select(col(Item.edition)).where(col(Item.id) == item_id)) or 1


async def request_of_turn(session: AsyncSession, turn_id: UUID) -> UUID | None:
    """Return the request of a turn."""
    return await session.scalar(select(col(RequestTurn.request_id)).where(col(RequestTurn.id) == turn_id))
