"""Resolving payments, for people in finance who neither claimed, approved nor released them."""

from uuid import UUID

from fastapi import Depends, Response

from services.funding.callers import Finance
from services.funding.participation.entitlements.terms import ClaimedAgain
from services.funding.payments.outcomes import commands, rules
from services.funding.payments.outcomes.views import PaymentResolution
from services.funding.payments.runs import queries as run_queries
from services.funding.payments.runs.rules import DutiesNotSegregated, RunNotReleased
from services.funding.payments.runs.views import RunView
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatchVersion
from shared.persistence.dependencies import Transaction
from shared.persistence.idempotency import required_key
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/payment-runs/{run_id}/resolve", "Payments")


@router.post(
    "",
    response_model=RunView,
    dependencies=[Depends(required_key)],
    responses=documented(
        run_queries.RunNotFound,
        RunNotReleased,
        DutiesNotSegregated,
        rules.ReleaserMayNotResolve,
        rules.NothingToResolve,
        rules.PaymentsNotInRun,
        rules.PaymentsSettled,
        rules.ClaimInAnotherRun,
        rules.PaymentNotApproved,
        ClaimedAgain,
        rules.PaymentDayImpossible,
        PreconditionRequired,
        PreconditionFailed,
        Invalid,
    ),
)
async def resolve_payments(
    run_id: UUID,
    resolution: PaymentResolution,
    caller: Finance,
    match: IfMatchVersion,
    uow: Transaction,
    response: Response,
) -> RunView:
    """Decide what became of payments that nobody's word has settled.

    `paid` pays them as the bank's message would. `not_paid` refuses them, and voids those that were recorded as paid:
    their claims are owed, and can be in a new run.
    """
    run = await commands.resolve_payments(uow, run_id, resolution, caller, match)
    run = await flush_and_tag(uow, response, run)
    return RunView.of(run, in_doubt=bool(await run_queries.list_runs_in_doubt(uow.session, [run.id])))
