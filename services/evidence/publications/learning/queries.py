"""What is asked of learning pieces, of what they are tied to, and of those who finished them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, bindparam, delete, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.publications.guides.citing import open_marks
from services.evidence.publications.guides.queries import cited_items, hold_guides, hold_items, published_guides
from services.evidence.publications.learning import rules
from services.evidence.publications.learning.tables import LearningCompletion, LearningPiece, proofs, ties
from services.evidence.publications.learning.words import LearningContent, LearningQuestion, Tie
from shared.persistence.tables import new_id


@dataclass(frozen=True)
class Things:
    """What pieces are tied to, as it stands today: items by the id that was tied, guides that are published."""

    items: Mapping[UUID, Any]
    guides: Mapping[UUID, Any]

    def now(self, kind: str, thing_id: UUID) -> Any:
        return (self.items if kind == "item" else self.guides).get(thing_id)


async def piece(session: AsyncSession, piece_id: UUID) -> LearningPiece:
    """Raises PieceNotFound."""
    found = await session.get(LearningPiece, piece_id)
    if found is None:
        raise rules.PieceNotFound
    return found


async def lock_piece(session: AsyncSession, piece_id: UUID) -> LearningPiece:
    """Raises PieceNotFound."""
    found = await session.get(LearningPiece, piece_id, with_for_update=True)
    if found is None:
        raise rules.PieceNotFound
    return found


async def ties_of(session: AsyncSession, pieces: Collection[UUID]) -> list[Any]:
    """In the order in which they were written."""
    statement = select(ties).where(ties.c.piece_id.in_(pieces)).order_by(ties.c.piece_id, ties.c.kind, ties.c.position)
    return list((await session.execute(statement)).all())


async def things(session: AsyncSession, items: Collection[UUID], guides: Collection[UUID]) -> Things:
    return Things(await cited_items(session, set(items)), await published_guides(session, set(guides)))


async def hold_things(session: AsyncSession, content: LearningContent) -> Things:
    """As they stand today, and until this transaction ends: nobody withdraws or changes them meanwhile."""
    items, guides = {one.id for one in content.items}, {one.id for one in content.guides}
    await hold_items(session, items)
    await hold_guides(session, guides)
    return await things(session, items, guides)


async def things_tied(session: AsyncSession, tied: Collection[Any]) -> Things:
    """What these ties lead to."""
    return await things(
        session,
        {tie.thing_id for tie in tied if tie.kind == "item"},
        {tie.thing_id for tie in tied if tie.kind == "guide"},
    )


def content_of(standing: LearningPiece, tied: Collection[Any]) -> LearningContent:
    """A piece as its author wrote it."""
    return LearningContent(
        **{name: getattr(standing, name) for name in ("title", "point", "text", "language", "minutes")},
        questions=[LearningQuestion.model_validate(one) for one in standing.questions],
        items=[Tie(id=tie.thing_id, edition=tie.edition) for tie in tied if tie.kind == "item"],
        guides=[Tie(id=tie.thing_id, edition=tie.edition) for tie in tied if tie.kind == "guide"],
    )


async def tie(session: AsyncSession, piece_id: UUID, content: LearningContent, known: Things) -> None:
    """Tie the piece to these and no others. What was decided about a tie stays where its edition does."""
    before = {(one.kind, one.thing_id): one for one in await ties_of(session, [piece_id])}
    await session.execute(delete(ties).where(ties.c.piece_id == piece_id))
    rows: list[dict[str, Any]] = []
    for kind, wanted in (("item", content.items), ("guide", content.guides)):
        for position, one in enumerate(wanted):
            edition = one.edition or known.now(kind, one.id).edition
            noted = before.get((kind, one.id))
            same = noted is not None and noted.edition == edition
            rows.append(
                {
                    "piece_id": piece_id,
                    "kind": kind,
                    "thing_id": one.id,
                    "position": position,
                    "edition": edition,
                    "kept": noted.kept if noted is not None and same else [],
                    **{name: getattr(noted, name) if same else None for name in _FLAG},
                }
            )
    if rows:
        await session.execute(insert(ties), rows)


_FLAG = ("flagged_reason", "flagged_mark", "flagged_at")


def tied_to(kind: str, ids: Collection[UUID]) -> Any:
    return and_(ties.c.kind == kind, ties.c.thing_id.in_(ids))


def tied_in(piece_id: UUID) -> Any:
    return ties.c.piece_id == piece_id


async def flag_ties(session: AsyncSession, of: Any, now: datetime) -> None:
    """Bring the flags of these ties in line with what stands against them today, whatever was heard and when."""
    locked = select(ties).where(of).order_by(ties.c.piece_id, ties.c.kind, ties.c.thing_id).with_for_update()
    rows = (await session.execute(locked)).all()
    today = await things_tied(session, rows)
    changed: list[dict[str, Any]] = []
    for row in rows:
        found = rules.against(row.kind, row.thing_id, row.edition, today.now(row.kind, row.thing_id))
        first = next(iter(open_marks(found, row.kept)), None)
        if (first.mark if first else None) != row.flagged_mark:
            changed.append(
                {
                    "of_piece": row.piece_id,
                    "of_kind": row.kind,
                    "of_thing": row.thing_id,
                    "flagged_reason": first.reason if first else None,
                    "flagged_mark": first.mark if first else None,
                    "flagged_at": (row.flagged_at or now) if first else None,
                }
            )
    if changed:
        await session.execute(_flag, changed)


_flag = (
    update(ties)
    .where(
        ties.c.piece_id == bindparam("of_piece"),
        ties.c.kind == bindparam("of_kind"),
        ties.c.thing_id == bindparam("of_thing"),
    )
    .values({name: bindparam(name) for name in _FLAG})
)


async def lock_tie(session: AsyncSession, piece_id: UUID, kind: str, thing_id: UUID) -> Any:
    """Raises PieceNotFound."""
    one = and_(tied_in(piece_id), tied_to(kind, [thing_id]))
    found = (await session.execute(select(ties).where(one).with_for_update())).first()
    if found is None:
        raise rules.PieceNotFound
    return found


async def keep_tie(session: AsyncSession, row: Any, kept: list[dict[str, Any]]) -> None:
    one = and_(tied_in(row.piece_id), tied_to(row.kind, [row.thing_id]))
    await session.execute(update(ties).where(one).values(kept=kept))


def pieces(
    *,
    state: str,
    items: Collection[UUID] | None = None,
    guide: UUID | None = None,
    flagged: bool = False,
    owner: UUID | None = None,
) -> Select[LearningPiece]:
    """Published ones are paged by `published_at` and id; drafts by id."""
    statement = select(LearningPiece).where(col(LearningPiece.state) == state)
    of_piece = ties.c.piece_id == col(LearningPiece.id)
    if items is not None:
        statement = statement.where(exists().where(of_piece, tied_to("item", items)))
    if guide is not None:
        statement = statement.where(exists().where(of_piece, tied_to("guide", [guide])))
    if owner is not None:
        statement = statement.where(col(LearningPiece.owner_id) == owner)
    return statement.where(exists().where(of_piece, ties.c.flagged_reason.is_not(None))) if flagged else statement


async def finished(session: AsyncSession, pieces: Collection[UUID]) -> dict[UUID, int]:
    """How many people finished each piece, in whatever edition."""
    number: Any = func.count(col(LearningCompletion.person_id).distinct()).label("number")
    counted = (
        select(col(LearningCompletion.piece_id), number)
        .where(col(LearningCompletion.piece_id).in_(pieces))
        .group_by(col(LearningCompletion.piece_id))
    )
    return {row.piece_id: row.number for row in await session.execute(counted)}


async def complete(session: AsyncSession, standing: LearningPiece, person: UUID, now: datetime) -> UUID | None:
    """A record for the person, or None when they have one of this edition already."""
    row = {
        "id": new_id(),
        "piece_id": standing.id,
        "person_id": person,
        "edition": standing.edition,
        "title": standing.title,
        "minutes": standing.minutes,
        "completed_at": now,
    }
    once = upsert(LearningCompletion).values(row).on_conflict_do_nothing()
    return await session.scalar(once.returning(col(LearningCompletion.id)))


def completions_of(person: UUID) -> Any:
    """With the code that stands, where there is one. To be paged by id."""
    return (
        select(*_completion)
        .join(LearningPiece, col(LearningPiece.id) == col(LearningCompletion.piece_id))
        .outerjoin(proofs, and_(proofs.c.completion_id == col(LearningCompletion.id), proofs.c.revoked_at.is_(None)))
        .where(col(LearningCompletion.person_id) == person)
    )


_completion: tuple[Any, ...] = (
    col(LearningCompletion.id),
    col(LearningCompletion.piece_id),
    col(LearningCompletion.edition),
    col(LearningCompletion.title),
    col(LearningCompletion.minutes),
    col(LearningCompletion.completed_at),
    and_(col(LearningPiece.state) == "published", col(LearningPiece.edition) == col(LearningCompletion.edition)).label(
        "is_current"
    ),
    proofs.c.code,
)


async def completion(session: AsyncSession, person: UUID, completion_id: UUID) -> Any:
    """Of this person alone. Raises CompletionNotFound."""
    one = completions_of(person).where(col(LearningCompletion.id) == completion_id)
    found = (await session.execute(one)).first()
    if found is None:
        raise rules.CompletionNotFound
    return found


async def completion_of(session: AsyncSession, person: UUID, standing: LearningPiece) -> Any:
    """Of the edition that stands, or None."""
    one = completions_of(person).where(
        col(LearningCompletion.piece_id) == standing.id, col(LearningCompletion.edition) == standing.edition
    )
    return (await session.execute(one)).first()


async def forget_completion(session: AsyncSession, completion_id: UUID) -> None:
    """With its codes."""
    await session.execute(delete(LearningCompletion).where(col(LearningCompletion.id) == completion_id))


async def keep_code(session: AsyncSession, completion_id: UUID, code: str, now: datetime) -> None:
    """Unless the record has a code that stands."""
    row = {"code": code, "completion_id": completion_id, "made_at": now}
    await session.execute(upsert(proofs).values(row).on_conflict_do_nothing())


async def revoke_codes(session: AsyncSession, completion_id: UUID, now: datetime) -> None:
    standing = and_(proofs.c.completion_id == completion_id, proofs.c.revoked_at.is_(None))
    await session.execute(update(proofs).where(standing).values(revoked_at=now))


async def proof(session: AsyncSession, code: str) -> Row[Any]:
    """What a code shows, of nobody. Raises ProofNotFound, ProofRevoked."""
    columns: tuple[Any, ...] = (
        proofs.c.revoked_at,
        col(LearningCompletion.title),
        col(LearningCompletion.edition),
        col(LearningCompletion.minutes),
        col(LearningCompletion.completed_at),
    )
    wanted: Any = select(*columns).join(LearningCompletion, col(LearningCompletion.id) == proofs.c.completion_id)
    found = (await session.execute(wanted.where(proofs.c.code == code))).first()
    if found is None:
        raise rules.ProofNotFound
    if found.revoked_at is not None:
        raise rules.ProofRevoked
    return found
