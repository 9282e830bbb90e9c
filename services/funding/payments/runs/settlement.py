"""What happens when the bank answers: claims, schemes, ledger and events move together."""

import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

from services.funding.ledger.ledger import posting
from services.funding.ledger.ledger import rules as ledger
from services.funding.participation.claims import queries as claims
from services.funding.participation.claims import rules as claim_rules
from services.funding.participation.claims.tables import Claim
from services.funding.payments.runs import pain002, queries, rules
from services.funding.payments.runs.tables import BankAnswer, Payment
from services.funding.payments.runs.views import AnswerView
from services.funding.programme.programme import rules as programme
from services.funding.programme.programme.queries import lock_schemes
from shared import clock
from shared.callers import Caller
from shared.encryption import FieldCipher
from shared.persistence.unit_of_work import UnitOfWork


async def take_answer(
    uow: UnitOfWork, run_id: UUID, content: bytes, finance: Caller, cipher: FieldCipher
) -> AnswerView:
    """Take all of an answer, or nothing of it. The same answer again changes nothing."""
    run = await queries.lock_run(uow.session, run_id)
    payments = await queries.payments_of(uow.session, run_id)
    rules.require_third_person(finance, [(p.claim_id, p.claimed_by, p.approved_by) for p in payments])
    sha256 = hashlib.sha256(content).hexdigest()
    if before := await queries.answer_of(uow.session, run_id, sha256):
        return AnswerView.of(before, run, repeated=True)
    answer = pain002.read(content)
    news = rules.news(run, payments, answer)
    await _take_news(uow, [payment for payment in payments if payment.id in news], news, finance)
    rules.settle(run, payments)
    heard = [word.outcome for word in news.values()]
    kept = BankAnswer(
        run_id=run.id,
        sha256=sha256,
        message_id=answer.message_id,
        posted_by=finance.id,
        paid=heard.count("paid"),
        refused=heard.count("refused"),
        waiting=sum(payment.status == "pending" for payment in payments),
        sealed=cipher.encrypt(content, run.id),
    )
    uow.save(kept)
    return AnswerView.of(kept, run, repeated=False)


async def _take_news(
    uow: UnitOfWork, payments: Sequence[Payment], news: Mapping[UUID, pain002.Word], finance: Caller
) -> None:
    locked = await claims.lock_claims(uow.session, [payment.claim_id for payment in payments])
    by_id = {claim.id: claim for claim in locked}
    paid: list[Claim] = []
    for payment in payments:
        word, claim = news[payment.id], by_id[payment.claim_id]
        rules.hear(payment, word)
        if word.outcome == "paid":
            paid.append(claim)
        else:
            uow.save(rules.refuse(claim, word, finance))
    await _pay(uow, paid, finance)


async def _pay(uow: UnitOfWork, paid: Sequence[Claim], finance: Caller) -> None:
    schemes = await lock_schemes(uow.session, {claim.scheme_id for claim in paid})
    postings: list[ledger.Posting] = []
    for claim in paid:
        scheme = schemes[claim.scheme_id]
        happened, step = claim_rules.pay(claim, finance, today=clock.today())
        programme.settle(scheme, claim.pence)
        postings.append(
            ledger.pay(programme.accounts(scheme), claim.pence, assembly_id=claim.assembly_id, claim_id=claim.id)
        )
        uow.save(step)
        uow.publish(happened, of=claim)
    await posting.post(uow, *postings)
