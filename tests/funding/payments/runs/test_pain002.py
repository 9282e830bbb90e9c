from collections.abc import Sequence

import pytest

from services.funding.payments.runs import documents, pain002
from services.funding.payments.runs.pain002 import Word

OLD, NEW = "pain.002.001.03", "pain.002.001.12"


def transaction(id: str | None, status: str | None, reason: str = "") -> str:
    named = f"<OrgnlEndToEndId>{id}</OrgnlEndToEndId>" if id else ""
    told = f"<TxSts>{status}</TxSts>" if status else ""
    return f"<TxInfAndSts>{named}{told}{reason}</TxInfAndSts>"


def because(code: str, form: str = "Cd") -> str:
    return f"<StsRsnInf><Rsn><{form}>{code}</{form}></Rsn></StsRsnInf>"


def answer(
    group: str | None = None, information: str | None = None, of: Sequence[str] = (), message: str = NEW
) -> bytes:
    group_status = f"<GrpSts>{group}</GrpSts>" if group else ""
    information_status = f"<PmtInfSts>{information}</PmtInfSts>" if information else ""
    informed = (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>P1</OrgnlPmtInfId>{information_status}{''.join(of)}</OrgnlPmtInfAndSts>"
    )
    return (
        f'<Document xmlns="{pain002.PREFIX}{message}"><CstmrPmtStsRpt>'
        "<GrpHdr><MsgId>B1</MsgId><CreDtTm>2026-11-23T10:00:00</CreDtTm></GrpHdr>"
        "<OrgnlGrpInfAndSts><OrgnlMsgId>R1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
        f"{group_status}</OrgnlGrpInfAndSts>{informed if information or of else ''}</CstmrPmtStsRpt></Document>"
    ).encode()


@pytest.mark.parametrize("message", [OLD, NEW])
def test_each_payment_is_told_apart(message: str) -> None:
    told = pain002.read(
        answer(
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
    assert (told.message_id, told.original_message_id) == ("B1", "R1")
    assert told.of_payments == {
        "E1": Word("paid"),
        "E2": Word("refused", "AC04"),
        "E3": Word("waiting"),
        "E4": Word("waiting"),
    }
    assert told.word_on("E5") == Word("waiting")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (answer("ACSC"), Word("paid")),
        (answer("RJCT"), Word("refused", "NARR")),
        (answer("ACTC"), Word("waiting")),
        (answer("PART"), Word("waiting")),
        (answer(None), Word("waiting")),
        (answer(None, "ACSC"), Word("paid")),
        (answer("PART", "RJCT"), Word("refused", "NARR")),
        (answer("ACSC", "PDNG"), Word("waiting")),
        (answer("ACCC"), Word("paid")),
        (answer("CANC"), Word("refused", "NARR")),
    ],
    ids=range(10),
)
def test_what_is_not_named_follows_the_whole(content: bytes, word: Word) -> None:
    assert pain002.read(content).word_on("E1") == word


def test_a_payment_without_a_word_of_its_own_follows_the_whole() -> None:
    told = pain002.read(answer("ACSC", None, [transaction("E1", None), transaction("E2", "RJCT")]))
    assert told.of_payments == {"E1": Word("paid"), "E2": Word("refused", "NARR")}


def test_a_reason_of_the_banks_own_is_kept() -> None:
    told = pain002.read(answer("PART", None, [transaction("E1", "RJCT", because("Name differs", "Prtry"))]))
    assert told.word_on("E1") == Word("refused", "Name differs")


def test_a_payment_that_the_bank_does_not_name_is_no_payment_of_ours() -> None:
    assert "(none)" in pain002.read(answer("PART", None, [transaction(None, "ACSC")])).of_payments


def test_two_words_on_one_payment_are_no_answer_and_the_same_word_twice_is_one() -> None:
    with pytest.raises(pain002.SaidTwice):
        pain002.read(answer("PART", None, [transaction("E1", "ACSC"), transaction("E1", "RJCT")]))
    told = pain002.read(answer("PART", None, [transaction("E1", "ACSC"), transaction("E1", "ACSC")]))
    assert told.of_payments == {"E1": Word("paid")}


@pytest.mark.parametrize(
    "content",
    [
        b"<a/>",
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.99"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.../../../x"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"/>',
        answer("NOT A CODE"),
        answer("ACSC", None, [transaction("E" * 36, "ACSC")]),
    ],
    ids=range(7),
)
def test_what_does_not_follow_the_standard_is_refused(content: bytes) -> None:
    with pytest.raises(documents.DocumentNotConforming):
        pain002.read(content)
