from collections.abc import Sequence

import pytest

from services.funding.payments.iso20022 import documents, pain002
from services.funding.payments.iso20022.pain002 import PaymentOutcome

OLD, NEW = "pain.002.001.03", "pain.002.001.12"


def transaction(id: str | None, status: str | None, reason: str = "") -> str:
    named = f"<OrgnlEndToEndId>{id}</OrgnlEndToEndId>" if id else ""
    coded = f"<TxSts>{status}</TxSts>" if status else ""
    return f"<TxInfAndSts>{named}{coded}{reason}</TxInfAndSts>"


def because(code: str, form: str = "Cd") -> str:
    return f"<StsRsnInf><Rsn><{form}>{code}</{form}></Rsn></StsRsnInf>"


def report_xml(
    group: str | None = None, information: str | None = None, of: Sequence[str] = (), message: str = NEW
) -> bytes:
    group_status = f"<GrpSts>{group}</GrpSts>" if group else ""
    information_status = f"<PmtInfSts>{information}</PmtInfSts>" if information else ""
    informed = (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>P1</OrgnlPmtInfId>{information_status}{''.join(of)}</OrgnlPmtInfAndSts>"
    )
    return (
        f'<Document xmlns="{pain002.NAMESPACE_PREFIX}{message}"><CstmrPmtStsRpt>'
        "<GrpHdr><MsgId>B1</MsgId><CreDtTm>2026-11-23T10:00:00</CreDtTm></GrpHdr>"
        "<OrgnlGrpInfAndSts><OrgnlMsgId>R1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
        f"{group_status}</OrgnlGrpInfAndSts>{informed if information or of else ''}</CstmrPmtStsRpt></Document>"
    ).encode()


@pytest.mark.parametrize("message", [OLD, NEW])
def test_each_payment_has_its_own_outcome(message: str) -> None:
    report = pain002.parse(
        report_xml(
            "PART",
            None,
            [
                transaction("E1", "ACSC"),
                transaction("E2", "RJCT", because("AC04")),
                transaction("E3", "ACSP"),
                transaction("E4", "PDNG"),
            ],
            message,
        )
    )
    assert (report.message_id, report.original_message_id) == ("B1", "R1")
    assert report.outcomes == {
        "E1": PaymentOutcome("paid"),
        "E2": PaymentOutcome("refused", "AC04"),
        "E3": PaymentOutcome("waiting"),
        "E4": PaymentOutcome("waiting"),
    }
    assert report.outcome_of("E5") == PaymentOutcome("waiting")


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (report_xml("ACSC"), PaymentOutcome("paid")),
        (report_xml("RJCT"), PaymentOutcome("refused", "NARR")),
        (report_xml("ACTC"), PaymentOutcome("waiting")),
        (report_xml("PART"), PaymentOutcome("waiting")),
        (report_xml(None), PaymentOutcome("waiting")),
        (report_xml(None, "ACSC"), PaymentOutcome("paid")),
        (report_xml("PART", "RJCT"), PaymentOutcome("refused", "NARR")),
        (report_xml("ACSC", "PDNG"), PaymentOutcome("waiting")),
        (report_xml("ACCC"), PaymentOutcome("paid")),
        (report_xml("CANC"), PaymentOutcome("refused", "NARR")),
    ],
    ids=range(10),
)
def test_a_payment_that_is_not_named_has_the_default_outcome(content: bytes, outcome: PaymentOutcome) -> None:
    assert pain002.parse(content).outcome_of("E1") == outcome


def test_a_payment_without_a_status_has_the_default_outcome() -> None:
    report = pain002.parse(report_xml("ACSC", None, [transaction("E1", None), transaction("E2", "RJCT")]))
    assert report.outcomes == {"E1": PaymentOutcome("paid"), "E2": PaymentOutcome("refused", "NARR")}


def test_a_proprietary_reason_of_the_bank_is_kept() -> None:
    report = pain002.parse(report_xml("PART", None, [transaction("E1", "RJCT", because("Name differs", "Prtry"))]))
    assert report.outcome_of("E1") == PaymentOutcome("refused", "Name differs")


def test_a_payment_without_an_end_to_end_id_is_unknown() -> None:
    assert "(none)" in pain002.parse(report_xml("PART", None, [transaction(None, "ACSC")])).outcomes


def test_two_outcomes_of_one_payment_are_refused_and_the_same_outcome_twice_is_one() -> None:
    with pytest.raises(pain002.ConflictingOutcomes):
        pain002.parse(report_xml("PART", None, [transaction("E1", "ACSC"), transaction("E1", "RJCT")]))
    report = pain002.parse(report_xml("PART", None, [transaction("E1", "ACSC"), transaction("E1", "ACSC")]))
    assert report.outcomes == {"E1": PaymentOutcome("paid")}


@pytest.mark.parametrize(
    "content",
    [
        b"<a/>",
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.99"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.../../../x"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"/>',
        report_xml("NOT A CODE"),
        report_xml("ACSC", None, [transaction("E" * 36, "ACSC")]),
    ],
    ids=range(7),
)
def test_what_is_not_a_valid_status_report_is_refused(content: bytes) -> None:
    with pytest.raises(documents.DocumentNotConforming):
        pain002.parse(content)
