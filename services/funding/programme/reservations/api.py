"""Reservations, for staff; funding officers release what was not needed."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from sqlmodel import col

from services.funding.callers import FundingOfficer, StaffOrPartner
from services.funding.programme.reservations import commands, queries, rules
from services.funding.programme.reservations.tables import Reservation, ReservationStatus
from services.funding.programme.reservations.views import ReservationView
from shared.http.caching import NO_STORE
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatchVersion, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.persistence.idempotency import required_key
from shared.problems import PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/reservations", "Reservations")


@router.get("", response_model=Page[ReservationView], dependencies=[Depends(NO_STORE)])
async def list_reservations(
    _caller: StaffOrPartner,
    session: Reading,
    paging: Paging,
    scheme_id: UUID | None = None,
    assembly_id: UUID | None = None,
    status: Annotated[ReservationStatus | None, Query()] = None,
) -> Page[ReservationView]:
    """List the reservations, newest first."""
    statement = queries.select_reservations(scheme_id=scheme_id, assembly_id=assembly_id, status=status)
    key = (col(Reservation.id),)
    return await paginate(session, statement, paging, key=key, view=ReservationView.of, descending=True)


@router.get(
    "/{reservation_id}",
    response_model=ReservationView,
    responses=documented(queries.ReservationNotFound),
    dependencies=[Depends(NO_STORE)],
)
async def get_reservation(
    reservation_id: UUID, _caller: StaffOrPartner, session: Reading, response: Response
) -> ReservationView:
    """Return the reservation of one assembly."""
    reservation = await fetch(session, Reservation, reservation_id, missing=queries.ReservationNotFound)
    set_etag(response, reservation)
    return ReservationView.of(reservation)


@router.post(
    "/{reservation_id}/release",
    response_model=ReservationView,
    dependencies=[Depends(required_key)],
    responses=documented(
        queries.ReservationNotFound,
        rules.NothingToRelease,
        PreconditionRequired,
        PreconditionFailed,
    ),
)
async def release_reservation(
    reservation_id: UUID, _caller: FundingOfficer, match: IfMatchVersion, uow: Transaction, response: Response
) -> ReservationView:
    """Return to the scheme what the assembly did not need."""
    reservation = await commands.release_reservation(uow, reservation_id, match)
    return ReservationView.of(await flush_and_tag(uow, response, reservation))
