"""Rate cards: public to read, the funding officer's to add and to end."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response, status
from pydantic import Field, StringConstraints, model_validator
from sqlmodel import col

from services.funding import caching
from services.funding.callers import Anyone, FundingOfficer
from services.funding.programme.rates import queries, rules
from services.funding.programme.rates.tables import RateCard
from shared import clock
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, etag, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented
from shared.views import Body, Money, View

rate_router = create_router("/v1/rate-cards", "Rates")
Told = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class NewRateCard(Body):
    """Rates for a span of days, with where the figures come from."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(examples=["Rates from April"])
    hour: Money
    half_day: Money
    day: Money
    half_day_minutes: Annotated[int, Field(ge=60, le=720, description="Up to how long half a day lasts.")] = 240
    effective_from: date
    effective_to: Annotated[date | None, Field(description="The last day, included; none while it is open.")] = None
    source: Told
    status: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="How sure the figures are.", examples=["verified"]
    )

    @model_validator(mode="after")
    def _in_order(self) -> "NewRateCard":
        if not self.hour.pence <= self.half_day.pence <= self.day.pence:
            raise ValueError("a day is worth at least half a day, and that at least an hour")
        if self.effective_to and self.effective_to < self.effective_from:
            raise ValueError("effective_to comes before effective_from")
        return self


class RateCardEnd(Body):
    """The last day on which a card holds, included; null opens it again."""

    effective_to: date | None


class RateCardView(View):
    """Involvement rates and the days on which they hold."""

    id: UUID
    name: str
    hour: Money
    half_day: Money
    day: Money
    half_day_minutes: int
    effective_from: date
    effective_to: date | None
    source: str
    status: str

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
            status=card.status,
        )


@rate_router.get("", response_model=Page[RateCardView], dependencies=[Depends(caching.public)])
async def list_rate_cards(
    _caller: Anyone,
    session: Reading,
    paging: Paging,
    on: Annotated[date | None, Query(description="Only the card that holds on this day.")] = None,
) -> Page[RateCardView]:
    """Rate cards, the latest first."""
    key = (col(RateCard.effective_from), col(RateCard.id))
    return await paginate(session, queries.rate_cards(on), paging, key=key, view=RateCardView.of, descending=True)


@rate_router.get(
    "/{rate_card_id}",
    response_model=RateCardView,
    responses=documented(queries.RateCardNotFound),
    dependencies=[Depends(caching.public)],
)
async def show_rate_card(rate_card_id: UUID, _caller: Anyone, session: Reading, response: Response) -> RateCardView:
    """One rate card."""
    card = await queries.rate_card(session, rate_card_id)
    set_etag(response, card)
    return RateCardView.of(card)


@rate_router.post(
    "",
    response_model=RateCardView,
    status_code=status.HTTP_201_CREATED,
    responses=documented(rules.RatesOverlap, Invalid),
)
async def add_rate_card(
    new: NewRateCard, _caller: FundingOfficer, uow: Transaction, response: Response
) -> RateCardView:
    """Say what taking part is worth from a day on."""
    card = RateCard(
        name=new.name,
        hour_pence=new.hour.pence,
        half_day_pence=new.half_day.pence,
        day_pence=new.day.pence,
        half_day_minutes=new.half_day_minutes,
        effective_from=new.effective_from,
        effective_to=new.effective_to,
        source=new.source,
        status=new.status,
    )
    if await queries.overlapping(uow.session, card):
        raise rules.RatesOverlap
    uow.save(card)
    response.headers["Location"] = f"/v1/rate-cards/{card.id}"
    response.headers["ETag"] = etag(card)
    return RateCardView.of(card)


@rate_router.patch(
    "/{rate_card_id}",
    response_model=RateCardView,
    responses=documented(
        queries.RateCardNotFound, rules.RatesOverlap, rules.RateCardInForce, PreconditionRequired, PreconditionFailed
    ),
)
async def end_rate_card(
    rate_card_id: UUID,
    ended: RateCardEnd,
    _caller: FundingOfficer,
    match: IfMatch,
    uow: Transaction,
    response: Response,
) -> RateCardView:
    """Say until when a rate card holds."""
    card = await queries.rate_card(uow.session, rate_card_id)
    match.check(card)
    rules.end(card, ended.effective_to, today=clock.today())
    if await queries.overlapping(uow.session, card):
        raise rules.RatesOverlap
    await uow.session.flush()
    set_etag(response, card)
    return RateCardView.of(card)
