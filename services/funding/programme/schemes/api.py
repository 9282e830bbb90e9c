"""Schemes: anyone may read them, funding officers create and change them."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.funding.callers import Anyone, FundingOfficer, sees_todays_money
from services.funding.programme.programme.queries import get_public_spending
from services.funding.programme.programme.rules import ProgrammeExhausted
from services.funding.programme.schemes import commands, queries, rules
from services.funding.programme.schemes.tables import Scheme
from services.funding.programme.schemes.views import NewScheme, SchemeChange, SchemeView
from shared import clock
from shared.callers import Caller
from shared.http.caching import NO_STORE, PUBLIC_BY_CALLER, CachePolicy
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatchVersion, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/schemes", "Programme")


@router.get("", response_model=Page[SchemeView])
async def list_schemes(caller: Anyone, session: Reading, paging: Paging) -> Page[SchemeView]:
    """List the schemes by code, with what each has paid and, for staff, what it has left."""
    cache_policy(caller).set_on(paging.response)
    view = await view_for(caller, session)
    return await paginate(session, queries.select_schemes(), paging, key=(col(Scheme.code),), view=view)


@router.get(
    "/{scheme_id}",
    response_model=SchemeView,
    responses=documented(queries.SchemeNotFound),
)
async def get_scheme(scheme_id: UUID, caller: Anyone, session: Reading, response: Response) -> SchemeView:
    """Return one scheme, with what it has paid and, for staff, what it has left."""
    scheme = await fetch(session, Scheme, scheme_id, missing=queries.SchemeNotFound)
    cache_policy(caller).set_on(response)
    if sees_todays_money(caller):
        # Its version counts every change, so that only staff read it.
        set_etag(response, scheme)
    return (await view_for(caller, session))(scheme)


@router.post(
    "",
    response_model=SchemeView,
    status_code=201,
    responses=documented(rules.SchemeCodeTaken, ProgrammeExhausted, Invalid),
)
async def create_scheme(new: NewScheme, _caller: FundingOfficer, uow: Transaction, response: Response) -> SchemeView:
    """Create a scheme and allocate its cap from the programme."""
    scheme = await commands.create_scheme(uow, new)
    return SchemeView.of(await flush_and_tag(uow, response, scheme, location=f"/v1/schemes/{scheme.id}"))


@router.patch(
    "/{scheme_id}",
    response_model=SchemeView,
    responses=documented(
        queries.SchemeNotFound,
        ProgrammeExhausted,
        rules.CapBelowCommitments,
        PreconditionRequired,
        PreconditionFailed,
        Invalid,
    ),
)
async def update_scheme(
    scheme_id: UUID,
    change: SchemeChange,
    _caller: FundingOfficer,
    match: IfMatchVersion,
    uow: Transaction,
    response: Response,
) -> SchemeView:
    """Change a scheme's name, purpose, promised working days or cap."""
    scheme = await commands.update_scheme(uow, scheme_id, change, match)
    return SchemeView.of(await flush_and_tag(uow, response, scheme))


async def view_for(caller: Caller, session: AsyncSession) -> Callable[[Scheme], SchemeView]:
    """Return how this caller reads a scheme."""
    if sees_todays_money(caller):
        return SchemeView.of
    today = clock.today()
    return partial(SchemeView.public, await get_public_spending(session, today), today)


def cache_policy(caller: Caller) -> CachePolicy:
    """Return how a response of schemes to this caller is cached."""
    return NO_STORE if sees_todays_money(caller) else PUBLIC_BY_CALLER
