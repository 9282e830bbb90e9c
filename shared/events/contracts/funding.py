"""Events of the funding service. All money is integer pence of pounds sterling."""

from datetime import date
from typing import Literal
from uuid import UUID

from shared.events.event import Event

RefusalReason = Literal["scheme_unknown", "scheme_exhausted"]


class FundingReserved(Event, topic="funding.reservations", key="assembly_id"):
    """The expected cost of an assembly is reserved in its scheme."""

    assembly_id: UUID
    reservation_id: UUID
    pence: int


class FundingRefused(Event, topic="funding.reservations", key="assembly_id"):
    """The scheme does not exist, or has too little money for the assembly: `available_pence` is what it has.

    With the programme's first and last day: the assembly's day is outside them, so that there is nothing for it.
    """

    assembly_id: UUID
    reason: RefusalReason
    available_pence: int
    programme_starts_on: date | None = None
    programme_ends_on: date | None = None


class EntitlementGranted(Event, topic="funding.entitlements", key="entitlement_id"):
    """A person may be paid for taking part. `pence` is the involvement payment at the rate of that day."""

    entitlement_id: UUID
    registration_id: UUID
    assembly_id: UUID
    person_id: UUID
    pence: int


class EntitlementWithdrawn(Event, topic="funding.entitlements", key="entitlement_id"):
    """The attendance was corrected: the person may not be paid for it."""

    entitlement_id: UUID
    registration_id: UUID
    assembly_id: UUID
    person_id: UUID


class ClaimSubmitted(Event, topic="funding.claims", key="claim_id"):
    """A claim was submitted, and its payment promised by a date."""

    claim_id: UUID
    assembly_id: UUID
    promised_on: date
    pence: int


class ClaimPaymentVoided(Event, topic="funding.claims", key="claim_id"):
    """A payment that was recorded (ClaimPaid) did not take place: the claim is owed again."""

    claim_id: UUID
    assembly_id: UUID
    pence: int


class ClaimPaid(Event, topic="funding.claims", key="claim_id"):
    """The bank confirmed the payment of a claim.

    `entitlement_id` stands for one person at one assembly, so that listeners can count the people who were paid; None
    in older events.
    """

    claim_id: UUID
    assembly_id: UUID
    paid_on: date
    pence: int
    entitlement_id: UUID | None = None
