"""Rate cards: anyone may read them, funding officers add and end them."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from sqlmodel import col

from services.funding.callers import Anyone, FundingOfficer
from services.funding.programme.rates import commands, queries, rules
from services.funding.programme.rates.tables import RateCard
from services.funding.programme.rates.views import NewRateCard, RateCardChange, RateCardView
from shared.http.caching import PUBLIC_REVALIDATED
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented
from shared.views import Day

router = create_router("/v1/rate-cards", "Rates")


@router.get("", response_model=Page[RateCardView], dependencies=[Depends(PUBLIC_REVALIDATED)])
async def list_rate_cards(
    _caller: Anyone,
    session: Reading,
    paging: Paging,
    on: Annotated[Day | None, Query(description="Only the card that applies on this day.")] = None,
) -> Page[RateCardView]:
    """List the rate cards, latest first."""
    key = (col(RateCard.effective_from), col(RateCard.id))
    return await paginate(
        session, queries.select_rate_cards(on), paging, key=key, view=RateCardView.of, descending=True
    )


@router.get(
    "/{rate_card_id}",
    response_model=RateCardView,
    responses=documented(queries.RateCardNotFound),
    dependencies=[Depends(PUBLIC_REVALIDATED)],
)
async def get_rate_card(rate_card_id: UUID, _caller: Anyone, session: Reading, response: Response) -> RateCardView:
    """Return one rate card."""
    card = await fetch(session, RateCard, rate_card_id, missing=queries.RateCardNotFound)
    set_etag(response, card)
    return RateCardView.of(card)


@router.post(
    "",
    response_model=RateCardView,
    status_code=201,
    responses=documented(rules.RatesOverlap, Invalid),
)
async def create_rate_card(
    new: NewRateCard, _caller: FundingOfficer, uow: Transaction, response: Response
) -> RateCardView:
    """Add the involvement rates that apply from a day on."""
    card = await commands.create_rate_card(uow, new)
    return RateCardView.of(await flush_and_tag(uow, response, card, location=f"/v1/rate-cards/{card.id}"))


@router.patch(
    "/{rate_card_id}",
    response_model=RateCardView,
    responses=documented(
        queries.RateCardNotFound,
        rules.RatesOverlap,
        rules.RateCardInForce,
        rules.RateCardEndsTooEarly,
        PreconditionRequired,
        PreconditionFailed,
    ),
)
async def update_rate_card(
    rate_card_id: UUID,
    change: RateCardChange,
    _caller: FundingOfficer,
    match: IfMatch,
    uow: Transaction,
    response: Response,
) -> RateCardView:
    """Set the last day on which a rate card applies."""
    card = await commands.update_rate_card(uow, rate_card_id, change, match)
    return RateCardView.of(await flush_and_tag(uow, response, card))
