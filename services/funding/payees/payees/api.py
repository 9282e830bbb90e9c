"""My bank details: only I may read and change them."""

from uuid import UUID

from fastapi import Depends, Response
from sqlmodel import col

from services.funding.callers import Contributor
from services.funding.payees.payees import commands, queries, rules
from services.funding.payees.payees.tables import Payee
from services.funding.payees.payees.views import NewPayee, PayeeView
from services.funding.settings import FieldKey
from shared.http.caching import NO_STORE
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.idempotency import required_key
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/payees", "Bank details")


@router.get("", response_model=Page[PayeeView], dependencies=[Depends(NO_STORE)])
async def list_payees(caller: Contributor, session: Reading, paging: Paging, key: FieldKey) -> Page[PayeeView]:
    """List my bank details: one account, or none yet."""
    return await paginate(
        session,
        queries.select_payees(caller.id),
        paging,
        key=(col(Payee.id),),
        view=lambda payee: PayeeView.of(payee, key),
    )


@router.get(
    "/{payee_id}",
    response_model=PayeeView,
    responses=documented(queries.PayeeNotFound),
    dependencies=[Depends(NO_STORE)],
)
async def get_payee(
    payee_id: UUID, caller: Contributor, session: Reading, key: FieldKey, response: Response
) -> PayeeView:
    """Return my bank details."""
    payee = await queries.get_own_payee(session, payee_id, caller.id)
    set_etag(response, payee)
    return PayeeView.of(payee, key)


@router.post(
    "",
    response_model=PayeeView,
    status_code=201,
    dependencies=[Depends(required_key)],
    responses=documented(rules.PayeeExists, Invalid),
)
async def create_payee(
    new: NewPayee, caller: Contributor, uow: Transaction, key: FieldKey, response: Response
) -> PayeeView:
    """Add my bank details. They are stored encrypted, and only the bank receives them."""
    payee = await commands.create_payee(uow, caller.id, new.details(), key)
    await flush_and_tag(uow, response, payee, location=f"/v1/payees/{payee.id}")
    return PayeeView.of(payee, key)


@router.put(
    "/{payee_id}",
    response_model=PayeeView,
    responses=documented(queries.PayeeNotFound, PreconditionRequired, PreconditionFailed, Invalid),
)
async def update_payee(
    payee_id: UUID,
    new: NewPayee,
    caller: Contributor,
    match: IfMatch,
    uow: Transaction,
    key: FieldKey,
    response: Response,
) -> PayeeView:
    """Replace my bank details. Payments that are released from now on go to the new account."""
    payee = await commands.update_payee(uow, payee_id, caller.id, new.details(), match, key)
    return PayeeView.of(await flush_and_tag(uow, response, payee), key)
