"""Who may pay whom, when a run may move, and what the bank's answer changes. Amounts are pence."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from services.funding.participation.claims import rules as claims
from services.funding.participation.claims.tables import Claim, ClaimStep
from services.funding.payees.payees.rules import BankDetails, name_in_payments
from services.funding.payments.runs import pain001, pain002
from services.funding.payments.runs.tables import Payment, PaymentRun
from shared.callers import Caller
from shared.persistence.tables import new_id
from shared.problems import Conflict, FieldError, Invalid, NotAllowed, NotReady

MOST_CLAIMS = 1000


class NothingToPay(Conflict):
    title = "No approved claim waits for payment"
    detail = "Claims that the bank refused need to be looked at: name them in `claims` to try them again."


class ClaimsNotReady(Conflict):
    title = "Some of these claims cannot be paid now"
    detail = "Leave out the claims in `errors`: they are not approved, or are in another run already."


class ClaimsInDoubt(Conflict):
    title = "The attendance behind some of these claims was corrected"
    detail = "Wait until a funding officer has decided on those in `errors`, or make a run without them."


class OwnPart(NotAllowed):
    title = "Someone else must pay this"
    detail = (
        "Whoever claimed or approved a claim does not pay it. Leave the claims in `errors` to a colleague in finance."
    )


class RunAlreadyReleased(Conflict):
    title = "This run has left already"
    detail = "It was released or cancelled before. Nothing was sent twice."


class RunNotReleased(Conflict):
    title = "This run has not been released"
    detail = "There is a file, and an answer of the bank, once it has been released."


class PayeesMissing(Conflict):
    title = "Some people's bank details are missing"
    detail = "Ask the people of the claims in `errors` to add their bank details, or make a run without them."


class PayerUnknown(NotReady):
    title = "The account that pays is not set up"
    detail = "Set PAYER_NAME, PAYER_SORT_CODE and PAYER_ACCOUNT_NUMBER, and release the run again. Nothing was changed."


class AnswerForAnotherRun(Invalid):
    title = "This answer is not for this run"
    detail = "The bank answers to another file. Post it to the run whose message id it names. Nothing was changed."


class PaymentsUnknown(Invalid):
    title = "The answer names payments that this run does not have"
    detail = "See `errors` for their ids, and ask the bank. Nothing of the answer was taken; it can be posted again."


class AnswerContradicts(Conflict):
    title = "The answer contradicts an earlier one"
    detail = (
        "For the payments in `errors` the bank said otherwise before. Ask the bank. Nothing of the answer was taken."
    )


def require_third_person(finance: Caller, parts: Sequence[tuple[UUID, UUID, UUID | None]]) -> None:
    """`parts` are (claim, claimant, approver). Raises OwnPart."""
    own = [claim for claim, claimant, approver in parts if finance.id in (claimant, approver)]
    if own:
        raise OwnPart(errors=_errors(own, "you claimed or approved this one"))


def require_no_doubt(claim_ids: Collection[UUID]) -> None:
    """Raises ClaimsInDoubt."""
    if claim_ids:
        raise ClaimsInDoubt(errors=_errors(sorted(claim_ids), "its entitlement is in question or withdrawn"))


def make_run(
    wanted: Sequence[UUID] | None, found: Sequence[Claim], in_doubt: Collection[UUID], finance: Caller
) -> tuple[PaymentRun, list[Payment]]:
    """Raises NothingToPay, ClaimsNotReady, ClaimsInDoubt or OwnPart."""
    require_no_doubt(in_doubt)
    ready = {claim.id for claim in found if claim.status == "approved"}
    if missing := [id for id in wanted or () if id not in ready]:
        raise ClaimsNotReady(errors=_errors(missing, "not approved, or in another run"))
    if not found:
        raise NothingToPay
    require_third_person(finance, [(claim.id, claim.person_id, claim.approved_by) for claim in found])
    run_id = new_id()
    run = PaymentRun(
        id=run_id,
        message_id=f"IMPACT-{pain001.short(run_id)}",
        claims=len(found),
        pence=sum(claim.pence for claim in found),
        made_by=finance.id,
    )
    return run, [_payment(run, claim) for claim in found]


def _payment(run: PaymentRun, claim: Claim) -> Payment:
    if claim.approved_by is None:
        raise ClaimsNotReady
    payment_id = new_id()
    return Payment(
        id=payment_id,
        run_id=run.id,
        claim_id=claim.id,
        claimed_by=claim.person_id,
        approved_by=claim.approved_by,
        made_by=run.made_by,
        pence=claim.pence,
        end_to_end_id=pain001.short(payment_id),
    )


def release(run: PaymentRun, finance: Caller, *, today: date, bank_holidays: Collection[date]) -> date:
    """The day on which the bank is asked to pay: today, or the next working day. Raises RunAlreadyReleased."""
    if run.status != "draft":
        raise RunAlreadyReleased
    run.status = "released"
    run.released_by = finance.id
    run.execute_on = today
    while not claims.is_working_day(run.execute_on, bank_holidays):
        run.execute_on += timedelta(days=1)
    return run.execute_on


def cancel(run: PaymentRun, payments: Sequence[Payment]) -> None:
    """Raises RunAlreadyReleased."""
    if run.status != "draft":
        raise RunAlreadyReleased
    run.status = "cancelled"
    for payment in payments:
        payment.status = "cancelled"


def transfers(payments: Sequence[Payment], payees: Mapping[UUID, BankDetails]) -> list[pain001.CreditTransfer]:
    """Raises PayeesMissing."""
    if missing := [payment.claim_id for payment in payments if payment.claimed_by not in payees]:
        raise PayeesMissing(errors=_errors(missing, "no bank details"))
    return [_transfer(payment, payees[payment.claimed_by]) for payment in payments]


def _transfer(payment: Payment, details: BankDetails) -> pain001.CreditTransfer:
    return pain001.CreditTransfer(
        end_to_end_id=payment.end_to_end_id,
        uetr=payment.uetr,
        pence=payment.pence,
        payee=pain001.Account(name_in_payments(details.account_name), details.sort_code, details.account_number),
        reference=pain001.reference(payment.claim_id),
    )


def news(run: PaymentRun, payments: Sequence[Payment], answer: pain002.Answer) -> dict[UUID, pain002.Word]:
    """What the answer newly settles or refuses, by payment. Raises the problems of a wrong answer; changes nothing."""
    if run.status not in ("released", "settled"):
        raise RunNotReleased
    if answer.original_message_id != run.message_id:
        raise AnswerForAnotherRun
    if unknown := sorted(answer.of_payments.keys() - {payment.end_to_end_id for payment in payments}):
        raise PaymentsUnknown(
            errors=[FieldError(pointer="", detail=f"unknown end-to-end id {id}") for id in unknown[:50]]
        )
    words = {payment.id: answer.word_on(payment.end_to_end_id) for payment in payments}
    said = [(payment, words[payment.id]) for payment in payments if words[payment.id].outcome != "waiting"]
    if error := [p.claim_id for p, word in said if p.status != "pending" and p.status != word.outcome]:
        raise AnswerContradicts(errors=_errors(error, "settled otherwise before"))
    return {payment.id: word for payment, word in said if payment.status == "pending"}


def hear(payment: Payment, word: pain002.Word) -> None:
    """The bank has paid, or refused with a reason."""
    payment.status = "paid" if word.outcome == "paid" else "refused"
    payment.bank_reason = word.reason


def settle(run: PaymentRun, payments: Sequence[Payment]) -> None:
    """A run is settled when the bank has answered for each payment."""
    if all(payment.status != "pending" for payment in payments):
        run.status = "settled"


def refuse(claim: Claim, word: pain002.Word, finance: Caller) -> ClaimStep:
    return claims.refused_by_bank(claim, word.reason or pain002.UNSAID, finance)


def _errors(ids: Sequence[UUID], detail: str) -> list[FieldError]:
    return [FieldError(pointer="/claims", detail=f"{id}: {detail}") for id in ids[:50]]
