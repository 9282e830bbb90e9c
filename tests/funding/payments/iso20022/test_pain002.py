from collections.abc import Sequence
from datetime import date

import pytest

from services.funding.payments.iso20022 import documents, pain002
from services.funding.payments.iso20022.pain002 import PaymentOutcome

OLD, NEW = "pain.002.001.03", "pain.002.001.12"
CREATED_ON = date(2026, 11, 23)


def transaction(id: str | None, status: str | None, reason: str = "") -> str:
    named = f"<OrgnlEndToEndId>{id}</OrgnlEndToEndId>" if id else ""
    coded = f"<TxSts>{status}</TxSts>" if status else ""
    return f"<TxInfAndSts>{named}{coded}{reason}</TxInfAndSts>"


def because(code: str, form: str = "Cd") -> str:
    return f"<StsRsnInf><Rsn><{form}>{code}</{form}></Rsn></StsRsnInf>"


def report_xml(
    group: str | None = None,
    information: str | None = None,
    of: Sequence[str] = (),
    message: str = NEW,
    group_reason: str = "",
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
        f"{group_status}{group_reason}</OrgnlGrpInfAndSts>"
        f"{informed if information or of else ''}</CstmrPmtStsRpt></Document>"
    ).encode()


VERSIONS = [f"pain.002.001.{version}" for version in ("03", "10", "11", "12", "13", "14")]


@pytest.mark.parametrize("message", VERSIONS)
def test_each_payment_has_its_own_outcome_in_each_version(message: str) -> None:
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
    assert report.file_outcome == PaymentOutcome("waiting", "PART")
    assert report.outcomes == {
        "E1": PaymentOutcome("paid", "ACSC", None, CREATED_ON),
        "E2": PaymentOutcome("refused", "RJCT", "AC04"),
        "E3": PaymentOutcome("waiting", "ACSP"),
        "E4": PaymentOutcome("waiting", "PDNG"),
    }


@pytest.mark.parametrize("code", ["ACSC", "ACCC"])
def test_settled_is_paid(code: str) -> None:
    assert pain002.parse(report_xml(of=[transaction("E1", code)])).outcomes["E1"].status == "paid"


@pytest.mark.parametrize("code", ["RJCT", "CANC"])
def test_rejected_and_cancelled_are_refused(code: str) -> None:
    outcome = pain002.parse(report_xml(of=[transaction("E1", code)])).outcomes["E1"]
    assert outcome == PaymentOutcome("refused", code, "NARR")


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (report_xml("ACSC"), PaymentOutcome("paid", "ACSC")),
        (report_xml("RJCT"), PaymentOutcome("refused", "RJCT", "NARR")),
        (report_xml("ACTC"), PaymentOutcome("waiting", "ACTC")),
        (report_xml("PART"), PaymentOutcome("waiting", "PART")),
        (report_xml(None), None),
        (report_xml(None, "ACSC"), PaymentOutcome("paid", "ACSC")),
        (report_xml("PART", "RJCT"), PaymentOutcome("refused", "RJCT", "NARR")),
        (report_xml("ACSC", "PDNG"), PaymentOutcome("paid", "ACSC")),
        (report_xml("ACCC"), PaymentOutcome("paid", "ACCC")),
        (report_xml("CANC"), PaymentOutcome("refused", "CANC", "NARR")),
        (report_xml("RJCT", group_reason=because("DUPL")), PaymentOutcome("duplicate", "RJCT", "DUPL")),
    ],
    ids=range(11),
)
def test_what_is_reported_of_the_file_says_nothing_of_a_payment(content: bytes, outcome: PaymentOutcome | None) -> None:
    report = pain002.parse(content)
    assert (report.file_outcome, report.outcomes) == (outcome, {})


def test_a_payment_without_a_status_of_its_own_waits_whatever_the_file_says() -> None:
    report = pain002.parse(report_xml("ACSC", "RJCT", [transaction("E1", None), transaction("E2", "RJCT")]))
    assert report.outcomes == {"E1": PaymentOutcome("waiting"), "E2": PaymentOutcome("refused", "RJCT", "NARR")}


@pytest.mark.parametrize("code", ["DUPL", "AM05", "DU01", "DU02", "DU03", "DU04", "DU05"])
def test_a_refusal_as_duplicate_refuses_no_payment(code: str) -> None:
    report = pain002.parse(report_xml(of=[transaction("E1", "RJCT", because(code))]))
    assert report.outcomes["E1"] == PaymentOutcome("duplicate", "RJCT", code)
    second = pain002.parse(report_xml(of=[transaction("E1", "RJCT", because("NARR") + because(code))]))
    assert second.outcomes["E1"] == PaymentOutcome("duplicate", "RJCT", code)


def test_a_duplicate_in_the_banks_own_words_is_one() -> None:
    own = pain002.parse(report_xml(of=[transaction("E1", "RJCT", because("Duplicated payment", "Prtry"))]))
    assert own.outcomes["E1"] == PaymentOutcome("duplicate", "RJCT", "Duplicated payment")
    stated = "<StsRsnInf><Rsn><Cd>NARR</Cd></Rsn><AddtlInf>Looks like a DUPLICATE</AddtlInf></StsRsnInf>"
    narrative = pain002.parse(report_xml(of=[transaction("E1", "RJCT", stated)]))
    assert narrative.outcomes["E1"] == PaymentOutcome("duplicate", "RJCT", "NARR")


def test_a_refusal_without_a_reason_has_that_of_its_group() -> None:
    bare = [transaction("E1", "RJCT"), transaction("E2", "RJCT", because("AC04"))]
    report = pain002.parse(report_xml("RJCT", None, bare, group_reason=because("DUPL")))
    assert report.outcomes == {
        "E1": PaymentOutcome("duplicate", "RJCT", "DUPL"),
        "E2": PaymentOutcome("refused", "RJCT", "AC04"),
    }


@pytest.mark.parametrize("form", ["Cd", "Prtry"])
@pytest.mark.parametrize("level", ["group", "information"])
def test_a_vague_reason_of_its_own_does_not_hide_that_the_file_is_a_duplicate(level: str, form: str) -> None:
    vague = because("NARR" if form == "Cd" else "See the file", form)
    duplicate = because("DU01")
    if level == "group":
        content = report_xml(
            "RJCT", "RJCT", [because("NARR"), transaction("E1", "RJCT", vague)], group_reason=duplicate
        )
    else:
        content = report_xml(
            "RJCT", "RJCT", [duplicate, transaction("E1", "RJCT", vague)], group_reason=because("NARR")
        )
    report = pain002.parse(content)
    assert report.outcomes == {"E1": PaymentOutcome("duplicate", "RJCT", "DU01")}
    assert report.file_outcome == PaymentOutcome("duplicate", "RJCT", "DU01")


def test_a_vague_reason_in_a_file_that_is_refused_in_part_is_a_refusal() -> None:
    transactions = [transaction("E1", "RJCT", because("NARR"))]
    report = pain002.parse(report_xml("PART", None, transactions, group_reason=because("DUPL")))
    assert report.outcomes == {"E1": PaymentOutcome("refused", "RJCT", "NARR")}


def test_a_proprietary_reason_of_the_bank_is_kept() -> None:
    report = pain002.parse(report_xml("PART", None, [transaction("E1", "RJCT", because("Name differs", "Prtry"))]))
    assert report.outcomes["E1"] == PaymentOutcome("refused", "RJCT", "Name differs")


ACCEPTED = "<AccptncDtTm>2026-03-31T23:30:00Z</AccptncDtTm>"
SETTLED = "<OrgnlTxRef><IntrBkSttlmDt>2026-03-31</IntrBkSttlmDt></OrgnlTxRef>"
EFFECTIVE = "<FctvIntrBkSttlmDt><Dt>2026-03-30</Dt></FctvIntrBkSttlmDt>"


@pytest.mark.parametrize(
    ("message", "more", "day"),
    [
        (NEW, "", CREATED_ON),
        (NEW, ACCEPTED, date(2026, 4, 1)),
        (NEW, ACCEPTED.replace("Z<", "+02:00<"), date(2026, 3, 31)),
        (NEW, ACCEPTED.replace("Z<", "<"), date(2026, 3, 31)),
        (NEW, ACCEPTED + SETTLED, date(2026, 3, 31)),
        (OLD, ACCEPTED + SETTLED, date(2026, 3, 31)),
        ("pain.002.001.10", EFFECTIVE + ACCEPTED + SETTLED, date(2026, 3, 30)),
    ],
    ids=range(7),
)
def test_the_day_is_the_banks_the_best_that_it_names(message: str, more: str, day: date) -> None:
    report = pain002.parse(report_xml(of=[transaction("E1", "ACSC", more)], message=message))
    assert report.outcomes["E1"].settled_on == day


@pytest.mark.parametrize(
    ("created", "day"),
    [
        ("2026-06-30T23:30:00Z", date(2026, 7, 1)),
        ("2026-06-30T23:30:00", date(2026, 6, 30)),
        ("2026-03-31T22:59:59Z", date(2026, 3, 31)),
        ("2026-03-31T23:00:00Z", date(2026, 4, 1)),
        ("2026-12-31T23:30:00.5Z", date(2026, 12, 31)),
    ],
)
def test_without_a_day_of_its_own_the_message_has_the_day_of_its_creation_in_london(created: str, day: date) -> None:
    content = report_xml(of=[transaction("E1", "ACSC")]).replace(b"2026-11-23T10:00:00", created.encode())
    assert pain002.parse(content).outcomes["E1"].settled_on == day


def test_a_payment_without_an_end_to_end_id_is_unknown() -> None:
    assert "(none)" in pain002.parse(report_xml("PART", None, [transaction(None, "ACSC")])).outcomes


def test_two_outcomes_of_one_payment_are_refused_and_the_same_outcome_twice_is_one() -> None:
    with pytest.raises(pain002.ConflictingOutcomes):
        pain002.parse(report_xml("PART", None, [transaction("E1", "ACSC"), transaction("E1", "RJCT")]))
    report = pain002.parse(report_xml("PART", None, [transaction("E1", "ACSC"), transaction("E1", "ACSC")]))
    assert report.outcomes == {"E1": PaymentOutcome("paid", "ACSC", None, CREATED_ON)}


BY_ELEMENT = report_xml(None, None, [transaction("E1", "ACSC")], "pain.002.001.13")


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
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.02"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.15"/>',
        b'<Document xmlns="pain.002.001.10"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"/>',
        BY_ELEMENT.replace(b"<MsgId>B1</MsgId>", b""),
        BY_ELEMENT.replace(b"<MsgId>B1</MsgId>", b"<MsgId></MsgId>"),
        BY_ELEMENT.replace(b"R1", b"R" * 36),
        BY_ELEMENT.replace(b"<OrgnlMsgId>R1</OrgnlMsgId>", b"<OrgnlMsgId>R1</OrgnlMsgId>" * 2),
        BY_ELEMENT.replace(b"2026-11-23T10:00:00", b"yesterday"),
        BY_ELEMENT.replace(b"2026-11-23T10:00:00", b"2026-13-23T10:00:00"),
        BY_ELEMENT.replace(b"ACSC", b"Settled"),
        BY_ELEMENT.replace(b"<TxSts>ACSC</TxSts>", b"<TxSts>ACSC</TxSts><TxSts>RJCT</TxSts>"),
        BY_ELEMENT.replace(b"<TxSts>ACSC</TxSts>", b"<TxSts><Cd>ACSC</Cd></TxSts>"),
        BY_ELEMENT.replace(b"</TxSts>", b"</TxSts><AccptncDtTm>31.3.2026</AccptncDtTm>"),
    ],
    ids=range(21),
)
def test_what_is_not_a_valid_status_report_is_refused(content: bytes) -> None:
    with pytest.raises(documents.DocumentNotConforming):
        pain002.parse(content)


def test_a_refusal_says_which_versions_are_read() -> None:
    with pytest.raises(
        documents.DocumentNotConforming, match=r"pain\.002\.001\.03 message, or one of pain\.002\.001\.10 to 14"
    ):
        pain002.parse(b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.15"/>')
    with pytest.raises(documents.DocumentNotConforming) as refused:
        pain002.parse(BY_ELEMENT.replace(b"<MsgId>B1</MsgId>", b""))
    assert refused.value.errors[0].detail == "GrpHdr/MsgId is missing, repeated or not of its form"


@pytest.mark.parametrize("message", VERSIONS)
def test_a_file_about_far_more_payments_than_a_run_has_is_refused_before_it_is_read(message: str) -> None:
    """Reading 40,000 would keep everybody else waiting for seconds."""
    half = pain002.MAX_OUTCOMES // 2
    most = [transaction(f"E{number}", "ACSC") for number in range(2 * half - 1)]
    assert len(pain002.parse(report_xml(of=most, message=message)).outcomes) == 2 * half - 1
    for content in (
        report_xml(of=[*most, transaction("E", "ACSC")], message=message),
        report_xml(of=["</OrgnlPmtInfAndSts><OrgnlPmtInfAndSts>"] * 2 * half, message=message),
    ):
        with pytest.raises(pain002.TooManyOutcomes):
            pain002.parse(content)
