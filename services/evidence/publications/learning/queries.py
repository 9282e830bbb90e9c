"""Learning pieces in SQL, with the sources that they are based on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, select, union, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.publications.cited_items.queries import CitingList, get_cited_items, lock_items
from services.evidence.publications.cited_items.rules import (
    CitedItem,
    Issue,
    carry_over_flag,
    find_open_issues,
    is_held_back,
)
from services.evidence.publications.guides.citations.queries import get_doubts
from services.evidence.publications.guides.queries import GuideBrief, get_published_guides, lock_guides
from services.evidence.publications.guides.tables import citations, statements
from services.evidence.publications.learning import rules
from services.evidence.publications.learning.content import (
    LearningContent,
    LearningMedium,
    LearningQuestion,
    SourceLink,
)
from services.evidence.publications.learning.rules import SourceKind
from services.evidence.publications.learning.tables import LearningCompletion, LearningPiece, learning_sources
from shared.callers import Caller
from shared.http.pagination import Key
from shared.persistence.columns import in_array
from shared.persistence.fetch import fetch
from shared.problems import NotFound

ListedStatus = Literal["published", "draft"]


class PieceNotFound(NotFound):
    title = "There is no such learning piece"
    detail = "It may not be published yet. Check the id, or look in the list."


class SourceNotFound(NotFound):
    title = "There is no such source"
    detail = "This piece is not based on such an item or guide. Check its kind and id, or fetch the piece again."


class LearningSource(NamedTuple):
    """An item or guide that a piece is based on, with its flag."""

    piece_id: UUID
    kind: SourceKind
    source_id: UUID
    edition: int
    flagged_reason: str | None
    flagged_key: str | None
    flagged_at: datetime | None
    accepted: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Sources:
    """Items, by the id in the link, and published guides, as they are today."""

    items: Mapping[UUID, CitedItem]
    guides: Mapping[UUID, GuideBrief]
    doubts: Mapping[UUID, Sequence[Issue]]
    """Of guides with a statement that is in doubt."""

    def get_edition(self, kind: SourceKind, source_id: UUID) -> int:
        """Return the current edition of a source that exists."""
        return self.items[source_id].edition if kind == "item" else self.guides[source_id].edition

    def find_issues(self, source: LearningSource) -> list[Issue]:
        """Return the issues that a link to the source has today, the most serious first."""
        if source.kind == "item":
            return rules.find_item_issues(source.source_id, source.edition, self.items.get(source.source_id))
        guide = self.guides.get(source.source_id)
        return rules.find_guide_issues(source.edition, guide, self.doubts.get(source.source_id, ()))

    def find_open_issues(self, source: LearningSource) -> list[Issue]:
        """Return those of the issues that no editor has accepted."""
        return find_open_issues(self.find_issues(source), source.accepted)


@dataclass(frozen=True)
class PieceBrief:
    """A piece with its sources, as lists need it."""

    piece: LearningPiece
    links: Sequence[LearningSource]
    sources: Sources

    @property
    def open_issues(self) -> list[Issue]:
        """The issues of all its sources that no editor has accepted."""
        return [issue for link in self.links for issue in self.sources.find_open_issues(link)]

    @property
    def is_held_back(self) -> bool:
        """Whether only staff read it: it is public, and stands on something withdrawn or retracted."""
        return self.piece.status == "published" and is_held_back(self.open_issues)


@dataclass(frozen=True)
class PieceSnapshot(PieceBrief):
    """A piece with everything shown with it."""

    content: LearningContent
    learners: int
    """How many people have finished it, in any edition."""


async def get_piece(session: AsyncSession, piece_id: UUID) -> LearningPiece:
    """Return the piece. Raises PieceNotFound, PieceWithdrawn."""
    piece = await fetch(session, LearningPiece, piece_id, missing=PieceNotFound)
    rules.check_not_withdrawn(piece)
    return piece


async def lock_piece(session: AsyncSession, piece_id: UUID) -> LearningPiece:
    """Return the piece, locked. Raises PieceNotFound, PieceWithdrawn."""
    piece = await fetch(session, LearningPiece, piece_id, missing=PieceNotFound, lock=True)
    rules.check_not_withdrawn(piece)
    return piece


async def load_visible_piece(session: AsyncSession, piece_id: UUID, caller: Caller) -> PieceSnapshot:
    """Load the piece if the caller may see it. Raises PieceNotFound, PieceWithdrawn."""
    piece = await get_piece(session, piece_id)
    if not rules.can_read(caller, piece):
        raise PieceNotFound
    return await load_piece(session, piece)


async def load_piece(session: AsyncSession, piece: LearningPiece) -> PieceSnapshot:
    """Load what is shown with the piece."""
    links = await get_links(session, piece.id)
    learners = await count_learners(session, piece.id)
    return PieceSnapshot(piece, links, await get_sources(session, links), build_content(piece, links), learners)


async def load_briefs(session: AsyncSession, pieces: Sequence[LearningPiece]) -> list[PieceBrief]:
    """Load what lists show with these pieces, with as many statements however many there are."""
    statement = select(*_link_columns).where(in_array(learning_sources.c.piece_id, [piece.id for piece in pieces]))
    links = [LearningSource._make(row) for row in await session.execute(statement)]
    sources = await get_sources(session, links)
    return [PieceBrief(piece, [link for link in links if link.piece_id == piece.id], sources) for piece in pieces]


_link_columns = [learning_sources.c[name] for name in LearningSource._fields]


async def get_links(session: AsyncSession, piece_id: UUID) -> list[LearningSource]:
    """Return the links of the piece to its sources, in the order in which they were written."""
    statement = select(*_link_columns).where(is_of_piece(piece_id))
    ordered = statement.order_by(learning_sources.c.kind, learning_sources.c.position)
    return [LearningSource._make(row) for row in await session.execute(ordered)]


async def lock_links(session: AsyncSession, condition: ColumnElement[bool]) -> list[LearningSource]:
    """Lock links to sources, in the order of their key."""
    statement = select(*_link_columns).where(condition).order_by(*learning_sources.primary_key).with_for_update()
    return [LearningSource._make(row) for row in await session.execute(statement)]


async def lock_link(session: AsyncSession, piece_id: UUID, kind: SourceKind, source_id: UUID) -> LearningSource:
    """Return one link, locked. Raises SourceNotFound."""
    links = await lock_links(session, and_(is_of_piece(piece_id), links_to(kind, [source_id])))
    if not links:
        raise SourceNotFound
    return links[0]


def links_to(kind: SourceKind, ids: Collection[UUID]) -> ColumnElement[bool]:
    """Match links to any of these items, or of these guides."""
    return and_(learning_sources.c.kind == kind, learning_sources.c.source_id.in_(ids))


def is_of_piece(piece_id: UUID) -> ColumnElement[bool]:
    """Match links of the piece."""
    return learning_sources.c.piece_id == piece_id


async def get_sources(session: AsyncSession, links: Collection[LearningSource]) -> Sources:
    """Return the items and guides that these links lead to, as they are today."""
    item_ids = {link.source_id for link in links if link.kind == "item"}
    guide_ids = {link.source_id for link in links if link.kind == "guide"}
    return await _load_sources(session, item_ids, guide_ids)


async def lock_sources(session: AsyncSession, content: LearningContent) -> Sources:
    """Return the sources of the content, locked: until the transaction ends nobody withdraws or changes them."""
    item_ids, guide_ids = {link.id for link in content.items}, {link.id for link in content.guides}
    await lock_items(session, item_ids)
    await lock_guides(session, guide_ids)
    return await _load_sources(session, item_ids, guide_ids)


async def _load_sources(session: AsyncSession, item_ids: Collection[UUID], guide_ids: Collection[UUID]) -> Sources:
    return Sources(
        await get_cited_items(session, item_ids),
        await get_published_guides(session, guide_ids),
        await get_doubts(session, guide_ids),
    )


def build_content(piece: LearningPiece, links: Collection[LearningSource]) -> LearningContent:
    """Return the piece as its author wrote it."""
    return LearningContent(
        **{name: getattr(piece, name) for name in ("title", "point", "text", "language")},
        media=[LearningMedium.model_validate(medium) for medium in piece.media],
        questions=[LearningQuestion.model_validate(question) for question in piece.questions],
        items=[SourceLink(id=link.source_id, edition=link.edition) for link in links if link.kind == "item"],
        guides=[SourceLink(id=link.source_id, edition=link.edition) for link in links if link.kind == "guide"],
    )


async def replace_links(session: AsyncSession, piece_id: UUID, content: LearningContent, sources: Sources) -> None:
    """Link the piece to the sources of its content and to no others.

    A link that still names the same edition keeps its flag, and the issues that editors have accepted.
    """
    before = {(link.kind, link.source_id): link for link in await get_links(session, piece_id)}
    await session.execute(delete(learning_sources).where(is_of_piece(piece_id)))
    rows: list[dict[str, Any]] = []
    kinds: tuple[tuple[SourceKind, list[SourceLink]], ...] = (("item", content.items), ("guide", content.guides))
    for kind, links in kinds:
        for position, link in enumerate(links):
            edition = link.edition or sources.get_edition(kind, link.id)
            row = {"piece_id": piece_id, "kind": kind, "source_id": link.id, "position": position, "edition": edition}
            rows.append(row | carry_over_flag(before.get((kind, link.id)), edition))
    if rows:
        await session.execute(insert(learning_sources), rows)


async def store_accepted_issues(
    session: AsyncSession, link: LearningSource, accepted: Sequence[dict[str, Any]]
) -> None:
    """Store which issues of a source editors have accepted."""
    condition = and_(is_of_piece(link.piece_id), links_to(link.kind, [link.source_id]))
    await session.execute(update(learning_sources).where(condition).values(accepted=accepted))


def list_pieces(
    *,
    status: ListedStatus,
    item_ids: Collection[UUID] | None = None,
    guide_id: UUID | None = None,
    is_flagged: bool | None = None,
    owner: UUID | None = None,
    max_minutes: int | None = None,
) -> SelectOfScalar[LearningPiece]:
    """Select pieces, to be paged by `order_pieces`, descending."""
    statement = select_rows(LearningPiece).where(col(LearningPiece.status) == status)
    of_piece = learning_sources.c.piece_id == col(LearningPiece.id)
    if item_ids is not None:
        statement = statement.where(exists().where(of_piece, links_to("item", item_ids)))
    if guide_id is not None:
        statement = statement.where(exists().where(of_piece, links_to("guide", [guide_id])))
    if owner is not None:
        statement = statement.where(col(LearningPiece.owner_id) == owner)
    if is_flagged is not None:
        flagged = exists().where(of_piece, learning_sources.c.flagged_reason.is_not(None))
        statement = statement.where(flagged if is_flagged else ~flagged)
    if max_minutes is not None:
        statement = statement.where(col(LearningPiece.minutes) <= max_minutes)
    return statement


_piece_id = learning_sources.c.piece_id.label("source_id")
_taught = union(
    select(_piece_id, learning_sources.c.source_id.label("item_id")).where(learning_sources.c.kind == "item"),
    select(_piece_id, citations.c.item_id)
    .join(statements, statements.c.guide_id == learning_sources.c.source_id)
    .join(citations, citations.c.statement_id == statements.c.id)
    .where(learning_sources.c.kind == "guide"),
)
BY_TAUGHT_PLACE = CitingList(col(LearningPiece.id), _taught.subquery())
"""Pieces, by the places of the items that they are based on, themselves or through published guides."""


def order_pieces(status: ListedStatus) -> Sequence[Key]:
    """Return the key of a list of pieces."""
    if status == "published":
        return (col(LearningPiece.published_at), col(LearningPiece.id))
    return (col(LearningPiece.id),)


async def count_learners(session: AsyncSession, piece_id: UUID) -> int:
    """Count the people who have finished the piece, in any edition."""
    statement = select(func.count(col(LearningCompletion.person_id).distinct()))
    return await session.scalar(statement.where(col(LearningCompletion.piece_id) == piece_id)) or 0
