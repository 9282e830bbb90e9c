"""Appraisals over HTTP: open one, judge, settle differences, and see how far appraisers agree."""

from uuid import UUID

from fastapi import Response
from sqlmodel import col

from services.evidence.callers import Anyone, Editor
from services.evidence.library.appraisals import bodies, commands, queries, rules, views
from services.evidence.library.appraisals.instruments import INSTRUMENTS
from services.evidence.library.appraisals.tables import Answer, Appraisal
from services.evidence.library.items.queries import ItemNotFound
from services.evidence.library.items.rules import ItemMerged, ItemWithdrawn, MergedItemIsReadOnly
from services.evidence.library.items.views import cache_policy
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatchVersion, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/evidence", "Appraisals")

READ_PROBLEMS = (ItemNotFound, ItemWithdrawn, ItemMerged)
CHANGE_PROBLEMS = (ItemNotFound, ItemWithdrawn, MergedItemIsReadOnly)
DECISION_PROBLEMS = (
    *CHANGE_PROBLEMS,
    queries.AppraisalNotFound,
    rules.OwnEvidence,
    PreconditionFailed,
    PreconditionRequired,
)


@router.get("/appraisals/instruments", response_model=views.InstrumentList)
async def list_instruments(_caller: Anyone) -> views.InstrumentList:
    """List every instrument with its criteria, its source, and what it is for."""
    return views.instrument_list(INSTRUMENTS.values())


@router.get("/appraisals/waiting", response_model=Page[views.WaitingAppraisal])
async def list_waiting_appraisals(caller: Editor, session: Reading, paging: Paging) -> Page[views.WaitingAppraisal]:
    """List the appraisals that lack a judgement or a resolution, the oldest first."""
    key = (col(Appraisal.id),)
    statement = queries.waiting_appraisals(caller.id)
    return await paginate(session, statement, paging, key=key, view=views.WaitingAppraisal)


@router.get("/appraisals/agreement", response_model=views.LibraryAgreement)
async def get_agreement(_caller: Anyone, session: Reading) -> views.LibraryAgreement:
    """Return how far two people who judge by the same instrument agree before differences are settled."""
    return views.library_agreement(await queries.instrument_counts(session))


@router.get("/{item_id}/appraisals", response_model=views.AppraisalList, responses=documented(*READ_PROBLEMS))
async def list_appraisals(item_id: UUID, caller: Anyone, session: Reading, response: Response) -> views.AppraisalList:
    """List the resolved appraisals of an item. Staff also see those that are not resolved yet."""
    item = await queries.published_item(session, item_id)
    records = await queries.visible_appraisals(session, item, caller)
    cache_policy(caller).set_on(response)
    return views.AppraisalList(
        items=[views.appraisal_view(record, caller) for record in records],
        fitting=[instrument.code for instrument in rules.fitting_instruments(item.way_of_knowing, item.details)],
    )


@router.post(
    "/{item_id}/appraisals",
    status_code=201,
    response_model=views.AppraisalView,
    responses=documented(*CHANGE_PROBLEMS, rules.UnknownInstrument, rules.InstrumentDoesNotFit, rules.AppraisalExists),
)
async def open_appraisal(
    item_id: UUID, body: bodies.NewAppraisal, caller: Editor, uow: Transaction, response: Response
) -> views.AppraisalView:
    """Have the current edition appraised by an instrument that fits its kind. Two people then judge it."""
    record = await commands.open_appraisal(uow, item_id, body.instrument)
    location = f"/v1/evidence/{item_id}/appraisals/{record.appraisal.id}"
    return views.appraisal_view(await flush_and_tag(uow, response, record, location=location), caller)


@router.get(
    "/{item_id}/appraisals/{appraisal_id}",
    response_model=views.AppraisalView,
    responses=documented(*READ_PROBLEMS, queries.AppraisalNotFound),
)
async def get_appraisal(
    item_id: UUID, appraisal_id: UUID, caller: Anyone, session: Reading, response: Response
) -> views.AppraisalView:
    """Return one appraisal: for everyone when it is resolved, before that for staff.

    The person whose account or practice it judges reads the reasons too.
    """
    item = await queries.published_item(session, item_id)
    record = await queries.visible_appraisal(session, item, appraisal_id, caller)
    cache_policy(caller).set_on(response)
    set_etag(response, record)
    return views.appraisal_view(record, caller)


@router.post(
    "/{item_id}/appraisals/{appraisal_id}/judgements",
    status_code=201,
    response_model=views.AppraisalView,
    responses=documented(
        *CHANGE_PROBLEMS,
        queries.AppraisalNotFound,
        rules.AlreadyJudged,
        rules.TwoHaveJudged,
        rules.OwnEvidence,
        Invalid,
    ),
)
async def submit_judgement(
    item_id: UUID, appraisal_id: UUID, body: bodies.NewJudgement, caller: Editor, uow: Transaction, response: Response
) -> views.AppraisalView:
    """Judge independently: you see the other answers once both have judged. Equal answers resolve the appraisal."""
    rules.check_answered_once([answer.criterion for answer in body.answers], "/answers")
    answers: dict[str, Answer] = {answer.criterion: answer.answer for answer in body.answers}
    comments = {answer.criterion: answer.comment for answer in body.answers if answer.comment}
    record = await commands.submit_judgement(uow, item_id, appraisal_id, caller.id, answers, comments)
    location = f"/v1/evidence/{item_id}/appraisals/{appraisal_id}"
    return views.appraisal_view(await flush_and_tag(uow, response, record, location=location), caller)


@router.post(
    "/{item_id}/appraisals/{appraisal_id}/resolve",
    response_model=views.AppraisalView,
    responses=documented(*DECISION_PROBLEMS, rules.NothingToSettle, rules.ProposalWaiting, Invalid),
)
async def resolve_appraisal(
    item_id: UUID,
    appraisal_id: UUID,
    body: bodies.AppraisalResolution,
    caller: Editor,
    match: IfMatchVersion,
    uow: Transaction,
    response: Response,
) -> views.AppraisalView:
    """Settle the differences with a reason for each. A third person decides so; one of the two appraisers proposes it.

    A proposal resolves nothing: the other appraiser accepts or declines it, or a third person decides.
    """
    rules.check_answered_once([resolution.criterion for resolution in body.resolutions], "/resolutions")
    answers: dict[str, Answer] = {resolution.criterion: resolution.answer for resolution in body.resolutions}
    reasons = {resolution.criterion: resolution.reason for resolution in body.resolutions}
    record = await commands.resolve_appraisal(uow, item_id, appraisal_id, caller.id, match, answers, reasons)
    return views.appraisal_view(await flush_and_tag(uow, response, record), caller)


@router.post(
    "/{item_id}/appraisals/{appraisal_id}/accept",
    response_model=views.AppraisalView,
    responses=documented(*DECISION_PROBLEMS, rules.NoProposal, rules.OwnProposal),
)
async def accept_proposal(
    item_id: UUID, appraisal_id: UUID, caller: Editor, match: IfMatchVersion, uow: Transaction, response: Response
) -> views.AppraisalView:
    """Resolve the appraisal as one of the two appraisers proposed: the other one, or a third person."""
    record = await commands.accept_proposal(uow, item_id, appraisal_id, caller.id, match)
    return views.appraisal_view(await flush_and_tag(uow, response, record), caller)


@router.post(
    "/{item_id}/appraisals/{appraisal_id}/decline",
    response_model=views.AppraisalView,
    responses=documented(*DECISION_PROBLEMS, rules.NoProposal, rules.OwnProposal),
)
async def decline_proposal(
    item_id: UUID,
    appraisal_id: UUID,
    body: bodies.ProposalDecline,
    caller: Editor,
    match: IfMatchVersion,
    uow: Transaction,
    response: Response,
) -> views.AppraisalView:
    """Decline what one of the two appraisers proposed, with your reasons. The two differ as before."""
    record = await commands.decline_proposal(uow, item_id, appraisal_id, caller.id, match, body.because)
    return views.appraisal_view(await flush_and_tag(uow, response, record), caller)
