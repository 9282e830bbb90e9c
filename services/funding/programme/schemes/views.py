"""Request bodies and views of schemes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, field_validator

from services.funding.programme.schemes.tables import Scheme
from shared import clock
from shared.disclosure import PublicSum, last_closed_day
from shared.views import Body, Money, View


class NewScheme(Body):
    """A purpose within the programme, and its cap."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")] = Field(examples=["participation"])
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(examples=["Participation"])
    purpose: Annotated[str, StringConstraints(min_length=1, max_length=2000)] = Field(
        examples=["Nobody is out of pocket for taking part."]
    )
    cap: Money
    promise_working_days: Annotated[
        int, Field(ge=1, le=60, description="Working days within which submitted claims are promised to be paid.")
    ] = 10


class SchemeChange(Body):
    """A change of a scheme (JSON Merge Patch). Fields that are left out stay as they are."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    purpose: Annotated[str, StringConstraints(min_length=1, max_length=2000)] | None = None
    cap: Money | None = None
    promise_working_days: Annotated[int, Field(ge=1, le=60)] | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_null(cls, value: object) -> object:
        if value is None:
            raise ValueError("a scheme always has this field: give another value, or leave the field out to keep it")
        return value


class SchemeView(View):
    """A scheme and its money: cap = available + reserved + approved. Paid money still counts as approved.

    These move with every claim, so that only staff read them, and `paid` as it is today. Everyone else reads what was
    paid in closed months, in sums of enough people.
    """

    id: UUID
    code: str
    name: str
    purpose: str
    promise_working_days: int
    cap: Money
    available: Money | None = Field(description="For staff.")
    reserved: Money | None = Field(description="For staff.")
    approved: Money | None = Field(description="For staff.")
    paid: Money
    paid_until: date = Field(description="The day up to which payments are counted.")

    @classmethod
    def of(cls, scheme: Scheme) -> "SchemeView":
        """Return all of it as it is today."""
        return cls(
            id=scheme.id,
            code=scheme.code,
            name=scheme.name,
            purpose=scheme.purpose,
            promise_working_days=scheme.promise_working_days,
            cap=Money(pence=scheme.cap_pence),
            available=Money(pence=scheme.available_pence),
            reserved=Money(pence=scheme.reserved_pence),
            approved=Money(pence=scheme.approved_pence),
            paid=Money(pence=scheme.paid_pence),
            paid_until=clock.today(),
        )

    @classmethod
    def public(cls, spending: Mapping[UUID, Sequence[PublicSum]], today: date, scheme: Scheme) -> "SchemeView":
        """Return what everyone may read of it."""
        paid = Money(pence=sum(batch.pence for batch in spending.get(scheme.id, ())))
        private = {"available": None, "reserved": None, "approved": None}
        return cls.of(scheme).model_copy(update=private | {"paid": paid, "paid_until": last_closed_day(today)})
