"""Changes of cost limits."""

from uuid import UUID

from services.funding.programme.cost_limits import queries, rules
from services.funding.programme.cost_limits.tables import CostLimit
from services.funding.programme.cost_limits.views import CostLimitChange, NewCostLimit
from shared import clock
from shared.http.etags import Match
from shared.persistence.fetch import fetch
from shared.persistence.unit_of_work import UnitOfWork


async def create_cost_limit(uow: UnitOfWork, new: NewCostLimit) -> CostLimit:
    """Add a limit for a kind of cost. Raises LimitsOverlap."""
    limit = new.row()
    if await queries.overlaps_another(uow.session, limit):
        raise rules.LimitsOverlap
    uow.save(limit)
    return limit


async def update_cost_limit(uow: UnitOfWork, cost_limit_id: UUID, change: CostLimitChange, match: Match) -> CostLimit:
    """Set the last day of a limit. Raises CostLimitNotFound, LimitInForce, LimitEndsTooEarly, LimitsOverlap."""
    limit = await fetch(uow.session, CostLimit, cost_limit_id, missing=queries.CostLimitNotFound)
    match.check(limit)
    rules.set_last_day(limit, change.effective_to, today=clock.today())
    if await queries.overlaps_another(uow.session, limit):
        raise rules.LimitsOverlap
    return limit
