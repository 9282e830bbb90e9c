"""Payment files and answers, as programs of others see and write them."""

import json
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from services.funding.payments.iso20022 import pain001, pain002
from shared.persistence.tables import new_id
from tests.support.ports import reserve_ports
from tests.verify.programs import tool

HERE = Path(__file__).parent
PAYER = pain001.BankAccount("IMPACT", "040004", "12345678")
PAYEE = pain001.BankAccount("A Carer", "309634", "87654321")
XML = {"Content-Type": "application/xml"}


@pytest.fixture
def payment_file() -> bytes:
    """Return a file of two payments."""
    transfers = [
        pain001.CreditTransfer(pain001.end_to_end_id(new_id()), uuid4(), pence, PAYEE, pain001.reference(new_id()))
        for pence in (8_810, 560)
    ]
    message_id = f"IMPACT-{pain001.short_id(new_id())}"
    return pain001.build(message_id, datetime(2026, 11, 30, tzinfo=UTC), date(2026, 11, 30), PAYER, transfers)


@pytest.fixture
def bank() -> Iterator[httpx.Client]:
    """Run a bank of others, whose clock says that it is a Monday."""
    port = reserve_ports()
    command = [tool("mock-bank"), "--port", str(port), "--timezone", "Europe/London", "--clock", "2026-11-30T10:00"]
    process = subprocess.Popen([*command, "--quiet"])
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            _wait_for(client)
            yield client
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(client: httpx.Client) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            client.get("/_mock/health").raise_for_status()
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def test_the_file_fits_the_profiles_of_the_schemes_that_pay_it(payment_file: bytes, tmp_path: Path) -> None:
    """Faster Payments takes it as it is; Bacs too, though it expects another service level."""
    file = tmp_path / "run.xml"
    file.write_bytes(payment_file)
    command = (tool("python"), HERE / "check_profile.py", file, "uk-fps", "uk-bacs")
    printed = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    assert json.loads(printed) == {"payments": 2, "violations": {"uk-fps": [], "uk-bacs": ["UK-BACS-SVCLVL"]}}


def test_the_answers_of_a_bank_of_others_are_read(bank: httpx.Client, payment_file: bytes) -> None:
    """It does not know the account that pays, so it rejects each payment; then it rejects the file as a duplicate."""
    reports: list[pain002.StatusReport] = []
    for _ in range(2):
        bank.post("/payments", content=payment_file, headers=XML)
        answer = bank.get("/_mock/mailbox?type=pain.002&raw").content
        assert b"pain.002.001.10" in answer
        reports.append(pain002.parse(answer))
    first, second = reports
    assert first.original_message_id.encode() in payment_file
    assert [(outcome.status, outcome.reason) for outcome in first.outcomes.values()] == [("refused", "AC02")] * 2
    assert all(id.encode() in payment_file for id in first.outcomes)
    assert (second.file_outcome, second.outcomes) == (pain002.PaymentOutcome("duplicate", "RJCT", "DUPL"), {})
