"""How reservations are shown."""

from datetime import datetime
from uuid import UUID

from services.funding.programme.reservations.tables import Reservation, ReservationStatus
from shared.views import Money, View


class ReservationView(View):
    """Money for one assembly: `reserved` is set aside and not yet owed; submitted claims hold `held` of it."""

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
