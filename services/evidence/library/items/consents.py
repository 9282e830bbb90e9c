"""What people allow with what they gave, over HTTP: theirs to change at any time, also of what is published."""

from uuid import UUID

from fastapi import Response

from services.evidence.callers import ContributorOrPartner
from services.evidence.library.items import changing, problems, queries, rules, views, wishes
from services.evidence.library.items.consent import Consent, Credit
from shared.callers import Caller
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import NotAllowed, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/evidence", "evidence")

REFUSALS = (problems.ItemNotFound, problems.ItemWithdrawn, problems.ItemStandsElsewhere, NotAllowed)
STALE = (problems.ConsentIsThePersons, PreconditionFailed, PreconditionRequired)


@router.get(
    "/{item_id}/consent", response_model=Consent, responses=documented(*REFUSALS, problems.HasNoConsent, NotAllowed)
)
async def get_consent(item_id: UUID, caller: ContributorOrPartner, session: Reading, response: Response) -> Consent:
    """What was agreed to: for whoever gave the account, and editors."""
    row = await queries.item(session, item_id)
    rules.check_stands(row)
    rules.check_may_see(caller, row)
    if not rules.may_see_all(caller, row):
        raise NotAllowed
    if row.way_of_knowing != "lived_experience":
        raise problems.HasNoConsent
    set_etag(response, row)
    return Consent.model_validate(row.own["consent"])


@router.put(
    "/{item_id}/consent",
    response_model=views.ItemView | views.Withdrawal,
    responses=documented(*REFUSALS, *STALE, problems.HasNoConsent),
)
async def change_consent(
    item_id: UUID, consent: Consent, match: IfMatch, caller: ContributorOrPartner, uow: Transaction
) -> Response:
    """Say anew what is allowed and how to be named. It holds at once, in every edition and everywhere it is shown.

    Where a published account may no longer be published it is withdrawn for good, and its words are erased.
    """
    item = await queries.lock_item(uow.session, item_id)
    wishes.check_may_agree(caller, item, consent)
    match.check(item)
    await changing.agree(uow, item, consent)
    if item.state == "withdrawn":
        return Response(views.Withdrawal.model_validate(item).model_dump_json(), media_type="application/json")
    return await _answered(uow, item_id, caller)


@router.put(
    "/{item_id}/credit",
    response_model=views.ItemView,
    responses=documented(*REFUSALS, *STALE, problems.HasNoCredit),
)
async def change_credit(
    item_id: UUID, credit: Credit, match: IfMatch, caller: ContributorOrPartner, uow: Transaction
) -> Response:
    """Say anew whom to name for practice knowledge: nobody, the organisation, or the person who agrees to it."""
    item = await queries.lock_item(uow.session, item_id)
    wishes.check_may_credit(caller, item, credit)
    match.check(item)
    await changing.credit(uow, item, credit)
    return await _answered(uow, item_id, caller)


async def _answered(uow: UnitOfWork, item_id: UUID, caller: Caller) -> Response:
    await uow.session.flush()
    row = await queries.item(uow.session, item_id)
    return views.answered(row, whole=rules.may_see_all(caller, row))
