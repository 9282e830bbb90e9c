"""Entitlements: people see their own, funding officers decide on those that are in question."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from sqlmodel import col

from services.funding.callers import Contributor, FundingOfficer
from services.funding.participation.entitlements import commands, queries, rules
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.participation.entitlements.views import EntitlementView, NewResolution
from shared.http.caching import NO_STORE
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatchVersion, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.idempotency import required_key
from shared.problems import (
    NotAllowed,
    PreconditionFailed,
    PreconditionRequired,
    documented,
)

router = create_router("/v1/entitlements", "Entitlements")


@router.get(
    "", response_model=Page[EntitlementView], responses=documented(NotAllowed), dependencies=[Depends(NO_STORE)]
)
async def list_entitlements(
    caller: Contributor,
    session: Reading,
    paging: Paging,
    in_question: Annotated[
        bool, Query(description="For funding officers: everyone's entitlements that wait for a decision.")
    ] = False,
    overpaid: Annotated[
        bool, Query(description="For funding officers: everyone's entitlements beyond which something was paid.")
    ] = False,
) -> Page[EntitlementView]:
    """List my entitlements, newest first; or, for funding officers, everyone's that are in question or overpaid."""
    statement = queries.select_entitlements(caller, in_question=in_question, overpaid=overpaid)
    key = (col(Entitlement.id),)
    return await paginate(session, statement, paging, key=key, view=EntitlementView.of, descending=True)


@router.get(
    "/{entitlement_id}",
    response_model=EntitlementView,
    responses=documented(queries.EntitlementNotFound),
    dependencies=[Depends(NO_STORE)],
)
async def get_entitlement(
    entitlement_id: UUID, caller: Contributor, session: Reading, response: Response
) -> EntitlementView:
    """Return one entitlement."""
    entitlement = await queries.get_visible_entitlement(session, entitlement_id, caller)
    set_etag(response, entitlement)
    return EntitlementView.of(entitlement)


@router.post(
    "/{entitlement_id}/resolve",
    response_model=EntitlementView,
    dependencies=[Depends(required_key)],
    responses=documented(
        queries.EntitlementNotFound,
        rules.NotInQuestion,
        rules.OwnEntitlement,
        PreconditionRequired,
        PreconditionFailed,
    ),
)
async def resolve_entitlement(
    entitlement_id: UUID,
    new: NewResolution,
    caller: FundingOfficer,
    match: IfMatchVersion,
    uow: Transaction,
    response: Response,
) -> EntitlementView:
    """Decide whether an entitlement stands whose attendance was corrected after a claim, or follows the correction."""
    entitlement = await commands.resolve_entitlement(uow, entitlement_id, new.resolution, caller, match)
    return EntitlementView.of(await flush_and_tag(uow, response, entitlement))
