from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from services.funding.payees.payees.rules import payment_name
from services.funding.payments.iso20022 import documents, pain001
from shared.persistence.tables import new_id
from tests.support.prerequisites import DATA, data_path, require_path

SAMPLES = DATA / "funding" / "iso20022" / "gb-corpus"
SAMPLE = SAMPLES / "faster-payment" / "gb.fps.single.pain.001.001.09.xml"
PAYER = pain001.BankAccount("IMPACT", "040004", "12345678")
NOW = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
NOT_SENT = {
    "BICFI": "the sort code names the bank",
    "PstlAdr": "addresses are not kept",
    "OrgId": "the bank's number for the payer is agreed with the bank",
}


def transfer(pence: int = 8_810, name: str = "A Carer", claim: UUID | None = None) -> pain001.CreditTransfer:
    return pain001.CreditTransfer(
        end_to_end_id=pain001.end_to_end_id(new_id()),
        uetr=uuid4(),
        pence=pence,
        payee=pain001.BankAccount(name, "309634", "87654321"),
        reference=pain001.reference(claim or new_id()),
    )


def built(*transfers: pain001.CreditTransfer) -> documents.Element:
    message_id = f"IMPACT-{pain001.short_id(new_id())}"
    return documents.parse(pain001.build(message_id, NOW, date(2026, 7, 2), PAYER, transfers))


def paths(element: documents.Element, before: str = "") -> Iterator[str]:
    path = f"{before}/{etree.QName(element).localname}"
    yield path
    for child in element:
        yield from paths(child, path)


def texts(root: documents.Element, name: str) -> list[str]:
    return [element.text or "" for element in root.iter(f"{{{pain001.NAMESPACE}}}{name}")]


def test_the_file_follows_its_schema_and_adds_up() -> None:
    root = built(transfer(8_810), transfer(1), transfer(100_000_05))
    assert documents.schema_errors(root, pain001.MESSAGE) == []
    assert texts(root, "CtrlSum") == ["100088.16", "100088.16"]
    assert texts(root, "NbOfTxs") == ["3", "3"]
    assert texts(root, "InstdAmt") == ["88.10", "0.01", "100000.05"]
    assert {element.get("Ccy") for element in root.iter(f"{{{pain001.NAMESPACE}}}InstdAmt")} == {"GBP"}


def test_the_time_is_that_of_london() -> None:
    assert texts(built(transfer()), "CreDtTm") == ["2026-07-02T00:30:00"]


def test_the_file_has_the_shape_of_a_faster_payment_of_the_gb_samples() -> None:
    sample = documents.parse(require_path(SAMPLE).read_bytes())
    sample_paths = {path for path in paths(sample) if not any(f"/{element}" in path for element in NOT_SENT)}
    sample_paths -= {path for path in sample_paths if path.endswith(("InitgPty/Id", "Dbtr/Id"))}
    assert set(paths(built(transfer()))) == sample_paths
    for name in ("PmtMtd", "BtchBookg", "ChrgBr"):
        assert texts(built(transfer()), name) == texts(sample, name)


@pytest.mark.parametrize(
    "sample", sorted(SAMPLES.rglob("*pain.001.001.09.xml")) or [SAMPLE], ids=lambda path: path.name
)
def test_the_schema_we_carry_takes_every_gb_sample(sample: Path) -> None:
    assert documents.schema_errors(documents.parse(require_path(sample).read_bytes()), pain001.MESSAGE) == []


@pytest.mark.parametrize("message", sorted(documents.supported_messages()))
def test_the_schemas_we_carry_are_unchanged(message: str) -> None:
    original = data_path("funding", "iso20022", f"{message}.xsd")
    assert (documents.SCHEMAS / original.name).read_bytes() == original.read_bytes()


@given(st.uuids(), st.integers(1, 50 * 10_000_00), st.text(min_size=1, max_size=70))
def test_any_name_amount_and_id_make_a_file_that_banks_can_take(id: UUID, pence: int, name: str) -> None:
    written = payment_name(name) or "A Carer"
    root = built(transfer(pence, written, id))
    assert documents.schema_errors(root, pain001.MESSAGE) == []
    assert all(len(value) <= 18 for value in texts(root, "EndToEndId"))
    assert all(len(value) <= 18 for value in texts(root, "Ustrd"))
    assert all(len(value) <= 35 for value in texts(root, "MsgId") + texts(root, "PmtInfId"))


@given(st.lists(st.uuids(), unique=True, min_size=2, max_size=50))
def test_short_ids_stay_apart(ids: list[UUID]) -> None:
    assert len({pain001.short_id(id) for id in ids}) == len(ids)


def test_end_to_end_ids_of_one_moment_stay_apart() -> None:
    assert len({pain001.end_to_end_id(new_id()) for _ in range(10_000)}) == 10_000


def test_two_claims_of_one_moment_have_different_references() -> None:
    moment = 0x0190_0000_0000_7000_8000_000000000000
    reference, other_reference = (pain001.reference(UUID(int=moment + n)) for n in (1, 2))
    assert reference.startswith("IMPACT ")
    assert reference != other_reference


def test_a_file_that_violates_the_schema_is_refused() -> None:
    with pytest.raises(pain001.FileNotConformingError):
        pain001.build("x" * 36, NOW, date(2026, 7, 2), PAYER, [transfer()])
    with pytest.raises(pain001.FileNotConformingError):
        pain001.build("a", NOW, date(2026, 7, 2), PAYER, [transfer(name="")])
