"""Queries of entitlements."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import Text, Uuid, all_, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.callers import may_see_all_entitlements
from services.funding.participation.entitlements.tables import Attendance, Entitlement
from services.funding.programme.rates.queries import select_rate_cards
from services.funding.programme.rates.tables import RateCard
from services.funding.programme.schemes.tables import Scheme
from shared.callers import Caller
from shared.persistence.fetch import fetch
from shared.problems import NotAllowed, NotFound

SequenceOrder = Literal["first", "later", "older"]
"""How a sequence stands to the last one that was recorded."""


class EntitlementNotFound(NotFound):
    title = "There is no such entitlement"
    detail = "It does not exist, or is not yours. Check the id, or look in /v1/entitlements for yours."


class CardAndScheme(NamedTuple):
    """The rate card of a day and the id of a scheme, or None for what does not exist yet."""

    card: RateCard | None
    scheme_id: UUID | None


class EntitlementWithOthers(NamedTuple):
    """An entitlement, all of its person's, itself among them, and by id the rate cards of their attendances.

    What is changed in them is brought up to date (`rules.reconcile`) before anything is read or written: in between,
    the database would refuse it.
    """

    entitlement: Entitlement
    of_person: list[Entitlement]
    cards: dict[UUID, RateCard]


async def record_sequence(session: AsyncSession, registration_id: UUID, sequence: int) -> SequenceOrder:
    """Record the sequence of a registration's attendance unless it is older than the last, and lock the row."""
    statement = insert(Attendance).values(registration_id=registration_id, last_sequence=sequence)
    statement = statement.on_conflict_do_update(
        index_elements=[col(Attendance.registration_id)],
        set_={"last_sequence": sequence, "version": col(Attendance.version) + 1, "updated_at": func.now()},
        where=col(Attendance.last_sequence) < sequence,
    )
    version = await session.scalar(statement.returning(col(Attendance.version)))
    if version is None:
        return "older"
    return "first" if version == 1 else "later"


async def add_recorder(session: AsyncSession, registration_id: UUID, person_id: UUID) -> None:
    """Remember who recorded or corrected the attendance of a registration."""
    recorders = col(Attendance.recorded_by)
    statement = update(Attendance).where(
        col(Attendance.registration_id) == registration_id, literal(person_id, Uuid) != all_(recorders)
    )
    await session.execute(statement.values(recorded_by=func.array_append(recorders, person_id)))


async def list_recorders(session: AsyncSession, registration_id: UUID) -> list[UUID]:
    """Return everyone who recorded or corrected the attendance of a registration, as far as its events said."""
    statement = select(col(Attendance.recorded_by)).where(col(Attendance.registration_id) == registration_id)
    return list(await session.scalar(statement) or ())


async def find_card_and_scheme(session: AsyncSession, held_on: date, scheme_code: str) -> CardAndScheme:
    """Return the rate card of a day, and the id of a scheme."""
    scheme_id = select(col(Scheme.id)).where(col(Scheme.code) == scheme_code).scalar_subquery()
    row = (await session.execute(select_rate_cards(held_on).add_columns(scheme_id))).one_or_none()
    return CardAndScheme(*row) if row else CardAndScheme(None, None)


async def lock_people(session: AsyncSession, person_ids: Collection[UUID]) -> None:
    """Lock these people's entitlements, also against new ones, until the transaction ends.

    A transaction that changes those of several people locks them all first, always in the same order, so that two such
    transactions do not deadlock.
    """
    people = func.unnest(literal(sorted(map(str, person_ids)), ARRAY(Text))).column_valued("person")
    locked = func.pg_advisory_xact_lock(func.hashtextextended(people, 0))
    # Counted, so that the locks are taken row by row, in the order of the array.
    await session.execute(select(func.count(locked)))


async def lock_entitlements_of_person(session: AsyncSession, person_id: UUID) -> list[Entitlement]:
    """Return all entitlements of a person, and lock them until the transaction ends, also against new ones.

    Overlapping attendances are paid together, so one is changed with the others in view. Without the lock of the
    person, two first attendances that are handled at once would both be paid in full.
    """
    await lock_people(session, [person_id])
    statement = select(Entitlement).where(col(Entitlement.person_id) == person_id).order_by(col(Entitlement.id))
    locking = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    return list(await session.scalars(locking))


async def lock_entitlements(session: AsyncSession, entitlement_ids: Collection[UUID]) -> dict[UUID, Entitlement]:
    """Return and lock several entitlements by id, always in the same order, so that commands do not deadlock."""
    statement = select(Entitlement).where(col(Entitlement.id).in_(set(entitlement_ids))).order_by(col(Entitlement.id))
    locking = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    return {entitlement.id: entitlement for entitlement in await session.scalars(locking)}


async def lock_entitlement_with_others(session: AsyncSession, entitlement_id: UUID) -> EntitlementWithOthers:
    """Return the entitlement and all of its person's, locked until the transaction ends. Raises EntitlementNotFound."""
    person_id = await session.scalar(select(col(Entitlement.person_id)).where(col(Entitlement.id) == entitlement_id))
    if person_id is None:
        raise EntitlementNotFound
    entitlements = await lock_entitlements_of_person(session, person_id)
    cards = await list_rate_cards_of(session, entitlements)
    return EntitlementWithOthers(next(row for row in entitlements if row.id == entitlement_id), entitlements, cards)


async def list_rate_cards_of(session: AsyncSession, entitlements: Iterable[Entitlement]) -> dict[UUID, RateCard]:
    """Return by id the rate cards of the days on which the attendances of these entitlements were."""
    ids = {entitlement.attendance_rate_card_id for entitlement in entitlements}
    cards = await session.scalars(select(RateCard).where(col(RateCard.id).in_(ids - {None})))
    return {card.id: card for card in cards}


async def get_visible_entitlement(session: AsyncSession, entitlement_id: UUID, caller: Caller) -> Entitlement:
    """Return the caller's own entitlement, or any for a funding officer. Raises EntitlementNotFound."""
    entitlement = await fetch(session, Entitlement, entitlement_id, missing=EntitlementNotFound)
    if entitlement.person_id != caller.id and not may_see_all_entitlements(caller):
        raise EntitlementNotFound
    return entitlement


def select_entitlements(caller: Caller, *, in_question: bool, overpaid: bool) -> SelectOfScalar[Entitlement]:
    """Select the caller's entitlements, or everyone's that are in question or overpaid. Raises NotAllowed for those."""
    if not in_question and not overpaid:
        return select_model(Entitlement).where(col(Entitlement.person_id) == caller.id)
    if not may_see_all_entitlements(caller):
        raise NotAllowed
    statement = select_model(Entitlement)
    if in_question:
        statement = statement.where(col(Entitlement.in_question))
    return statement.where(col(Entitlement.overpaid_pence) > 0) if overpaid else statement
