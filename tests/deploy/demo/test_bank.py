from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from deploy.demo import bank
from services.funding.payments.runs import documents, pain001, pain002

PAYER = pain001.Account("IMPACT", "040004", "12345678")


def asked(*ids: str) -> bytes:
    payee = pain001.Account("A Carer", "309634", "87654321")
    transfers = [pain001.CreditTransfer(id, uuid4(), 100, payee, "IMPACT") for id in ids]
    return pain001.build("RUN", datetime(2026, 11, 23, tzinfo=UTC), date(2026, 11, 23), PAYER, transfers)


@pytest.mark.parametrize(("rejected", "whole"), [(set[str](), "ACSC"), ({"E2"}, "PART"), ({"E1", "E2", "E3"}, "RJCT")])
def test_the_bank_settles_what_it_does_not_reject(rejected: set[str], whole: str) -> None:
    content = asked("E1", "E2", "E3")
    told = bank.answer(content, rejected)
    assert documents.complaints(documents.parse(told), "pain.002.001.12") == []
    answer = pain002.read(told)
    assert answer.original_message_id == "RUN"
    outcomes = {id: word.outcome for id, word in answer.of_payments.items()}
    assert outcomes == {id: "refused" if id in rejected else "paid" for id in ("E1", "E2", "E3")}
    assert f"<GrpSts>{whole}</GrpSts>" in told.decode()
