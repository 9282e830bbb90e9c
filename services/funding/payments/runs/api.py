"""Payment runs: made, released and settled by finance, who neither claimed nor approved any of it."""

import hashlib
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as RequestBody
from fastapi import Depends, Query, Request, Response, status
from sqlmodel import col

from services.funding import caching
from services.funding.callers import Finance
from services.funding.participation.claims import queries as claims
from services.funding.participation.claims import rules as claim_rules
from services.funding.payees.payees.queries import payees_of_people
from services.funding.payees.payees.rules import unseal
from services.funding.payments.runs import documents, pain001, pain002, queries, rules, settlement
from services.funding.payments.runs.tables import Payment, PaymentFile, PaymentRun, RunStatus
from services.funding.payments.runs.views import AnswerView, NewRun, PaymentView, RunView
from services.funding.settings import FieldKey, FundingSettings
from shared import clock
from shared.encryption import FieldCipher
from shared.http.conditional_requests import create_router
from shared.http.etags import etag, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.idempotency import required_key
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import Invalid, KeyRequired, Problem, documented

run_router = create_router("/v1/payment-runs", "Payments")
LARGEST_ANSWER = 5_000_000
XML: dict[str, Any] = {"application/xml": {"schema": {"type": "string", "format": "binary"}}}


class AnswerTooLarge(Problem):
    status = 413
    title = "This file is larger than an answer to one run"
    detail = "An answer has at most 5 MB. Ask the bank for one answer per file. Nothing was changed."


def cipher_of(key: FieldKey) -> FieldCipher:
    return FieldCipher(key, "payment files")


Cipher = Annotated[FieldCipher, Depends(cipher_of)]


def payer_of(request: Request) -> pain001.Account:
    """Raises PayerUnknown."""
    settings: FundingSettings = request.app.state.settings
    if not (settings.payer_name and settings.payer_sort_code and settings.payer_account_number):
        raise rules.PayerUnknown
    return pain001.Account(settings.payer_name, settings.payer_sort_code, settings.payer_account_number)


async def answer_of_bank(request: Request) -> bytes:
    """Raises AnswerTooLarge."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > LARGEST_ANSWER:
            raise AnswerTooLarge
    return bytes(received)


@run_router.get("", response_model=Page[RunView], dependencies=[Depends(caching.private)])
async def list_runs(
    _caller: Finance, session: Reading, paging: Paging, status: Annotated[RunStatus | None, Query()] = None
) -> Page[RunView]:
    """Payment runs, newest first."""
    wanted = queries.runs(status)
    return await paginate(session, wanted, paging, key=(col(PaymentRun.id),), view=RunView.of, descending=True)


@run_router.get(
    "/{run_id}",
    response_model=RunView,
    responses=documented(queries.RunNotFound),
    dependencies=[Depends(caching.private)],
)
async def show_run(run_id: UUID, _caller: Finance, session: Reading, response: Response) -> RunView:
    """One payment run."""
    run = await queries.run(session, run_id)
    set_etag(response, run)
    return RunView.of(run)


@run_router.get(
    "/{run_id}/payments",
    response_model=Page[PaymentView],
    responses=documented(queries.RunNotFound),
    dependencies=[Depends(caching.private)],
)
async def list_payments(run_id: UUID, _caller: Finance, session: Reading, paging: Paging) -> Page[PaymentView]:
    """The payments of a run, and what the bank said of each."""
    await queries.run(session, run_id)
    return await paginate(session, queries.payments_in(run_id), paging, key=(col(Payment.id),), view=PaymentView.of)


@run_router.post(
    "",
    response_model=RunView,
    status_code=status.HTTP_201_CREATED,
    dependencies=[Depends(required_key)],
    responses=documented(
        rules.NothingToPay, rules.ClaimsNotReady, rules.ClaimsInDoubt, rules.OwnPart, KeyRequired, Invalid
    ),
)
async def make_run(
    caller: Finance, uow: Transaction, response: Response, new: Annotated[NewRun | None, RequestBody()] = None
) -> RunView:
    """Gather approved claims into a run: all that wait (at most 1,000, oldest first), or those named."""
    wanted = new.claims if new else None
    if wanted is None:
        found = await claims.lock_claims_to_pay(uow.session, rules.MOST_CLAIMS)
    else:
        found = await claims.lock_claims(uow.session, set(wanted))
    in_doubt = await claims.claims_in_doubt(uow.session, [claim.id for claim in found])
    run, payments = rules.make_run(wanted, found, in_doubt, caller)
    uow.save(run)
    await uow.session.flush()
    for payment in payments:
        uow.save(payment)
    for claim in found:
        uow.save(claim_rules.take_into_run(claim, caller))
    response.headers["Location"] = f"/v1/payment-runs/{run.id}"
    response.headers["ETag"] = etag(run)
    return RunView.of(run)


@run_router.post(
    "/{run_id}/cancellation",
    response_model=RunView,
    dependencies=[Depends(required_key)],
    responses=documented(queries.RunNotFound, rules.RunAlreadyReleased, KeyRequired),
)
async def cancel_run(run_id: UUID, caller: Finance, uow: Transaction, response: Response) -> RunView:
    """Take a run back before it is released; its claims wait for another."""
    run = await queries.lock_run(uow.session, run_id)
    payments = await queries.payments_of(uow.session, run_id)
    rules.cancel(run, payments)
    for claim in await claims.lock_claims(uow.session, [payment.claim_id for payment in payments]):
        uow.save(claim_rules.take_out_of_run(claim, caller))
    await uow.session.flush()
    set_etag(response, run)
    return RunView.of(run)


@run_router.post(
    "/{run_id}/release",
    response_model=RunView,
    dependencies=[Depends(required_key)],
    responses=documented(
        queries.RunNotFound,
        rules.RunAlreadyReleased,
        rules.ClaimsInDoubt,
        rules.OwnPart,
        rules.PayeesMissing,
        rules.PayerUnknown,
        KeyRequired,
    ),
)
async def release_run(
    run_id: UUID,
    caller: Finance,
    payer: Annotated[pain001.Account, Depends(payer_of)],
    key: FieldKey,
    cipher: Cipher,
    uow: Transaction,
    response: Response,
) -> RunView:
    """Make the bank's file. It follows the schema, or nothing is released."""
    run = await queries.lock_run(uow.session, run_id)
    payments = await queries.payments_of(uow.session, run_id)
    rules.require_third_person(caller, [(p.claim_id, p.claimed_by, p.approved_by) for p in payments])
    rules.require_no_doubt(await claims.claims_in_doubt(uow.session, [payment.claim_id for payment in payments]))
    today = clock.today()
    holidays = await claims.bank_holidays_after(uow.session, today)
    execute_on = rules.release(run, caller, today=today, bank_holidays=holidays)
    run.released_at = clock.now()
    payees = await payees_of_people(uow.session, [payment.claimed_by for payment in payments])
    details = {person: unseal(payee, key) for person, payee in payees.items()}
    content = pain001.build(run.message_id, run.released_at, execute_on, payer, rules.transfers(payments, details))
    uow.save(
        PaymentFile(run_id=run.id, sealed=cipher.encrypt(content, run.id), sha256=hashlib.sha256(content).hexdigest())
    )
    await uow.session.flush()
    set_etag(response, run)
    return RunView.of(run)


@run_router.get(
    "/{run_id}/file",
    response_class=Response,
    responses={200: {"description": "The bank's file (pain.001.001.09)", "content": XML}}
    | documented(queries.RunNotFound, rules.RunNotReleased),
    dependencies=[Depends(caching.private)],
)
async def download_file(run_id: UUID, _caller: Finance, cipher: Cipher, uow: Transaction) -> Response:
    """The file for the bank. Each download is in the audit trail."""
    run = await queries.run(uow.session, run_id)
    file = await queries.file_of(uow.session, run_id)
    if file is None:
        raise rules.RunNotReleased
    uow.record("downloaded", "PaymentFile", run.id, after={"sha256": file.sha256})
    headers = {
        "Content-Disposition": f'attachment; filename="{run.message_id}.xml"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(cipher.decrypt(file.sealed, run.id), media_type="application/xml", headers=headers)


@run_router.post(
    "/{run_id}/results",
    response_model=AnswerView,
    dependencies=[Depends(required_key)],
    openapi_extra={"requestBody": {"required": True, "content": XML}},
    responses=documented(
        queries.RunNotFound,
        rules.RunNotReleased,
        rules.OwnPart,
        rules.AnswerForAnotherRun,
        rules.PaymentsUnknown,
        rules.AnswerContradicts,
        documents.DocumentUnreadable,
        documents.DocumentUnsafe,
        documents.DocumentNotConforming,
        pain002.SaidTwice,
        AnswerTooLarge,
        KeyRequired,
    ),
)
async def post_results(
    run_id: UUID,
    caller: Finance,
    content: Annotated[bytes, Depends(answer_of_bank)],
    cipher: Cipher,
    uow: Transaction,
) -> AnswerView:
    """Post the bank's answer (pain.002): what it settled is paid, what it refused waits for a person's attention."""
    return await settlement.take_answer(uow, run_id, content, caller, cipher)
