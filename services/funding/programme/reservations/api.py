"""What is set aside for which assembly, and giving back what was not needed."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from sqlmodel import col

from services.funding import caching
from services.funding.callers import FundingOfficer, StaffOrPartner
from services.funding.ledger.ledger import posting
from services.funding.programme.programme.queries import lock_scheme
from services.funding.programme.reservations import queries, rules
from services.funding.programme.reservations.tables import Reservation, ReservationStatus
from shared.http.conditional_requests import create_router
from shared.http.etags import set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.idempotency import required_key
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import KeyRequired, documented
from shared.views import Money, View

reservation_router = create_router("/v1/reservations", "Reservations")


class ReservationView(View):
    """Money of one assembly: `reserved` is set aside and not yet owed, `held` of it is spoken for by claims."""

    id: UUID
    assembly_id: UUID
    scheme: str
    status: ReservationStatus
    planned: Money
    reserved: Money
    held: Money
    approved: Money
    created_at: datetime

    @classmethod
    def of(cls, reservation: Reservation) -> "ReservationView":
        return cls(
            id=reservation.id,
            assembly_id=reservation.assembly_id,
            scheme=reservation.scheme_code,
            status=reservation.status,
            planned=Money(pence=reservation.planned_pence),
            reserved=Money(pence=reservation.pence),
            held=Money(pence=reservation.held_pence),
            approved=Money(pence=reservation.approved_pence),
            created_at=reservation.created_at,
        )


@reservation_router.get("", response_model=Page[ReservationView], dependencies=[Depends(caching.private)])
async def list_reservations(
    _caller: StaffOrPartner,
    session: Reading,
    paging: Paging,
    scheme_id: UUID | None = None,
    assembly_id: UUID | None = None,
    status: Annotated[ReservationStatus | None, Query()] = None,
) -> Page[ReservationView]:
    """Reservations, newest first."""
    wanted = queries.reservations(scheme_id=scheme_id, assembly_id=assembly_id, status=status)
    return await paginate(session, wanted, paging, key=(col(Reservation.id),), view=ReservationView.of, descending=True)


@reservation_router.get(
    "/{reservation_id}",
    response_model=ReservationView,
    responses=documented(queries.ReservationNotFound),
    dependencies=[Depends(caching.private)],
)
async def show_reservation(
    reservation_id: UUID, _caller: StaffOrPartner, session: Reading, response: Response
) -> ReservationView:
    """What is set aside for one assembly."""
    reservation = await queries.reservation(session, reservation_id)
    set_etag(response, reservation)
    return ReservationView.of(reservation)


@reservation_router.post(
    "/{reservation_id}/release",
    response_model=ReservationView,
    dependencies=[Depends(required_key)],
    responses=documented(queries.ReservationNotFound, rules.NothingToRelease, KeyRequired),
)
async def release_reservation(
    reservation_id: UUID, _caller: FundingOfficer, uow: Transaction, response: Response
) -> ReservationView:
    """Give the scheme back what the assembly did not need."""
    seen = await queries.reservation(uow.session, reservation_id)
    if seen.scheme_id is None:
        raise rules.NothingToRelease
    scheme = await lock_scheme(uow.session, seen.scheme_id)
    reservation = await queries.lock_reservation(uow.session, reservation_id)
    await posting.post(uow, *rules.release_unused(reservation, scheme))
    await uow.session.flush()
    set_etag(response, reservation)
    return ReservationView.of(reservation)
