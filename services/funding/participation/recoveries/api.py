"""Recoveries, for funding officers: how overpayments were closed."""

from uuid import UUID

from fastapi import Depends, Response
from sqlmodel import col

from services.funding.callers import FundingOfficer
from services.funding.participation.entitlements.queries import EntitlementNotFound
from services.funding.participation.entitlements.rules import OwnEntitlement
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.participation.recoveries import commands, queries, rules
from services.funding.participation.recoveries.tables import Recovery
from services.funding.participation.recoveries.views import NewRecovery, RecoveryView
from shared.http.caching import NO_STORE
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatchVersion
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.persistence.idempotency import required_key
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/entitlements/{entitlement_id}/recoveries", "Entitlements")


@router.get(
    "",
    response_model=Page[RecoveryView],
    responses=documented(EntitlementNotFound),
    dependencies=[Depends(NO_STORE)],
)
async def list_recoveries(
    entitlement_id: UUID, _caller: FundingOfficer, session: Reading, paging: Paging
) -> Page[RecoveryView]:
    """List what was recovered or written off of an entitlement's overpayment."""
    await fetch(session, Entitlement, entitlement_id, missing=EntitlementNotFound)
    statement = queries.select_recoveries(entitlement_id)
    return await paginate(session, statement, paging, key=(col(Recovery.id),), view=RecoveryView.of)


@router.post(
    "",
    response_model=RecoveryView,
    status_code=201,
    dependencies=[Depends(required_key)],
    responses=documented(
        EntitlementNotFound,
        OwnEntitlement,
        rules.NotOverpaid,
        PreconditionRequired,
        PreconditionFailed,
        Invalid,
    ),
)
async def create_recovery(
    entitlement_id: UUID,
    new: NewRecovery,
    caller: FundingOfficer,
    match: IfMatchVersion,
    uow: Transaction,
    response: Response,
) -> RecoveryView:
    """Close an overpayment, or a part of it, with a reason. ETag and `If-Match` are the entitlement's."""
    result = await commands.create_recovery(uow, entitlement_id, new, caller, match)
    await flush_and_tag(uow, response, result.entitlement)
    return RecoveryView.of(result.recovery)
