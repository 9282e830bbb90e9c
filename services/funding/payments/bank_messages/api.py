"""The bank's messages. Each names the file that it answers, and so its run."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from sqlmodel import col

from services.funding.callers import Finance
from services.funding.payments.bank_messages import commands, queries, rules
from services.funding.payments.bank_messages.tables import BankMessage, PaymentReport
from services.funding.payments.bank_messages.views import AppliedMessageView, BankMessageView, ReportedPaymentView
from services.funding.payments.iso20022 import documents, pain002
from services.funding.payments.runs.rules import DutiesNotSegregated, RunNotReleased
from services.funding.payments.runs.views import XML_CONTENT
from services.funding.settings import FieldKey
from shared.http.caching import NO_STORE
from shared.http.conditional_requests import create_router
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.idempotency import required_key
from shared.problems import documented

router = create_router("/v1/bank-messages", "Payments")


async def body_of(request: Request) -> bytes:
    """Return the body of the request, as a dependency. Raises BankMessageTooLarge before all of it is read."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > rules.MAX_MESSAGE_BYTES:
            raise rules.BankMessageTooLarge
    return bytes(body)


@router.get("", response_model=Page[BankMessageView], dependencies=[Depends(NO_STORE)])
async def list_bank_messages(
    _caller: Finance, session: Reading, paging: Paging, run_id: UUID | None = None
) -> Page[BankMessageView]:
    """List the bank's messages, newest first, with what each did."""
    key = (col(BankMessage.id),)
    statement = queries.select_messages(run_id)
    return await paginate(session, statement, paging, key=key, view=BankMessageView.of, descending=True)


@router.get(
    "/{message_id}",
    response_model=BankMessageView,
    responses=documented(queries.BankMessageNotFound),
    dependencies=[Depends(NO_STORE)],
)
async def get_bank_message(message_id: UUID, _caller: Finance, session: Reading) -> BankMessageView:
    """Return one message of the bank, with what it did."""
    return BankMessageView.of(await queries.get_message(session, message_id))


@router.get(
    "/{message_id}/payments",
    response_model=Page[ReportedPaymentView],
    responses=documented(queries.BankMessageNotFound),
    dependencies=[Depends(NO_STORE)],
)
async def list_reported_payments(
    message_id: UUID, _caller: Finance, session: Reading, paging: Paging
) -> Page[ReportedPaymentView]:
    """List what a message reports of each payment that it names, and what that did."""
    statement = await queries.select_reports(session, message_id)
    return await paginate(session, statement, paging, key=(col(PaymentReport.id),), view=ReportedPaymentView)


@router.post(
    "",
    status_code=201,
    response_model=AppliedMessageView,
    dependencies=[Depends(required_key)],
    openapi_extra={"requestBody": {"required": True, "content": XML_CONTENT}},
    responses={200: {"description": "The identical message was posted before", "model": AppliedMessageView}}
    | documented(
        RunNotReleased,
        DutiesNotSegregated,
        rules.BankMessageForNoRun,
        rules.PaymentsUnknown,
        rules.FileDiffers,
        rules.PaymentsDiffer,
        rules.PaymentDayImplausible,
        rules.BankMessageTooLarge,
        documents.DocumentUnreadable,
        documents.DocumentUnsafe,
        documents.DocumentNotConforming,
        pain002.TooManyOutcomes,
        pain002.ConflictingOutcomes,
    ),
)
async def create_bank_message(
    caller: Finance,
    content: Annotated[bytes, Depends(body_of)],
    key: FieldKey,
    uow: Transaction,
    response: Response,
) -> AppliedMessageView:
    """Apply the bank's status report (pain.002) to the run whose message id it names.

    Only what it reports of a payment itself changes a payment: settled ones are paid, refused ones need a person's
    attention. What it reports of the whole file is kept with the run. What contradicts an earlier message, and a
    refusal because the bank has the payment already, is kept and waits for a person. An identical message changes
    nothing, and the status is 200.
    """
    message, run, repeated = await commands.apply_bank_message(uow, content, caller, key)
    if repeated:
        response.status_code = 200
    else:
        response.headers["Location"] = f"/v1/bank-messages/{message.id}"
    return AppliedMessageView.of_applied(message, run, repeated=repeated)
