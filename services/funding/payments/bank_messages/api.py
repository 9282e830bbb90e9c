"""The bank's messages about the payments of a run."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from services.funding.callers import Finance
from services.funding.payments.bank_messages import commands, rules
from services.funding.payments.bank_messages.views import BankMessageView
from services.funding.payments.iso20022 import documents, pain002
from services.funding.payments.runs.queries import RunNotFound
from services.funding.payments.runs.rules import DutiesNotSegregated, RunNotReleased
from services.funding.payments.runs.views import XML_CONTENT
from services.funding.settings import FieldKey
from shared.http.conditional_requests import create_router
from shared.persistence.dependencies import Transaction
from shared.persistence.idempotency import required_key
from shared.problems import IdempotencyKeyRequired, documented

router = create_router("/v1/payment-runs/{run_id}/bank-messages", "Payments")


async def body_of(request: Request) -> bytes:
    """Return the body of the request, as a dependency. Raises BankMessageTooLarge before all of it is read."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > rules.MAX_MESSAGE_BYTES:
            raise rules.BankMessageTooLarge
    return bytes(body)


@router.post(
    "",
    status_code=201,
    response_model=BankMessageView,
    dependencies=[Depends(required_key)],
    openapi_extra={"requestBody": {"required": True, "content": XML_CONTENT}},
    responses={200: {"description": "The identical message was posted before", "model": BankMessageView}}
    | documented(
        RunNotFound,
        RunNotReleased,
        DutiesNotSegregated,
        rules.BankMessageForAnotherRun,
        rules.PaymentsUnknown,
        rules.BankMessageContradicts,
        rules.BankMessageTooLarge,
        documents.DocumentUnreadable,
        documents.DocumentUnsafe,
        documents.DocumentNotConforming,
        pain002.ConflictingOutcomes,
        IdempotencyKeyRequired,
    ),
)
async def create_bank_message(
    run_id: UUID,
    caller: Finance,
    content: Annotated[bytes, Depends(body_of)],
    key: FieldKey,
    uow: Transaction,
    response: Response,
) -> BankMessageView:
    """Apply the bank's status report (pain.002): settled payments are paid, refused ones need a person's attention.

    `Location` is the run, which shows what the message changed. An identical message that was posted before changes
    nothing, and the status is 200.
    """
    message, run, repeated = await commands.apply_bank_message(uow, run_id, content, caller, key)
    if repeated:
        response.status_code = 200
    else:
        response.headers["Location"] = f"/v1/payment-runs/{run.id}"
    return BankMessageView.of(message, run, repeated=repeated)
