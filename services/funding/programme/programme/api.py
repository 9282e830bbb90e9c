"""The programme's budget, which anyone may read."""

from fastapi import Depends

from services.funding.callers import Anyone
from services.funding.programme.programme import queries
from services.funding.programme.programme.views import ProgrammeView
from shared.http.caching import PUBLIC_REVALIDATED
from shared.http.conditional_requests import create_router
from shared.persistence.dependencies import Reading

router = create_router("/v1/programme", "Programme")


@router.get("", response_model=ProgrammeView, dependencies=[Depends(PUBLIC_REVALIDATED)])
async def get_programme(_caller: Anyone, session: Reading) -> ProgrammeView:
    """Return the programme's budget, and what was paid, by year."""
    return ProgrammeView.of(await queries.get_budget(session))
