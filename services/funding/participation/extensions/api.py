"""Extensions of reservations, by funding officers."""

from uuid import UUID

from fastapi import Depends, Response
from sqlmodel import col

from services.funding.callers import FundingOfficer
from services.funding.participation.extensions import commands, queries, rules
from services.funding.participation.extensions.tables import ReservationExtension
from services.funding.participation.extensions.views import ExtensionView, NewExtension
from services.funding.programme.reservations.queries import ReservationNotFound
from services.funding.programme.reservations.tables import Reservation
from services.funding.programme.reservations.views import ReservationView
from shared.http.caching import NO_STORE
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatchVersion
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.persistence.idempotency import required_key
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/reservations", "Reservations")


@router.post(
    "/{reservation_id}/extend",
    response_model=ReservationView,
    dependencies=[Depends(required_key)],
    responses=documented(
        ReservationNotFound,
        rules.OwnMeeting,
        rules.NothingReserved,
        rules.SchemeExhausted,
        PreconditionRequired,
        PreconditionFailed,
        Invalid,
    ),
)
async def extend_reservation(
    reservation_id: UUID,
    new: NewExtension,
    caller: FundingOfficer,
    match: IfMatchVersion,
    uow: Transaction,
    response: Response,
) -> ReservationView:
    """Add money of the scheme to the reservation, so that claims beyond it can be approved."""
    reservation = await commands.extend_reservation(uow, reservation_id, new, caller, match)
    return ReservationView.of(await flush_and_tag(uow, response, reservation))


@router.get(
    "/{reservation_id}/extensions",
    response_model=Page[ExtensionView],
    responses=documented(ReservationNotFound),
    dependencies=[Depends(NO_STORE)],
)
async def list_extensions(
    reservation_id: UUID, _caller: FundingOfficer, session: Reading, paging: Paging
) -> Page[ExtensionView]:
    """List what was added to a reservation and why, newest first."""
    await fetch(session, Reservation, reservation_id, missing=ReservationNotFound)
    statement = queries.select_extensions(reservation_id)
    key = (col(ReservationExtension.id),)
    return await paginate(session, statement, paging, key=key, view=ExtensionView.of, descending=True)
