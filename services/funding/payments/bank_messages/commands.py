"""Apply the bank's messages: what each reports changes payments, claims, schemes, ledger and events together."""

import hashlib
from typing import NamedTuple

from services.funding.participation.claims.queries import lock_claims
from services.funding.payments.bank_messages import queries, rules
from services.funding.payments.bank_messages.tables import BankMessage
from services.funding.payments.iso20022 import pain002
from services.funding.payments.outcomes import rules as outcome_rules
from services.funding.payments.outcomes.commands import apply_changes
from services.funding.payments.runs import queries as run_queries
from services.funding.payments.runs import rules as run_rules
from services.funding.payments.runs.tables import PaymentRun
from shared import clock
from shared.callers import Caller
from shared.persistence.unit_of_work import UnitOfWork


class AppliedMessage(NamedTuple):
    """A message and its run. `repeated`: the identical message was applied before, and changed nothing now."""

    message: BankMessage
    run: PaymentRun
    repeated: bool


async def apply_bank_message(uow: UnitOfWork, content: bytes, finance: Caller, field_key: str) -> AppliedMessage:
    """Apply a status report (pain.002) to the run whose file it answers. The identical message again changes nothing.

    A message is kept whole, with what each of its reports did, or refused whole. Raises BankMessageForNoRun,
    DutiesNotSegregated, the problems of `pain002.parse` and those of `rules.reports_of`.
    """
    report = pain002.parse(content)
    run = await run_queries.lock_run_of_message(uow.session, report.original_message_id)
    if run is None:
        raise rules.BankMessageForNoRun
    payments = await run_queries.list_payments(uow.session, run.id)
    run_rules.require_segregation_of_duties(finance, run_rules.parties_to(payments))
    sha256 = hashlib.sha256(content).hexdigest()
    if earlier := await queries.find_message_by_digest(uow.session, run.id, sha256):
        return AppliedMessage(earlier, run, repeated=True)
    reports = rules.reports_of(run, payments, report, clock.today())
    changes = list(rules.changes_of(run, reports))
    # All claims are locked before anything else of them is: a report on the file bears on each of its payments.
    claims = await lock_claims(uow.session, [payment.claim_id for payment in payments]) if report.file_outcome else []
    if changes:
        await apply_changes(uow, changes, finance)
    file_outcome = report.file_outcome
    outcome_rules.report_file_outcome(
        run, payments, file_outcome.code if file_outcome else None, file_outcome.reason if file_outcome else None
    )
    outcome_rules.question_claims(run, payments, claims)
    message = rules.new_message(run, payments, report, reports, finance.id)
    message.sha256 = sha256
    message.sealed = run_rules.file_cipher(field_key).encrypt(content, run.id)
    uow.save(message)
    # Reports refer to the message by id alone, so the session does not know that the message comes first.
    await uow.session.flush()
    for row in rules.report_rows(message.id, reports):
        uow.save(row)
    return AppliedMessage(message, run, repeated=False)
