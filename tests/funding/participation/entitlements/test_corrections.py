"""Random orders of attendance, correction, resolution, claim, payment and recovery, without a database."""

import contextlib
from datetime import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.funding.participation.entitlements import rules
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.participation.entitlements.terms import count_payment, explain, granted_terms, recorded_terms
from services.funding.participation.recoveries import rules as recoveries
from shared.problems import Problem
from tests.funding.participation.entitlements.test_rules import OFFICER, Attendances


class Case:
    """One person with overlapping meetings, and what was claimed, paid and decided."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.person = Attendances()
        self.unpaid: list[tuple[Entitlement, int]] = []
        self.stood: dict[int, Any] = {}

    def draw(self, *values: Any) -> Any:
        return self.data.draw(st.sampled_from(values))

    def step(self) -> None:
        changes = [self.attend, self.correct, self.correct, self.resolve, self.claim, self.return_claim, self.pay]
        with contextlib.suppress(Problem):
            self.draw(*changes, self.recover)()

    def attend(self) -> None:
        if len(self.person.rows) < 4:
            self.person.attend(time(self.draw(9, 10, 11, 15)), self.draw(30, 60, 120, 300))

    def correct(self) -> None:
        if self.person.rows:
            attended = self.draw(True, True, False)
            self.person.correct(self.draw(*self.person.rows), attended=attended, minutes=self.draw(30, 60, 120, 300))

    def resolve(self) -> None:
        if self.person.rows:
            row, resolution = self.draw(*self.person.rows), self.draw("stands", "corrected")
            self.person.resolve(row, resolution)
            if resolution == "stands":
                self.stood[id(row)] = recorded_terms(row)

    def claim(self) -> None:
        if self.person.rows:
            row, pence = self.draw(*self.person.rows), self.draw(0, 1_000, 2_500, 5_000)
            rules.add_claim(row, pence)
            self.unpaid.append((row, pence))

    def return_claim(self) -> None:
        if self.unpaid:
            row, pence = self.unpaid.pop(self.draw(*range(len(self.unpaid))))
            self.person.return_claim(row, pence)

    def pay(self) -> None:
        """Pay a claim: in a run that was released before the last correction, whatever that says."""
        if self.unpaid:
            row, pence = self.unpaid.pop(self.draw(*range(len(self.unpaid))))
            count_payment(row, pence)

    def recover(self) -> None:
        if self.person.rows:
            row, pence = self.draw(*self.person.rows), self.draw(500, 2_500)
            recoveries.close(row, self.draw("recovered", "written_off"), pence, "A reason", OFFICER)

    def check(self) -> None:
        for row in self.person.rows:
            granted, recorded = granted_terms(row), recorded_terms(row)
            unpaid = sum(pence for entitlement, pence in self.unpaid if entitlement is row)
            net_paid = row.paid_pence - row.recovered_pence
            assert row.claimed_pence == unpaid + net_paid
            assert 0 <= row.claimed_pence <= row.highest_pence
            assert row.pence <= row.highest_pence
            assert row.overpaid_pence + row.written_off_pence == max(0, net_paid - row.entitled_pence)
            assert min(row.overpaid_pence, row.written_off_pence, row.recovered_pence) >= 0
            assert row.submitted_claims > 0 or not row.in_question
            if granted == recorded:
                assert not row.in_question
            else:
                assert row.in_question or self.stood.get(id(row), granted) == recorded
            if row.in_question or row.status == "withdrawn" or row.overpaid_pence:
                assert explain(row)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), length=st.integers(1, 30))
def test_after_every_step_what_is_granted_claimed_paid_and_overpaid_agrees(data: st.DataObject, length: int) -> None:
    case = Case(data)
    for _ in range(length):
        case.step()
        case.check()
