"""The payment status report (pain.002), in the versions that UK banks send.

A version whose schema is installed is validated against it. The others (10 and 13) are read by element. Both are held
to what is needed here: each element once, of the form that it must have.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Literal, NamedTuple

from services.funding.payments.iso20022 import days, documents, reasons
from services.funding.payments.iso20022.documents import DocumentNotConforming, Element
from shared.problems import FieldError, Invalid

OutcomeStatus = Literal["duplicate", "refused", "paid", "waiting"]
SEVERITY: tuple[OutcomeStatus, ...] = ("duplicate", "refused", "paid", "waiting")
NAMESPACE_PREFIX = "urn:iso:std:iso:20022:tech:xsd:"
VERSIONS = re.compile(r"pain\.002\.001\.(03|1[0-4])")
SETTLED_CODES = frozenset({"ACSC", "ACCC"})
"""Settlement completed, on the debtor's or the creditor's account. A payment that is merely accepted may still fail."""
REFUSED_CODES = frozenset({"RJCT", "CANC"})
NO_END_TO_END_ID = "(none)"
UNSPECIFIED_REASON = "NARR"
"""The code of a narrative reason, for a refusal without a code."""
MAX_REPORTED_ERRORS = 20
MAX_OUTCOMES = 5_000
"""Of payments and groups of them in a report. A run has 1,000; many more would keep everybody else waiting."""
MAX_35_TEXT = re.compile(r"(?s).{1,35}")
STATUS_CODE = re.compile(r"[A-Z0-9]{1,4}")
SETTLEMENT_DAYS: tuple[tuple[str, Callable[[str], date]], ...] = (
    ("b:FctvIntrBkSttlmDt/b:Dt", days.parse_day),
    ("b:FctvIntrBkSttlmDt/b:DtTm", days.parse_moment),
    ("b:OrgnlTxRef/b:IntrBkSttlmDt", days.parse_day),
    ("b:TrckrData/b:ConfdDt/b:Dt", days.parse_day),
    ("b:TrckrData/b:ConfdDt/b:DtTm", days.parse_moment),
    ("b:AccptncDtTm", days.parse_moment),
)
"""Where a transaction names the day of its settlement, the best first."""
AMOUNTS = ("b:OrgnlTxRef/b:Amt/b:InstdAmt", "b:OrgnlTxRef/b:IntrBkSttlmAmt")
"""Where a transaction may name its sum."""
AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,5})?")
NUMBER = re.compile(r"[0-9]{1,15}")
CONTROL_SUM = re.compile(r"\+?(?=\.?[0-9])[0-9]{0,18}(\.[0-9]{0,17})?")
MAX_DECIMALS = 17


class ConflictingOutcomes(Invalid):
    title = "This file reports two outcomes of one payment"
    detail = "It is not clear what became of the payment in `errors`. Ask the bank. Nothing was changed."


class TooManyOutcomes(Invalid):
    title = "This file is about more payments than a run has"
    detail = f"It has more than {MAX_OUTCOMES:,}. Ask the bank for one message per file of ours. Nothing was changed."


class Amount(NamedTuple):
    """A sum as the bank writes it, with at most MAX_DECIMALS: 12.5 is twelve pounds and fifty pence."""

    digits: str
    currency: str

    def is_pence(self, pence: int) -> bool:
        """Return whether it is this sum in pounds."""
        pounds, _, decimals = self.digits.partition(".")
        digits = pounds + decimals.ljust(MAX_DECIMALS, "0")
        return self.currency == "GBP" and int(digits) == pence * 10 ** (MAX_DECIMALS - 2)


@dataclass(frozen=True, slots=True)
class PaymentOutcome:
    """What became of a payment, or of a whole file. `code` and `reason` are the ISO 20022 codes, or the bank's own.

    `duplicate`: refused, because the bank has an earlier instruction. `settled_on` is the bank's day of a payment, and
    `amounts` are the sums that it names of it, which may be none.
    """

    status: OutcomeStatus
    code: str | None = None
    reason: str | None = None
    settled_on: date | None = None
    amounts: tuple[Amount, ...] = ()


class FileTotals(NamedTuple):
    """How many payments the bank found in the file, and their sum; None for what it does not name."""

    payments: int | None
    sum: Amount | None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The bank's report on one file. `outcomes` are what it reports of payments, by end-to-end id.

    `file_outcome` is what it reports of the file, or of the group of payments in it. It says nothing of a payment.
    `totals` are those of the file, and of each group of payments in it.
    """

    message_id: str
    original_message_id: str
    file_outcome: PaymentOutcome | None
    outcomes: dict[str, PaymentOutcome]
    totals: tuple[FileTotals, ...] = ()


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons of a status: the code that says most, and whether the bank has the payment already."""

    code: str | None = None
    duplicate: bool = False

    def __bool__(self) -> bool:
        return self.code is not None or self.duplicate


def parse(content: bytes) -> StatusReport:
    """Parse a report.

    Raises DocumentUnreadable, DocumentUnsafe, DocumentNotConforming, TooManyOutcomes, ConflictingOutcomes.
    """
    root = documents.parse(content)
    namespace = documents.namespace_of(root)
    message = namespace.removeprefix(NAMESPACE_PREFIX)
    if not namespace.startswith(NAMESPACE_PREFIX) or not VERSIONS.fullmatch(message):
        raise DocumentNotConforming
    counted = root.iter(f"{{{namespace}}}OrgnlPmtInfAndSts", f"{{{namespace}}}TxInfAndSts")
    if next(islice(counted, MAX_OUTCOMES, None), None) is not None:
        raise TooManyOutcomes
    if message in documents.supported_messages() and (errors := documents.schema_errors(root, message)):
        raise DocumentNotConforming(
            errors=[FieldError(pointer="", detail=detail) for detail in errors[:MAX_REPORTED_ERRORS]]
        )
    return _report(root, {"b": namespace})


def _report(root: Element, namespaces: dict[str, str]) -> StatusReport:
    report = _single(root, "b:CstmrPmtStsRpt", namespaces)
    group = _single(report, "b:OrgnlGrpInfAndSts", namespaces)
    created_on = _day(report, "b:GrpHdr/b:CreDtTm", days.parse_moment, namespaces)
    if created_on is None:
        raise _not_conforming("GrpHdr/CreDtTm")
    group_reasons = _reasons(group, namespaces)
    group_outcome = _outcome(group, "b:GrpSts", namespaces, group_reasons)
    file_outcomes = [group_outcome]
    totals = [_totals(group, namespaces)]
    outcomes: dict[str, PaymentOutcome] = {}
    for information in report.findall("b:OrgnlPmtInfAndSts", namespaces):
        information_reasons = _reasons(information, namespaces)
        inherited = information_reasons or group_reasons
        information_outcome = _outcome(information, "b:PmtInfSts", namespaces, inherited)
        file_outcomes.append(information_outcome)
        totals.append(_totals(information, namespaces))
        for transaction in information.findall("b:TxInfAndSts", namespaces):
            end_to_end_id = _text(transaction, "b:OrgnlEndToEndId", namespaces) or NO_END_TO_END_ID
            outcome = _transaction_outcome(transaction, namespaces, inherited, created_on)
            outcome = _in_refused_file(outcome, information_outcome, group_outcome)
            if outcomes.setdefault(end_to_end_id, outcome) != outcome:
                raise ConflictingOutcomes(errors=[FieldError(pointer="", detail=f"end-to-end id {end_to_end_id}")])
    reported = [outcome for outcome in file_outcomes if outcome is not None]
    return StatusReport(
        message_id=_required(report, "b:GrpHdr/b:MsgId", namespaces),
        original_message_id=_required(group, "b:OrgnlMsgId", namespaces),
        file_outcome=min(reported, key=lambda outcome: SEVERITY.index(outcome.status), default=None),
        outcomes=outcomes,
        totals=tuple(totals),
    )


def _transaction_outcome(
    transaction: Element, namespaces: dict[str, str], inherited: Reasons, created_on: date
) -> PaymentOutcome:
    """Return what the report says of a payment. Without a status of its own, the payment waits.

    A refusal without a reason of its own has that of its group: it may say that the bank has the payment already.
    """
    own = _reasons(transaction, namespaces)
    amounts = tuple(_amounts(transaction, namespaces))
    outcome = _outcome(transaction, "b:TxSts", namespaces, own or inherited)
    if outcome is None:
        return PaymentOutcome("waiting", amounts=amounts)
    if outcome.status != "paid":
        return replace(outcome, amounts=amounts)
    named_days = (_day(transaction, path, parse_text, namespaces) for path, parse_text in SETTLEMENT_DAYS)
    settled_on = next((day for day in named_days if day is not None), created_on)
    return PaymentOutcome("paid", outcome.code, None, settled_on, amounts)


def _in_refused_file(outcome: PaymentOutcome, *enclosing: PaymentOutcome | None) -> PaymentOutcome:
    """Return the outcome of a payment in a group or a file of these outcomes.

    In one that is refused as duplicate a refused payment may have been paid, unless its own reason is one that we know:
    a narrative, or a code of the bank's own, may say of the payment what is said of the file.
    """
    duplicate = next((outer for outer in enclosing if outer is not None and outer.status == "duplicate"), None)
    if outcome.status != "refused" or duplicate is None or (outcome.reason and reasons.is_known(outcome.reason)):
        return outcome
    return replace(outcome, status="duplicate", reason=duplicate.reason)


def _totals(parent: Element, namespaces: dict[str, str]) -> FileTotals:
    number = _text(parent, "b:OrgnlNbOfTxs", namespaces, NUMBER)
    control_sum = _text(parent, "b:OrgnlCtrlSum", namespaces, CONTROL_SUM)
    return FileTotals(
        None if number is None else int(number),
        None if control_sum is None else Amount(control_sum.removeprefix("+"), "GBP"),
    )


def _amounts(transaction: Element, namespaces: dict[str, str]) -> Iterator[Amount]:
    for path in AMOUNTS:
        text = _text(transaction, path, namespaces, AMOUNT)
        element = transaction.find(path, namespaces)
        if text is not None and element is not None:
            yield Amount(text, element.get("Ccy", ""))


def _outcome(parent: Element, path: str, namespaces: dict[str, str], stated: Reasons) -> PaymentOutcome | None:
    """Return the outcome of the status code at this path, or None where there is none."""
    code = _text(parent, path, namespaces, STATUS_CODE)
    if code is None:
        return None
    if code in SETTLED_CODES:
        return PaymentOutcome("paid", code)
    if code in REFUSED_CODES:
        return PaymentOutcome("duplicate" if stated.duplicate else "refused", code, stated.code or UNSPECIFIED_REASON)
    return PaymentOutcome("waiting", code, stated.code)


def _reasons(parent: Element, namespaces: dict[str, str]) -> Reasons:
    codes = list(_texts(parent, "b:StsRsnInf/b:Rsn/b:Cd", namespaces))
    own_words = list(_texts(parent, "b:StsRsnInf/b:Rsn/b:Prtry", namespaces))
    narrative = [element.text or "" for element in parent.findall("b:StsRsnInf/b:AddtlInf", namespaces)]
    stated = [*codes, *own_words]
    duplicates = [code for code in stated if reasons.means_duplicate(code)]
    mentioned = any(reasons.mentions_duplicate(text) for text in (*own_words, *narrative))
    return Reasons(next(iter([*duplicates, *stated]), None), duplicate=bool(duplicates) or mentioned)


def _texts(parent: Element, path: str, namespaces: dict[str, str]) -> Iterator[str]:
    for element in parent.findall(path, namespaces):
        yield _checked(element, path, MAX_35_TEXT)


def _text(parent: Element, path: str, namespaces: dict[str, str], pattern: re.Pattern[str] = MAX_35_TEXT) -> str | None:
    """Return the text of the one element at this path, or None without it. Raises DocumentNotConforming."""
    elements = parent.findall(path, namespaces)
    if len(elements) > 1:
        raise _not_conforming(path)
    return _checked(elements[0], path, pattern) if elements else None


def _required(parent: Element, path: str, namespaces: dict[str, str]) -> str:
    text = _text(parent, path, namespaces)
    if text is None:
        raise _not_conforming(path)
    return text


def _day(parent: Element, path: str, parse_text: Callable[[str], date], namespaces: dict[str, str]) -> date | None:
    text = _text(parent, path, namespaces)
    try:
        return None if text is None else parse_text(text)
    except ValueError as error:
        raise _not_conforming(path) from error


def _single(parent: Element, path: str, namespaces: dict[str, str]) -> Element:
    elements = parent.findall(path, namespaces)
    if len(elements) != 1:
        raise _not_conforming(path)
    return elements[0]


def _checked(element: Element, path: str, pattern: re.Pattern[str]) -> str:
    text = (element.text or "").strip()
    if len(element) or not pattern.fullmatch(text):
        raise _not_conforming(path)
    return text


def _not_conforming(path: str) -> DocumentNotConforming:
    return DocumentNotConforming(
        errors=[FieldError(pointer="", detail=f"{path.replace('b:', '')} is missing, repeated or not of its form")]
    )
