"""The programme's budget, which anyone may read."""

from fastapi import Response

from services.funding.callers import Anyone, sees_todays_money
from services.funding.programme.programme import queries
from services.funding.programme.programme.views import ProgrammeView
from shared import clock
from shared.disclosure import last_closed_day
from shared.http.caching import NO_STORE, PUBLIC_BY_CALLER
from shared.http.conditional_requests import create_router
from shared.persistence.dependencies import Reading

router = create_router("/v1/programme", "Programme")


@router.get("", response_model=ProgrammeView)
async def get_programme(caller: Anyone, session: Reading, response: Response) -> ProgrammeView:
    """Return the programme's budget, and what was paid, by year: for staff until today."""
    today = clock.today()
    if sees_todays_money(caller):
        NO_STORE.set_on(response)
        return ProgrammeView.of(await queries.get_budget(session), today)
    PUBLIC_BY_CALLER.set_on(response)
    return ProgrammeView.of(await queries.get_public_budget(session, today), last_closed_day(today))
