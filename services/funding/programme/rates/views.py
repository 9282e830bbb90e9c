"""Request bodies and views of rate cards."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from services.funding.programme.rates.tables import RateCard
from shared.views import Body, Day, Money, View


class NewRateCard(Body):
    """Involvement rates for a range of days, with the source of the figures."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(examples=["Rates from April"])
    hour: Money
    half_day: Money
    day: Money
    half_day_minutes: Annotated[
        int, Field(ge=60, le=720, description="The longest attendance, in minutes, that counts as half a day.")
    ] = 240
    effective_from: Day
    effective_to: Annotated[Day | None, Field(description="The last day, included; null while it is open.")] = None
    source: Annotated[str, StringConstraints(min_length=1, max_length=1000)] = Field(
        description="Where the figures come from."
    )
    certainty: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="How sure the figures are.", examples=["verified"]
    )

    @model_validator(mode="after")
    def _check_order(self) -> "NewRateCard":
        if not self.hour.pence <= self.half_day.pence <= self.day.pence:
            raise ValueError("a day is worth at least half a day, and half a day at least an hour")
        if self.effective_to and self.effective_to < self.effective_from:
            raise ValueError("effective_to is before effective_from")
        return self

    def row(self) -> RateCard:
        return RateCard(
            name=self.name,
            hour_pence=self.hour.pence,
            half_day_pence=self.half_day.pence,
            day_pence=self.day.pence,
            half_day_minutes=self.half_day_minutes,
            effective_from=self.effective_from,
            effective_to=self.effective_to,
            source=self.source,
            certainty=self.certainty,
        )


class RateCardChange(Body):
    """The last day of a card, included; null makes it open-ended again."""

    effective_to: Day | None


class RateCardView(View):
    """Involvement rates and the days on which they apply."""

    id: UUID
    name: str
    hour: Money
    half_day: Money
    day: Money
    half_day_minutes: int
    effective_from: date
    effective_to: date | None
    source: str
    certainty: str

    @classmethod
    def of(cls, card: RateCard) -> "RateCardView":
        return cls(
            id=card.id,
            name=card.name,
            hour=Money(pence=card.hour_pence),
            half_day=Money(pence=card.half_day_pence),
            day=Money(pence=card.day_pence),
            half_day_minutes=card.half_day_minutes,
            effective_from=card.effective_from,
            effective_to=card.effective_to,
            source=card.source,
            certainty=card.certainty,
        )
