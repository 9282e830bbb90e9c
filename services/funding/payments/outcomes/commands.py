"""Apply what became of payments: payments, claims, schemes, ledger and events change together."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.funding.ledger.ledger import commands as ledger
from services.funding.ledger.ledger import rules as ledger_rules
from services.funding.participation.claims.queries import lock_claims
from services.funding.participation.claims.tables import Claim
from services.funding.participation.entitlements import terms as entitlement_terms
from services.funding.participation.entitlements.queries import lock_entitlements, lock_people
from services.funding.payments.outcomes import queries, rules
from services.funding.payments.outcomes.rules import Change
from services.funding.payments.outcomes.views import PaymentResolution
from services.funding.payments.runs import queries as run_queries
from services.funding.payments.runs import rules as run_rules
from services.funding.payments.runs.tables import PaymentRun
from services.funding.programme.schemes import rules as scheme_rules
from services.funding.programme.schemes.queries import lock_schemes
from services.funding.programme.schemes.tables import Scheme
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.persistence.unit_of_work import UnitOfWork


async def resolve_payments(
    uow: UnitOfWork, run_id: UUID, resolution: PaymentResolution, finance: Caller, match: Match
) -> PaymentRun:
    """Decide what nobody's word has settled: payments that are pending or in doubt.

    Raises RunNotFound, DutiesNotSegregated, ReleaserMayNotResolve, and the problems of `rules.resolvable_payments` and
    `rules.resolve`.
    """
    run = await run_queries.lock_run(uow.session, run_id)
    match.check(run)
    payments = await run_queries.list_payments(uow.session, run_id)
    run_rules.require_segregation_of_duties(finance, run_rules.parties_to(payments))
    rules.require_resolver(run, finance)
    selected = rules.resolvable_payments(run, payments, resolution.payments)
    claims = await lock_claims(uow.session, [payment.claim_id for payment in selected])
    run_rules.require_segregation_of_duties(finance, run_rules.parties_to_claims(claims))
    changes = rules.resolve(
        run,
        selected,
        claims,
        resolution.outcome,
        paid_on=resolution.on,
        reason=resolution.reason,
        today=clock.today(),
    )
    await apply_changes(uow, changes, finance)
    rules.end_doubt(run, payments, selected, finance)
    return run


async def apply_changes(uow: UnitOfWork, changes: Sequence[Change], finance: Caller) -> None:
    """Apply changes to payments of a locked run. Their claims are locked here, in order."""
    claims = {
        claim.id: claim for claim in await lock_claims(uow.session, [change.payment.claim_id for change in changes])
    }
    doubtful_ids = await queries.list_claims_in_doubt(
        uow.session, claims.keys(), besides=[change.payment.id for change in changes]
    )
    moving = [claims[change.payment.claim_id] for change in changes if change.effect in ("paid", "voided")]
    await lock_people(uow.session, {claim.person_id for claim in moving})
    entitlements = await lock_entitlements(uow.session, [claim.entitlement_id for claim in moving])
    schemes = await lock_schemes(uow.session, {claim.scheme_id for claim in moving})
    postings: list[ledger_rules.Posting] = []
    for change in changes:
        claim = claims[change.payment.claim_id]
        postings += _post(change, claim, schemes)
        if change.effect == "paid":
            entitlement_terms.count_payment(entitlements[claim.entitlement_id], claim.involvement_pence)
        elif change.effect == "voided":
            entitlement_terms.count_voided(entitlements[claim.entitlement_id], claim.involvement_pence)
        applied = rules.apply(change, claim, finance, doubtful_elsewhere=claim.id in doubtful_ids)
        uow.save(applied.step)
        if applied.event is not None:
            uow.publish(applied.event, of=claim)
    await ledger.post(uow, *postings)


def _post(change: Change, claim: Claim, schemes: Mapping[UUID, Scheme]) -> list[ledger_rules.Posting]:
    """Move the money of a payment, or of one that is voided, in its scheme. Returns the postings.

    A voided payment is reversed on the day on which it was recorded: that budget year did not spend it.
    """
    if change.effect not in ("paid", "voided"):
        return []
    scheme = schemes[claim.scheme_id]
    accounts, ids = scheme_rules.accounts(scheme), {"assembly_id": claim.assembly_id, "claim_id": claim.id}
    if change.effect == "paid":
        scheme_rules.pay(scheme, claim.pence)
        return [ledger_rules.pay(accounts, claim.pence, **ids).on(change.paid_on, attempt=claim.voided_payments)]
    scheme_rules.void(scheme, claim.pence)
    return [ledger_rules.void(accounts, claim.pence, **ids).on(claim.paid_on, attempt=claim.voided_payments)]
