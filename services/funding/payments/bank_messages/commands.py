"""Apply the bank's messages: payments, claims, schemes, ledger and events change together."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from services.funding.ledger.ledger import commands as ledger
from services.funding.ledger.ledger import rules as ledger_rules
from services.funding.participation.claims import rules as claim_rules
from services.funding.participation.claims.queries import lock_claims
from services.funding.participation.claims.tables import Claim
from services.funding.participation.entitlements import terms as entitlement_terms
from services.funding.participation.entitlements.queries import lock_entitlements
from services.funding.payments.bank_messages import queries, rules
from services.funding.payments.bank_messages.tables import BankMessage
from services.funding.payments.iso20022 import pain002
from services.funding.payments.iso20022.pain002 import PaymentOutcome
from services.funding.payments.runs import queries as run_queries
from services.funding.payments.runs import rules as run_rules
from services.funding.payments.runs.tables import Payment, PaymentRun
from services.funding.programme.schemes import rules as scheme_rules
from services.funding.programme.schemes.queries import lock_schemes
from shared import clock
from shared.callers import Caller
from shared.persistence.unit_of_work import UnitOfWork


class AppliedMessage(NamedTuple):
    """A message and its run. `repeated`: the identical message was applied before, and changed nothing now."""

    message: BankMessage
    run: PaymentRun
    repeated: bool


async def apply_bank_message(
    uow: UnitOfWork, run_id: UUID, content: bytes, finance: Caller, field_key: str
) -> AppliedMessage:
    """Apply a status report (pain.002) to a run, all of it or nothing. The identical message again changes nothing.

    Raises RunNotFound, DutiesNotSegregated, the problems of `pain002.parse` and those of `rules.new_outcomes`.
    """
    run = await run_queries.lock_run(uow.session, run_id)
    payments = await run_queries.list_payments(uow.session, run_id)
    run_rules.require_segregation_of_duties(finance, run_rules.parties_to(payments))
    sha256 = hashlib.sha256(content).hexdigest()
    if earlier := await queries.find_message_by_digest(uow.session, run_id, sha256):
        return AppliedMessage(earlier, run, repeated=True)
    report = pain002.parse(content)
    outcomes = rules.new_outcomes(run, payments, report)
    await _apply_outcomes(uow, [payment for payment in payments if payment.id in outcomes], outcomes, finance)
    run_rules.settle(run, payments)
    statuses = [outcome.status for outcome in outcomes.values()]
    message = BankMessage(
        run_id=run.id,
        sha256=sha256,
        message_id=report.message_id,
        posted_by=finance.id,
        paid=statuses.count("paid"),
        refused=statuses.count("refused"),
        waiting=sum(payment.status == "pending" for payment in payments),
        sealed=run_rules.file_cipher(field_key).encrypt(content, run.id),
    )
    uow.save(message)
    return AppliedMessage(message, run, repeated=False)


async def _apply_outcomes(
    uow: UnitOfWork, payments: Sequence[Payment], outcomes: Mapping[UUID, PaymentOutcome], finance: Caller
) -> None:
    claims = {claim.id: claim for claim in await lock_claims(uow.session, [payment.claim_id for payment in payments])}
    paid: list[Claim] = []
    for payment in payments:
        outcome, claim = outcomes[payment.id], claims[payment.claim_id]
        rules.apply_outcome(payment, outcome)
        if outcome.status == "paid":
            paid.append(claim)
        else:
            reason = outcome.reason or pain002.UNSPECIFIED_REASON
            uow.save(claim_rules.refuse_payment(claim, reason, finance))
    await _pay(uow, paid, finance)


async def _pay(uow: UnitOfWork, claims: Sequence[Claim], finance: Caller) -> None:
    entitlements = await lock_entitlements(uow.session, [claim.entitlement_id for claim in claims])
    schemes = await lock_schemes(uow.session, {claim.scheme_id for claim in claims})
    postings: list[ledger_rules.Posting] = []
    for claim in claims:
        scheme = schemes[claim.scheme_id]
        paid, step = claim_rules.pay(claim, finance, today=clock.today())
        entitlement_terms.count_payment(entitlements[claim.entitlement_id], claim.involvement_pence)
        scheme_rules.pay(scheme, claim.pence)
        accounts = scheme_rules.accounts(scheme)
        postings.append(ledger_rules.pay(accounts, claim.pence, assembly_id=claim.assembly_id, claim_id=claim.id))
        uow.save(step)
        uow.publish(paid, of=claim)
    await ledger.post(uow, *postings)
