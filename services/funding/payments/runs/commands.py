"""Changes of payment runs. A run's row is locked before those of its claims."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from services.funding.participation.claims import payment_steps
from services.funding.participation.claims import queries as claim_queries
from services.funding.participation.claims.tables import Claim
from services.funding.payees.payees.queries import list_payees_by_person
from services.funding.payees.payees.rules import decrypt_readable
from services.funding.payments.iso20022 import pain001
from services.funding.payments.iso20022.pain001 import BankAccount
from services.funding.payments.runs import left_out_claims, queries, rules
from services.funding.payments.runs.left_out_claims import LeftOutClaims
from services.funding.payments.runs.tables import PaymentFile, PaymentRun
from services.funding.programme.working_days.queries import list_bank_holidays
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.persistence.fetch import fetch
from shared.persistence.unit_of_work import UnitOfWork


class BankFile(NamedTuple):
    """A pain.001 file as the bank receives it."""

    name: str
    content: bytes


class CreatedRun(NamedTuple):
    """A new run, and the approved claims that it did not take; none where its claims were named."""

    run: PaymentRun
    left_out: LeftOutClaims


async def create_run(uow: UnitOfWork, claim_ids: Sequence[UUID] | None, finance: Caller) -> CreatedRun:
    """Make a run of these claims, or of all that this officer may pay, at most MAX_CLAIMS_PER_RUN, oldest first.

    Raises NothingToPay, ClaimsNotReady, ClaimsInQuestion, PaymentsUnclear, DutiesNotSegregated.
    """
    left_out = left_out_claims.NOTHING_LEFT_OUT
    if claim_ids is None:
        claims = await claim_queries.lock_payable_claims(uow.session, finance.id, left_out_claims.MAX_CLAIMS_PER_RUN)
        left_out = await _left_out(uow, claims, finance)
    else:
        claims = await claim_queries.lock_claims(uow.session, set(claim_ids))
    ids = [claim.id for claim in claims]
    in_question = await claim_queries.list_claims_with_invalid_entitlement(uow.session, ids)
    unclear = await claim_queries.list_claims_with_unclear_payment(uow.session, ids)
    run, payments = rules.create_run(claim_ids, claims, in_question, finance, left_out, unclear)
    uow.save(run)
    # Payments refer to the run by id alone, so the session does not know that the run comes first.
    await uow.session.flush()
    for payment in payments:
        uow.save(payment)
    for claim in claims:
        uow.save(payment_steps.add_to_run(claim, finance))
    return CreatedRun(run, left_out)


async def _left_out(uow: UnitOfWork, taken: Sequence[Claim], finance: Caller) -> LeftOutClaims:
    claims, count = await queries.list_left_out(uow.session, [claim.id for claim in taken], rules.MAX_REPORTED_CLAIMS)
    return LeftOutClaims({claim.claim_id: claim.reason(finance) for claim in claims}, count)


async def cancel_run(uow: UnitOfWork, run_id: UUID, finance: Caller, match: Match) -> PaymentRun:
    """Cancel a run before its release, so that its claims can be in another. Raises RunNotFound, RunAlreadyReleased."""
    run = await queries.lock_run(uow.session, run_id)
    match.check(run)
    payments = await queries.list_payments(uow.session, run_id)
    rules.cancel(run, payments)
    for claim in await claim_queries.lock_claims(uow.session, [payment.claim_id for payment in payments]):
        uow.save(payment_steps.remove_from_run(claim, finance))
    return run


async def release_run(
    uow: UnitOfWork, run_id: UUID, finance: Caller, match: Match, payer: BankAccount, field_key: str
) -> PaymentRun:
    """Release a run: build the bank's file, and store it encrypted.

    Raises RunNotFound, RunAlreadyReleased, OwnRun, ClaimsInQuestion, PaymentsUnclear, DutiesNotSegregated,
    PayeesMissing. The claims are locked, so that a message about an earlier payment of theirs comes before or after.
    """
    run = await queries.lock_run(uow.session, run_id)
    match.check(run)
    payments = await queries.list_payments(uow.session, run_id)
    rules.require_segregation_of_duties(finance, rules.parties_to(payments))
    claim_ids = [payment.claim_id for payment in payments]
    claims = await claim_queries.lock_claims(uow.session, claim_ids) if run.status == "draft" else []
    if claims:
        rules.require_clear_payments(await claim_queries.list_claims_with_unclear_payment(uow.session, claim_ids))
    rules.require_valid_entitlements(await claim_queries.list_claims_with_invalid_entitlement(uow.session, claim_ids))
    today = clock.today()
    bank_holidays = await list_bank_holidays(uow.session, today)
    execute_on = rules.release(run, payments, finance, today=today, bank_holidays=bank_holidays)
    run.released_at = clock.now()
    for claim in claims:
        payment_steps.release(claim)
    payees = await list_payees_by_person(uow.session, [payment.claimed_by for payment in payments])
    for payment in payments:
        if payee := payees.get(payment.claimed_by):
            payment.payee_version = payee.version
    readable = ((person_id, decrypt_readable(payee, field_key)) for person_id, payee in payees.items())
    details = {person_id: bank_details for person_id, bank_details in readable if bank_details is not None}
    content = pain001.build(run.message_id, run.released_at, execute_on, payer, rules.transfers(payments, details))
    sealed = rules.file_cipher(field_key).encrypt(content, run.id)
    uow.save(PaymentFile(run_id=run.id, sealed=sealed, sha256=hashlib.sha256(content).hexdigest()))
    return run


async def download_file(uow: UnitOfWork, run_id: UUID, field_key: str) -> BankFile:
    """Return the file of a released run, and record the download in the audit trail.

    Raises RunNotFound, RunNotReleased.
    """
    run = await fetch(uow.session, PaymentRun, run_id, missing=queries.RunNotFound)
    file = await queries.find_file_of_run(uow.session, run_id)
    if file is None:
        raise rules.RunNotReleased
    uow.record("downloaded", "PaymentFile", run.id, after={"sha256": file.sha256})
    return BankFile(f"{run.message_id}.xml", rules.file_cipher(field_key).decrypt(file.sealed, run.id))
