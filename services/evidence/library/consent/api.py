"""Consent and credit over HTTP: people may change them at any time, also of what is published."""

from uuid import UUID

from fastapi import Response

from services.evidence.callers import ContributorOrPartner
from services.evidence.library.consent import commands, queries, rules
from services.evidence.library.items.attribution import ConsentBelongsToPerson, ConsentNotGiven, agreement_of
from services.evidence.library.items.descriptions import Consent, Credit
from services.evidence.library.items.queries import ItemNotFound
from services.evidence.library.items.rules import ItemWithdrawn, MergedItemIsReadOnly
from services.evidence.library.items.views import ConsentView, ItemView, Withdrawal, item_response
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import NotAllowed, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/evidence", "Evidence")

REFUSALS = (ItemNotFound, ItemWithdrawn, MergedItemIsReadOnly, NotAllowed)
CHANGE_REFUSALS = (*REFUSALS, ConsentBelongsToPerson, PreconditionFailed, PreconditionRequired)


@router.get(
    "/{item_id}/consent", response_model=ConsentView, responses=documented(*REFUSALS, rules.ConsentNotApplicable)
)
async def get_consent(item_id: UUID, caller: ContributorOrPartner, session: Reading, response: Response) -> ConsentView:
    """Return what the person agreed to: for whoever gave the account, and editors."""
    row = await queries.get_account(session, item_id, caller)
    set_etag(response, row)
    return ConsentView.model_validate(agreement_of(row.way_of_knowing, row.details))


@router.put(
    "/{item_id}/consent",
    response_model=ItemView | Withdrawal,
    responses=documented(*CHANGE_REFUSALS, rules.ConsentNotApplicable, ConsentNotGiven),
)
async def update_consent(
    item_id: UUID, consent: Consent, match: IfMatch, caller: ContributorOrPartner, uow: Transaction
) -> Response:
    """Change what is allowed and how the person is named. It applies at once, in every edition and everywhere.

    A published account that may no longer be published is withdrawn for good, and its text is erased.
    """
    row = await commands.change_consent(uow, item_id, caller, match, consent)
    if row.status == "withdrawn":
        return Response(Withdrawal.model_validate(row).model_dump_json(), media_type="application/json")
    return item_response(row, whole=True)


@router.put(
    "/{item_id}/credit",
    response_model=ItemView,
    responses=documented(*CHANGE_REFUSALS, rules.CreditNotApplicable),
)
async def update_credit(
    item_id: UUID, credit: Credit, match: IfMatch, caller: ContributorOrPartner, uow: Transaction
) -> Response:
    """Change whom to name for practice knowledge: nobody, the organisation, or the person who agrees to it."""
    row = await commands.change_credit(uow, item_id, caller, match, credit)
    return item_response(row, whole=True)
