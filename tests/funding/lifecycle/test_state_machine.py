"""Any order of attendance, correction, claim, decision, run, answer of the bank and what people decide after it.

Whoever changes the rules plants faults in them and sees them found. LIFECYCLE_EXAMPLES=200 takes as many examples,
longer ones and other ones each time.
"""

import asyncio
import os
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from shared.callers import Caller
from tests.funding.lifecycle.cast import APPROVERS, OFFICERS, PAYERS, PEOPLE, RECORDERS
from tests.funding.lifecycle.centre import caller_of
from tests.funding.lifecycle.model import DRAWN, ModelClaim, ModelEntitlement, ModelRun
from tests.funding.lifecycle.payments import PayingCentre
from tests.funding.world import FundingWorld
from tests.support.databases import DatabasePool
from tests.support.world import world_on_database

EXAMPLES = int(os.environ.get("LIFECYCLE_EXAMPLES") or 0)
"""How many examples a long run takes, each with a new seed; 0 for the few that are always the same."""
MAX_CLAIMS = 8
T = TypeVar("T")
Index = st.integers(0, 8)
Meeting = st.integers(0, 2)
Minutes = st.sampled_from((None, 60, 180, 300))
Travel = st.sampled_from((0, 560, 9_000))
Outcome = st.sampled_from(("paid", "refused", "paid", "refused", "duplicate", "unsaid", "waiting"))
File = st.sampled_from(("", "", "", "", "paid", "refused", "duplicate", "waiting"))
Recovery = st.sampled_from(("recovered", "written_off"))


def pick(items: Sequence[T], index: int, likely: Callable[[T], bool]) -> T:
    """Return one of the items; mostly one of the likely ones, where there are any."""
    preferred = [item for item in items if likely(item)] if index < 7 else []
    candidates = preferred or items
    return candidates[index % len(candidates)]


class LifecycleMachine(RuleBasedStateMachine):
    """Drives the service and its model through the same steps."""

    loop: ClassVar[asyncio.AbstractEventLoop]
    pool: ClassVar[DatabasePool]

    def __init__(self) -> None:
        super().__init__()
        self.url = self.run(self.pool.acquire("funding"))
        self.centre = PayingCentre(
            world_on_database(FundingWorld, self.pool.connections(self.url, "funding"), demo=True)
        )

    def run(self, step: Coroutine[Any, Any, T]) -> T:
        """Run a step in the event loop of the tests, whose database connections it uses."""
        return asyncio.run_coroutine_threadsafe(step, self.loop).result()

    @initialize(minutes=st.sampled_from([180, 60, 300]), at_bank=st.integers(0, 3), paid=st.booleans())
    def open(self, minutes: int, at_bank: int, paid: bool) -> None:
        """Everyone was at one meeting, and two of them at another; some of their claims are at the bank, or paid."""
        self.run(self.centre.open())
        for who in PEOPLE:
            self.run(self.centre.attend(who, self.centre.assemblies[0], minutes, RECORDERS[0].id))
        for who, meeting in zip(PEOPLE, (2, 1), strict=False):
            self.run(self.centre.attend(who, self.centre.assemblies[meeting], 60, RECORDERS[1].id))
        for who in PEOPLE[: max(2, at_bank)]:
            self.run(self.centre.change_details(who, 0))
        self._to_the_bank(self.centre.assemblies[0].entitlements[:at_bank], 560)
        for run in self.centre.runs if paid else ():
            self.run(self.centre.report(PAYERS[0], run, dict.fromkeys(run.payments, "paid"), ""))

    @rule(who=st.sampled_from(PEOPLE), meeting=Meeting, minutes=Minutes, by=Index)
    def attend(self, who: Caller, meeting: int, minutes: int | None, by: int) -> None:
        recorder = RECORDERS[by % 3] if by > 5 else RECORDERS[0]
        self.run(self.centre.attend(who, self.centre.assemblies[meeting], minutes, recorder.id))

    @rule(index=Index, minutes=Minutes)
    @precondition(lambda self: any(of.drawn for of in self.centre.entitlements))
    def correct_what_is_claimed(self, index: int, minutes: int | None) -> None:
        of = pick(self.centre.entitlements, index, lambda of: bool(of.drawn))
        self.run(self.centre.attend(caller_of(of.person), of.assembly, minutes, RECORDERS[0].id))

    @rule(index=Index, minutes=st.sampled_from((None, 60)), closed=st.sampled_from(("", "recovered", "written_off")))
    @precondition(lambda self: any(of.paid > 0 for of in self.centre.entitlements))
    def pay_too_much(self, index: int, minutes: int | None, closed: str) -> None:
        """Lower what was paid, let an officer decide that this is right, and perhaps close what is overpaid."""
        of = pick(self.centre.entitlements, index, lambda of: of.paid > 0)
        self.run(self.centre.attend(caller_of(of.person), of.assembly, minutes, RECORDERS[0].id))
        self.run(self.centre.resolve_entitlement(OFFICERS[0], of, corrected=True))
        if closed and of.overpaid:
            self.run(self.centre.recover(OFFICERS[0], of, closed, of.overpaid))

    @rule(who=st.sampled_from(PEOPLE), number=st.integers(0, 1))
    @precondition(lambda self: self.centre.waits_for_details)
    def change_details(self, who: Caller, number: int) -> None:
        self.run(self.centre.change_details(who, number))

    @rule(index=Index, involvement=st.sampled_from(["all", "all", "some", "none"]), travel=Travel)
    @precondition(lambda self: len(self.centre.claims) < MAX_CLAIMS)
    def claim(self, index: int, involvement: str, travel: int) -> None:
        """Draft a claim and submit it."""
        of = pick(self.centre.entitlements, index, lambda of: of.remaining > 0)
        self._claim(of, involvement, travel)

    def _claim(self, of: ModelEntitlement, involvement: str, travel: int) -> ModelClaim | None:
        who = caller_of(of.person)
        pence = {"all": of.remaining, "some": 27_50, "none": 0}[involvement]
        claim = self.run(self.centre.draft(who, of, pence, travel))
        if claim:
            self.run(self.centre.submit(who, claim))
        return claim

    @rule(index=Index, pence=st.sampled_from([0, 27_50, 82_50, 165_00]), by=st.sampled_from(PEOPLE))
    @precondition(lambda self: any(claim.status in ("draft", "returned") for claim in self.centre.claims))
    def edit_and_submit(self, index: int, pence: int, by: Caller) -> None:
        claim = pick(self.centre.claims, index, lambda claim: claim.status in ("draft", "returned"))
        who = by if index > 7 else caller_of(claim.entitlement.person)
        self.run(self.centre.edit(who, claim, pence, 560))
        self.run(self.centre.submit(who, claim))

    @rule(index=Index, by=Index, how=st.sampled_from(("checked", "checked", "checked", "not checked", "not read")))
    @precondition(lambda self: any(claim.status == "submitted" for claim in self.centre.claims))
    def approve(self, index: int, by: int, how: str) -> None:
        """Approve a claim: the other claims with its costs were checked or not, or it has changed since it was read."""
        claim = pick(self.centre.claims, index, lambda claim: claim.status == "submitted")
        match = '"0"' if how == "not read" else ""
        approver = self._approver(claim, by)
        self.run(self.centre.decide(approver, claim, "approved", checked=how == "checked", match=match))

    @rule(index=Index, by=Index, decision=st.sampled_from(["refused", "returned", "returned"]))
    @precondition(lambda self: any(claim.status in DRAWN for claim in self.centre.claims))
    def refuse_or_return(self, index: int, by: int, decision: str) -> None:
        claim = pick(self.centre.claims, index, lambda claim: claim.status in ("submitted", "approved"))
        self.run(self.centre.decide(self._approver(claim, by), claim, decision))

    @rule(index=Index, by=Index)
    @precondition(lambda self: any(claim.in_draft_run for claim in self.centre.claims))
    def take_an_approval_back(self, index: int, by: int) -> None:
        claim = pick(self.centre.claims, index, lambda claim: claim.in_draft_run)
        self.run(self.centre.decide(self._approver(claim, by), claim, "returned"))

    def _approver(self, claim: ModelClaim, index: int) -> Caller:
        of = claim.entitlement
        return pick(APPROVERS, index + 2, lambda by: by.id not in {of.person, *of.recorders})

    @rule(by=st.sampled_from(PAYERS))
    @precondition(lambda self: any(claim.status == "approved" for claim in self.centre.claims))
    def run_all(self, by: Caller) -> None:
        self.run(self.centre.make_run(by, None))

    @rule(by=st.sampled_from(PAYERS), indexes=st.sets(Index, min_size=1, max_size=2))
    @precondition(lambda self: any(claim.status == "approved" for claim in self.centre.claims))
    def run_these(self, by: Caller, indexes: set[int]) -> None:
        claims = [pick(self.centre.claims, index, lambda claim: claim.status == "approved") for index in indexes]
        self.run(self.centre.make_run(by, list(dict.fromkeys(claims))))

    @rule(by=st.sampled_from(PAYERS), index=Index)
    @precondition(lambda self: any(run.status == "draft" for run in self.centre.runs))
    def cancel(self, by: Caller, index: int) -> None:
        self.run(self.centre.cancel(by, pick(self.centre.runs, index, lambda run: run.status == "draft")))

    @rule(index=Index, by=Index)
    @precondition(lambda self: any(run.status == "draft" for run in self.centre.runs))
    def release(self, index: int, by: int) -> None:
        run = pick(self.centre.runs, index, lambda run: run.status == "draft")
        self.run(self.centre.release(self._payer(run, by, run.made_by), run))

    @staticmethod
    def _payer(run: ModelRun, index: int, *besides: UUID | None) -> Caller:
        return pick(PAYERS, index + 1, lambda by: by.id not in {*run.parties, *besides})

    @rule(index=Index, travel=Travel)
    @precondition(lambda self: len(self.centre.claims) < MAX_CLAIMS)
    def claim_until_it_is_at_the_bank(self, index: int, travel: int) -> None:
        """Take the way that most claims take, so that what comes after it is reached more often."""
        self._to_the_bank([pick(self.centre.entitlements, index, lambda of: of.remaining > 0)], travel)

    def _to_the_bank(self, entitlements: Sequence[ModelEntitlement], travel: int) -> None:
        claims = [claim for of in entitlements if (claim := self._claim(of, "all", travel))]
        approved = [
            claim for claim in claims if self.run(self.centre.decide(self._approver(claim, 0), claim, "approved"))
        ]
        if approved and (run := self.run(self.centre.make_run(PAYERS[0], approved))):
            self.run(self.centre.release(PAYERS[1], run))

    @rule(by=Index, index=Index, outcomes=st.lists(Outcome, min_size=3, max_size=3), file=File)
    @precondition(lambda self: any(run.sent for run in self.centre.runs))
    def bank_reports(self, by: int, index: int, outcomes: list[str], file: str) -> None:
        run = pick(self.centre.runs, index, lambda run: run.open if index % 2 else run.sent)
        reported = dict(zip(run.everyone, outcomes, strict=False))
        reported = {payment: outcome for payment, outcome in reported.items() if outcome != "unsaid"}
        if reported or file:
            self.run(self.centre.report(self._payer(run, by), run, reported, file))

    @rule(index=Index)
    @precondition(lambda self: self.centre.messages)
    def bank_reports_again(self, index: int) -> None:
        self.run(self.centre.repeat_report(*self.centre.messages[index % len(self.centre.messages)]))

    @rule(by=Index, index=Index, outcome=st.sampled_from(("paid", "not_paid", "not_paid")), named=st.booleans())
    @precondition(lambda self: any(run.open for run in self.centre.runs))
    def resolve_payments(self, by: int, index: int, outcome: str, named: bool) -> None:
        run = pick(self.centre.runs, index, lambda run: run.open)
        payment = pick(run.everyone, index, lambda payment: bool(payment.doubt))
        payer = self._payer(run, by, run.released_by)
        self.run(self.centre.resolve_payments(payer, run, [payment] if named else None, outcome))

    @rule(by=st.sampled_from(OFFICERS), index=Index, corrected=st.booleans())
    @precondition(lambda self: any(of.in_question for of in self.centre.entitlements))
    def resolve_entitlement(self, by: Caller, index: int, corrected: bool) -> None:
        of = pick(self.centre.entitlements, index, lambda of: of.in_question)
        self.run(self.centre.resolve_entitlement(by, of, corrected=corrected))

    @rule(by=st.sampled_from(OFFICERS), index=Index, outcome=Recovery, part=st.integers(1, 2))
    @precondition(lambda self: any(of.overpaid for of in self.centre.entitlements))
    def close_overpayment(self, by: Caller, index: int, outcome: str, part: int) -> None:
        of = pick(self.centre.entitlements, index, lambda of: of.overpaid > 0)
        self.run(self.centre.recover(by, of, outcome, of.overpaid // part or 1))

    @rule(by=Index, meeting=Meeting, pence=st.sampled_from([50_00, 150_00]))
    @precondition(lambda self: any(claim.beyond for claim in self.centre.claims))
    def extend(self, by: int, meeting: int, pence: int) -> None:
        assembly = pick(self.centre.assemblies, meeting, lambda meeting: any(claim.beyond for claim in meeting.claims))
        self.run(self.centre.extend(OFFICERS[by > 6], assembly, pence))

    @rule(index=Index, by=st.sampled_from(OFFICERS))
    @precondition(lambda self: any(assembly.free for assembly in self.centre.assemblies))
    def release_reservation(self, index: int, by: Caller) -> None:
        assembly = pick(self.centre.assemblies, index, lambda assembly: assembly.free > 0)
        self.run(self.centre.release_reservation(by, assembly))

    @invariant()
    def all_agree(self) -> None:
        self.run(self.centre.check())

    def teardown(self) -> None:
        self.run(self.pool.release(self.url))


@pytest.mark.timeout(0 if EXAMPLES else 300)
async def test_money_and_what_people_read_agree_in_every_state(database_pool: DatabasePool) -> None:
    machine = type("Machine", (LifecycleMachine,), {"loop": asyncio.get_running_loop(), "pool": database_pool})
    profile = settings(
        max_examples=EXAMPLES or 40,
        stateful_step_count=50 if EXAMPLES else 30,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=(HealthCheck.too_slow,),
    )
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=profile)
