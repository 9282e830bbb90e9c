"""The payment status report (pain.002), in the current version and in the older one that many UK banks still send."""

from dataclasses import dataclass
from typing import Literal

from services.funding.payments.iso20022 import documents
from services.funding.payments.iso20022.documents import DocumentNotConforming, Element
from shared.problems import FieldError, Invalid

OutcomeStatus = Literal["paid", "refused", "waiting"]
NAMESPACE_PREFIX = "urn:iso:std:iso:20022:tech:xsd:"
SETTLED_CODES = frozenset({"ACSC", "ACCC"})
"""Settlement completed, on the debtor's or the creditor's account. A payment that is merely accepted may still fail."""
REFUSED_CODES = frozenset({"RJCT", "CANC"})
NO_END_TO_END_ID = "(none)"
UNSPECIFIED_REASON = "NARR"
"""The code of a narrative reason, for a refusal without a code."""
MAX_REPORTED_ERRORS = 20


class ConflictingOutcomes(Invalid):
    title = "This file reports two outcomes of one payment"
    detail = "It is not clear what became of the payment in `errors`. Ask the bank. Nothing was changed."


@dataclass(frozen=True, slots=True)
class PaymentOutcome:
    """What became of a payment. `reason` is the ISO 20022 code, or the bank's own, of a refusal."""

    status: OutcomeStatus
    reason: str | None = None


WAITING = PaymentOutcome("waiting")


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The bank's report on one file. `outcomes` are by end-to-end id; other payments have the default outcome."""

    message_id: str
    original_message_id: str
    outcomes: dict[str, PaymentOutcome]
    default_outcome: PaymentOutcome

    def outcome_of(self, end_to_end_id: str) -> PaymentOutcome:
        return self.outcomes.get(end_to_end_id, self.default_outcome)


def parse(content: bytes) -> StatusReport:
    """Parse a report. Raises DocumentUnreadable, DocumentUnsafe, DocumentNotConforming, ConflictingOutcomes."""
    root = documents.parse(content)
    namespace = documents.namespace_of(root)
    message = namespace.removeprefix(NAMESPACE_PREFIX)
    if not message.startswith("pain.002.") or message not in documents.supported_messages():
        raise DocumentNotConforming
    if errors := documents.schema_errors(root, message):
        raise DocumentNotConforming(
            errors=[FieldError(pointer="", detail=detail) for detail in errors[:MAX_REPORTED_ERRORS]]
        )
    return _report(root, {"b": namespace})


def _report(root: Element, namespaces: dict[str, str]) -> StatusReport:
    """Read the report. A status of a payment overrides that of its group of payments, which overrides the file's."""
    report = documents.child(root, "b:CstmrPmtStsRpt", namespaces)
    group = documents.child(report, "b:OrgnlGrpInfAndSts", namespaces)
    default_outcome = _outcome(group, "b:GrpSts", namespaces)
    outcomes: dict[str, PaymentOutcome] = {}
    for information in report.findall("b:OrgnlPmtInfAndSts", namespaces):
        information_outcome = _outcome(information, "b:PmtInfSts", namespaces)
        default_outcome = information_outcome or default_outcome
        for transaction in information.findall("b:TxInfAndSts", namespaces):
            outcome = _outcome(transaction, "b:TxSts", namespaces) or information_outcome or default_outcome or WAITING
            end_to_end_id = transaction.findtext("b:OrgnlEndToEndId", NO_END_TO_END_ID, namespaces)
            if outcomes.setdefault(end_to_end_id, outcome) != outcome:
                raise ConflictingOutcomes(errors=[FieldError(pointer="", detail=f"end-to-end id {end_to_end_id}")])
    return StatusReport(
        message_id=report.findtext("b:GrpHdr/b:MsgId", "", namespaces),
        original_message_id=group.findtext("b:OrgnlMsgId", "", namespaces),
        outcomes=outcomes,
        default_outcome=default_outcome or WAITING,
    )


def _outcome(parent: Element, path: str, namespaces: dict[str, str]) -> PaymentOutcome | None:
    """Return the outcome of the status code at this path, or None where there is none."""
    code = parent.findtext(path, namespaces=namespaces)
    if code is None:
        return None
    if code in SETTLED_CODES:
        return PaymentOutcome("paid")
    if code in REFUSED_CODES:
        reason = parent.findtext("b:StsRsnInf/b:Rsn/b:Cd", namespaces=namespaces) or parent.findtext(
            "b:StsRsnInf/b:Rsn/b:Prtry", namespaces=namespaces
        )
        return PaymentOutcome("refused", reason or UNSPECIFIED_REASON)
    return WAITING
