from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from deploy.demo import bank
from services.funding.payments.iso20022 import documents, pain001, pain002

PAYER = pain001.BankAccount("IMPACT", "040004", "12345678")


def payment_file(*ids: str) -> bytes:
    payee = pain001.BankAccount("A Carer", "309634", "87654321")
    transfers = [pain001.CreditTransfer(id, uuid4(), 100, payee, "IMPACT") for id in ids]
    return pain001.build("RUN", datetime(2026, 11, 23, tzinfo=UTC), date(2026, 11, 23), PAYER, transfers)


@pytest.mark.parametrize(
    ("rejected", "group_status"), [(set[str](), "ACSC"), ({"E2"}, "PART"), ({"E1", "E2", "E3"}, "RJCT")]
)
def test_the_bank_settles_what_it_does_not_reject(rejected: set[str], group_status: str) -> None:
    content = payment_file("E1", "E2", "E3")
    report = bank.status_report(content, rejected)
    assert documents.schema_errors(documents.parse(report), "pain.002.001.12") == []
    parsed = pain002.parse(report)
    assert parsed.original_message_id == "RUN"
    outcomes = {id: outcome.status for id, outcome in parsed.outcomes.items()}
    assert outcomes == {id: "refused" if id in rejected else "paid" for id in ("E1", "E2", "E3")}
    assert f"<GrpSts>{group_status}</GrpSts>" in report.decode()
