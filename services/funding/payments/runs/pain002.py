"""What the bank answers: pain.002, in the current form and in the older one that many UK banks still send."""

from dataclasses import dataclass
from typing import Literal

from services.funding.payments.runs.documents import (
    DocumentNotConforming,
    Element,
    complaints,
    messages_known,
    namespace_of,
    parse,
)
from shared.problems import FieldError, Invalid

Outcome = Literal["paid", "refused", "waiting"]
PREFIX = "urn:iso:std:iso:20022:tech:xsd:"
SETTLED = frozenset({"ACSC", "ACCC"})
"""Settlement completed, at the debtor's or the creditor's account. What is merely accepted may still be refused."""
REFUSED = frozenset({"RJCT", "CANC"})
UNNAMED = "(none)"
UNSAID = "NARR"
"""The bank refused without a code: narrative."""


class SaidTwice(Invalid):
    title = "This answer says two things of one payment"
    detail = "It is not clear what became of the payment in `errors`. Ask the bank. Nothing of the answer was taken."


@dataclass(frozen=True, slots=True)
class Word:
    """What the bank says of one payment, or of all that it does not name."""

    outcome: Outcome
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The bank's answer to one file."""

    message_id: str
    original_message_id: str
    of_payments: dict[str, Word]
    of_the_rest: Word

    def word_on(self, end_to_end_id: str) -> Word:
        return self.of_payments.get(end_to_end_id, self.of_the_rest)


def read(content: bytes) -> Answer:
    """Raises DocumentUnreadable, DocumentUnsafe, DocumentNotConforming or SaidTwice."""
    root = parse(content)
    message = namespace_of(root).removeprefix(PREFIX)
    if not message.startswith("pain.002.") or message not in messages_known():
        raise DocumentNotConforming
    if error := complaints(root, message):
        raise DocumentNotConforming(errors=[FieldError(pointer="", detail=detail) for detail in error[:20]])
    return _told(root, {"b": namespace_of(root)})


def _told(root: Element, names: dict[str, str]) -> Answer:
    report = root.find("b:CstmrPmtStsRpt", names)
    group = report.find("b:OrgnlGrpInfAndSts", names)
    rest = _word(group, "b:GrpSts", names)
    payments: dict[str, Word] = {}
    for information in report.findall("b:OrgnlPmtInfAndSts", names):
        of_information = _word(information, "b:PmtInfSts", names)
        rest = of_information or rest
        for transaction in information.findall("b:TxInfAndSts", names):
            word = _word(transaction, "b:TxSts", names) or of_information or rest or Word("waiting")
            end_to_end_id = transaction.findtext("b:OrgnlEndToEndId", default=UNNAMED, namespaces=names)
            if payments.setdefault(end_to_end_id, word) != word:
                raise SaidTwice(errors=[FieldError(pointer="", detail=f"end-to-end id {end_to_end_id}")])
    return Answer(
        message_id=report.findtext("b:GrpHdr/b:MsgId", namespaces=names),
        original_message_id=group.findtext("b:OrgnlMsgId", namespaces=names),
        of_payments=payments,
        of_the_rest=rest or Word("waiting"),
    )


def _word(parent: Element, path: str, names: dict[str, str]) -> Word | None:
    status = parent.findtext(path, namespaces=names)
    if status is None:
        return None
    if status in SETTLED:
        return Word("paid")
    if status in REFUSED:
        code = parent.findtext("b:StsRsnInf/b:Rsn/b:Cd", namespaces=names)
        return Word("refused", code or parent.findtext("b:StsRsnInf/b:Rsn/b:Prtry", namespaces=names) or UNSAID)
    return Word("waiting")
