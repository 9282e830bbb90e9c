"""Payment runs, for people in finance who neither claimed nor approved any of the claims."""

from typing import Annotated
from uuid import UUID

from fastapi import Body as RequestBody
from fastapi import Depends, Query, Request, Response

from services.funding.callers import Finance
from services.funding.payments.iso20022.pain001 import BankAccount
from services.funding.payments.runs import commands, queries, rules
from services.funding.payments.runs.tables import PaymentRun, RunStatus
from services.funding.payments.runs.views import XML_CONTENT, NewRun, NewRunView, PaymentView, RunView
from services.funding.settings import FieldKey, FundingSettings
from shared.http.caching import NO_STORE
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatchVersion, set_etag
from shared.http.pagination import Page, Paging
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.persistence.idempotency import required_key
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/payment-runs", "Payments")


async def payer_of(request: Request) -> BankAccount:
    """Return the account that pays, as a dependency. Raises PayerUnknown."""
    settings: FundingSettings = request.app.state.settings
    if not (settings.payer_name and settings.payer_sort_code and settings.payer_account_number):
        raise rules.PayerUnknown
    return BankAccount(settings.payer_name, settings.payer_sort_code, settings.payer_account_number)


Payer = Annotated[BankAccount, Depends(payer_of)]


@router.get("", response_model=Page[RunView], dependencies=[Depends(NO_STORE)])
async def list_runs(
    _caller: Finance,
    session: Reading,
    paging: Paging,
    status: Annotated[RunStatus | None, Query()] = None,
    needs_attention: Annotated[
        bool | None, Query(description="True: only runs about which the bank's reports leave something open.")
    ] = None,
) -> Page[RunView]:
    """List the payment runs, newest first."""
    page = await queries.list_runs(session, paging, status=status, needs_attention=needs_attention)
    views = [RunView.of(run, in_doubt=in_doubt) for run, in_doubt in page.items]
    return Page(items=views, next=page.next, total=page.total)


@router.get(
    "/{run_id}",
    response_model=RunView,
    responses=documented(queries.RunNotFound),
    dependencies=[Depends(NO_STORE)],
)
async def get_run(run_id: UUID, _caller: Finance, session: Reading, response: Response) -> RunView:
    """Return one payment run."""
    run = await fetch(session, PaymentRun, run_id, missing=queries.RunNotFound)
    set_etag(response, run)
    return RunView.of(run, in_doubt=bool(await queries.list_runs_in_doubt(session, [run_id])))


@router.get(
    "/{run_id}/payments",
    response_model=Page[PaymentView],
    responses=documented(queries.RunNotFound),
    dependencies=[Depends(NO_STORE)],
)
async def list_payments(run_id: UUID, _caller: Finance, session: Reading, paging: Paging) -> Page[PaymentView]:
    """List the payments of a run, with what the bank reported of each."""
    page = await queries.list_payments_of_run(session, run_id, paging)
    views = [PaymentView.of(payment, in_doubt=in_doubt) for payment, in_doubt in page.items]
    return Page(items=views, next=page.next, total=page.total)


@router.post(
    "",
    response_model=NewRunView,
    status_code=201,
    dependencies=[Depends(required_key)],
    responses=documented(
        rules.NothingToPay,
        rules.ClaimsNotReady,
        rules.ClaimsInQuestion,
        rules.PaymentsUnclear,
        rules.DutiesNotSegregated,
        Invalid,
    ),
)
async def create_run(
    caller: Finance, uow: Transaction, response: Response, new: Annotated[NewRun | None, RequestBody()] = None
) -> NewRunView:
    """Make a run of approved claims: all that the caller may pay (at most 1,000, oldest first), or those named.

    Without `claims`, `left_out` names approved claims that the run did not take, and why. A colleague releases the run.
    """
    created = await commands.create_run(uow, new.claims if new else None, caller)
    await flush_and_tag(uow, response, created.run, location=f"/v1/payment-runs/{created.run.id}")
    return NewRunView.with_left_out(created.run, created.left_out)


@router.post(
    "/{run_id}/cancel",
    response_model=RunView,
    dependencies=[Depends(required_key)],
    responses=documented(
        queries.RunNotFound,
        rules.RunAlreadyReleased,
        PreconditionRequired,
        PreconditionFailed,
    ),
)
async def cancel_run(
    run_id: UUID, caller: Finance, match: IfMatchVersion, uow: Transaction, response: Response
) -> RunView:
    """Cancel a run before it is released. Its claims can be in another run."""
    return RunView.of(await flush_and_tag(uow, response, await commands.cancel_run(uow, run_id, caller, match)))


@router.post(
    "/{run_id}/release",
    response_model=RunView,
    dependencies=[Depends(required_key)],
    responses=documented(
        queries.RunNotFound,
        rules.RunAlreadyReleased,
        rules.OwnRun,
        rules.ClaimsInQuestion,
        rules.PaymentsUnclear,
        rules.DutiesNotSegregated,
        rules.PayeesMissing,
        rules.PayerUnknown,
        PreconditionRequired,
        PreconditionFailed,
    ),
)
async def release_run(
    run_id: UUID,
    caller: Finance,
    match: IfMatchVersion,
    payer: Payer,
    key: FieldKey,
    uow: Transaction,
    response: Response,
) -> RunView:
    """Release a run that a colleague made, and make the bank's file. Nothing is released unless the file is valid."""
    run = await commands.release_run(uow, run_id, caller, match, payer, key)
    return RunView.of(await flush_and_tag(uow, response, run))


@router.get(
    "/{run_id}/file",
    response_class=Response,
    responses={200: {"description": "The bank's file (pain.001.001.09)", "content": XML_CONTENT}}
    | documented(queries.RunNotFound, rules.RunNotReleased),
    dependencies=[Depends(NO_STORE)],
)
async def download_file(run_id: UUID, _caller: Finance, key: FieldKey, uow: Transaction) -> Response:
    """Download the file for the bank. Each download is recorded in the audit trail."""
    file = await commands.download_file(uow, run_id, key)
    headers = {
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(file.content, media_type="application/xml", headers=headers)
