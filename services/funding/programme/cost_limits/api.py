"""Cost limits: anyone may read them, funding officers add and end them."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from sqlmodel import col

from services.funding.callers import Anyone, FundingOfficer
from services.funding.programme.cost_limits import commands, queries, rules
from services.funding.programme.cost_limits.tables import CostKind, CostLimit
from services.funding.programme.cost_limits.views import CostLimitChange, CostLimitView, NewCostLimit
from shared.http.caching import PUBLIC_REVALIDATED
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented
from shared.views import Day

router = create_router("/v1/cost-limits", "Cost limits")


@router.get("", response_model=Page[CostLimitView], dependencies=[Depends(PUBLIC_REVALIDATED)])
async def list_cost_limits(
    _caller: Anyone,
    session: Reading,
    paging: Paging,
    on: Annotated[Day | None, Query(description="Only the limits that apply at meetings on this day.")] = None,
    kind: Annotated[CostKind | None, Query()] = None,
) -> Page[CostLimitView]:
    """List what a cost of each kind may be, latest first."""
    key = (col(CostLimit.effective_from), col(CostLimit.id))
    statement = queries.select_cost_limits(on=on, kind=kind)
    return await paginate(session, statement, paging, key=key, view=CostLimitView.of, descending=True)


@router.get(
    "/{cost_limit_id}",
    response_model=CostLimitView,
    responses=documented(queries.CostLimitNotFound),
    dependencies=[Depends(PUBLIC_REVALIDATED)],
)
async def get_cost_limit(cost_limit_id: UUID, _caller: Anyone, session: Reading, response: Response) -> CostLimitView:
    """Return one cost limit."""
    limit = await fetch(session, CostLimit, cost_limit_id, missing=queries.CostLimitNotFound)
    set_etag(response, limit)
    return CostLimitView.of(limit)


@router.post(
    "",
    response_model=CostLimitView,
    status_code=201,
    responses=documented(rules.LimitsOverlap, Invalid),
)
async def create_cost_limit(
    new: NewCostLimit, _caller: FundingOfficer, uow: Transaction, response: Response
) -> CostLimitView:
    """Add what a cost of one kind may be at meetings from a day on."""
    limit = await commands.create_cost_limit(uow, new)
    return CostLimitView.of(await flush_and_tag(uow, response, limit, location=f"/v1/cost-limits/{limit.id}"))


@router.patch(
    "/{cost_limit_id}",
    response_model=CostLimitView,
    responses=documented(
        queries.CostLimitNotFound,
        rules.LimitsOverlap,
        rules.LimitInForce,
        rules.LimitEndsTooEarly,
        PreconditionRequired,
        PreconditionFailed,
    ),
)
async def update_cost_limit(
    cost_limit_id: UUID,
    change: CostLimitChange,
    _caller: FundingOfficer,
    match: IfMatch,
    uow: Transaction,
    response: Response,
) -> CostLimitView:
    """Set the last day of the meetings to which a limit applies."""
    limit = await commands.update_cost_limit(uow, cost_limit_id, change, match)
    return CostLimitView.of(await flush_and_tag(uow, response, limit))
