"""Schemes: anyone may read them, funding officers create and change them."""

from uuid import UUID

from fastapi import Depends, Response
from sqlmodel import col

from services.funding.callers import Anyone, FundingOfficer
from services.funding.programme.programme.rules import ProgrammeExhausted
from services.funding.programme.schemes import commands, queries, rules
from services.funding.programme.schemes.tables import Scheme
from services.funding.programme.schemes.views import NewScheme, SchemeChange, SchemeView
from shared.http.caching import PUBLIC_REVALIDATED
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/schemes", "Programme")


@router.get("", response_model=Page[SchemeView], dependencies=[Depends(PUBLIC_REVALIDATED)])
async def list_schemes(_caller: Anyone, session: Reading, paging: Paging) -> Page[SchemeView]:
    """List the schemes by code, with what each has left."""
    return await paginate(session, queries.select_schemes(), paging, key=(col(Scheme.code),), view=SchemeView.of)


@router.get(
    "/{scheme_id}",
    response_model=SchemeView,
    responses=documented(queries.SchemeNotFound),
    dependencies=[Depends(PUBLIC_REVALIDATED)],
)
async def get_scheme(scheme_id: UUID, _caller: Anyone, session: Reading, response: Response) -> SchemeView:
    """Return one scheme, with what it has left."""
    scheme = await fetch(session, Scheme, scheme_id, missing=queries.SchemeNotFound)
    set_etag(response, scheme)
    return SchemeView.of(scheme)


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
    scheme_id: UUID, change: SchemeChange, _caller: FundingOfficer, match: IfMatch, uow: Transaction, response: Response
) -> SchemeView:
    """Change a scheme's name, purpose, promised working days or cap."""
    scheme = await commands.update_scheme(uow, scheme_id, change, match)
    return SchemeView.of(await flush_and_tag(uow, response, scheme))
