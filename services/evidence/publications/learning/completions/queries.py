"""Records of completion and their certificates in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, delete, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.publications.learning.completions.rules import CertificateRevoked
from services.evidence.publications.learning.tables import LearningCompletion, LearningPiece, certificates
from shared.http.pagination import Key
from shared.persistence.columns import select_columns
from shared.persistence.tables import new_id
from shared.problems import NotFound


class CompletionNotFound(NotFound):
    title = "You have no such record"
    detail = "Check the id. Your records are at /v1/learning/completions."


class CertificateNotFound(NotFound):
    title = "There is no such certificate"
    detail = "Check the code letter by letter, or ask whoever gave it to you for a new one."


class Completion(NamedTuple):
    """A record of completion, with the code of its certificate if there is a valid one."""

    id: UUID
    piece_id: UUID
    edition: int
    title: str
    minutes: int
    completed_at: datetime
    is_current: bool
    code: str | None


class CertifiedCompletion(NamedTuple):
    """What a certificate shows of a completion: nothing of the person."""

    title: str
    edition: int
    minutes: int
    completed_at: datetime
    revoked_at: datetime | None


ORDER: Sequence[Key] = (col(LearningCompletion.id),)
"""The key of `list_completions`, descending."""


async def store_completion(session: AsyncSession, piece: LearningPiece, person_id: UUID, now: datetime) -> UUID | None:
    """Store a record for the person and return its id, or None when they have one of this edition already."""
    row = {
        "id": new_id(),
        "piece_id": piece.id,
        "person_id": person_id,
        "edition": piece.edition,
        "title": piece.title,
        "minutes": piece.minutes,
        "completed_at": now,
    }
    statement = upsert(LearningCompletion).values(row).on_conflict_do_nothing()
    return await session.scalar(statement.returning(col(LearningCompletion.id)))


def list_completions(person_id: UUID) -> Select[Any]:
    """Select the person's records as `Completion`, to be paged by ORDER."""
    valid = and_(certificates.c.completion_id == col(LearningCompletion.id), certificates.c.revoked_at.is_(None))
    return (
        select_columns(
            col(LearningCompletion.id),
            col(LearningCompletion.piece_id),
            col(LearningCompletion.edition),
            col(LearningCompletion.title),
            col(LearningCompletion.minutes),
            col(LearningCompletion.completed_at),
            and_(
                col(LearningPiece.status) == "published", col(LearningPiece.edition) == col(LearningCompletion.edition)
            ).label("is_current"),
            certificates.c.code,
        )
        .join(LearningPiece, col(LearningPiece.id) == col(LearningCompletion.piece_id))
        .outerjoin(certificates, valid)
        .where(col(LearningCompletion.person_id) == person_id)
    )


async def get_completion(session: AsyncSession, person_id: UUID, completion_id: UUID) -> Completion:
    """Return a record of this person. Raises CompletionNotFound."""
    statement = list_completions(person_id).where(col(LearningCompletion.id) == completion_id)
    row = (await session.execute(statement)).first()
    if row is None:
        raise CompletionNotFound
    return Completion._make(row)


async def find_current_completion(session: AsyncSession, person_id: UUID, piece: LearningPiece) -> Completion | None:
    """Return the person's record of the current edition, or None."""
    statement = list_completions(person_id).where(
        col(LearningCompletion.piece_id) == piece.id, col(LearningCompletion.edition) == piece.edition
    )
    row = (await session.execute(statement)).first()
    return None if row is None else Completion._make(row)


async def delete_completion(session: AsyncSession, completion_id: UUID) -> None:
    """Delete the record with its certificates."""
    await session.execute(delete(LearningCompletion).where(col(LearningCompletion.id) == completion_id))


async def store_code(session: AsyncSession, completion_id: UUID, code: str, now: datetime) -> None:
    """Store a code, unless the record has a valid one."""
    row = {"code": code, "completion_id": completion_id, "issued_at": now}
    await session.execute(upsert(certificates).values(row).on_conflict_do_nothing())


async def revoke_codes(session: AsyncSession, completion_id: UUID, now: datetime) -> None:
    """Revoke the valid code of the record."""
    valid = and_(certificates.c.completion_id == completion_id, certificates.c.revoked_at.is_(None))
    await session.execute(update(certificates).where(valid).values(revoked_at=now))


async def get_certified_completion(session: AsyncSession, code: str) -> CertifiedCompletion:
    """Return what the certificate with this code shows. Raises CertificateNotFound, CertificateRevoked."""
    statement = (
        select_columns(
            col(LearningCompletion.title),
            col(LearningCompletion.edition),
            col(LearningCompletion.minutes),
            col(LearningCompletion.completed_at),
            certificates.c.revoked_at,
        )
        .select_from(certificates)
        .join(LearningCompletion, col(LearningCompletion.id) == certificates.c.completion_id)
        .where(certificates.c.code == code)
    )
    row = (await session.execute(statement)).first()
    if row is None:
        raise CertificateNotFound
    completion = CertifiedCompletion._make(row)
    if completion.revoked_at is not None:
        raise CertificateRevoked
    return completion
