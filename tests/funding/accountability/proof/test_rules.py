"""Random sequences of changes, without a database: ledger and books always agree."""

import contextlib
import random
from collections import Counter
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from services.funding.accountability.proof import rules
from services.funding.ledger.ledger import rules as ledger
from services.funding.participation.claims import payment_steps
from services.funding.participation.claims import rules as claims
from services.funding.participation.claims.tables import Claim
from services.funding.participation.entitlements import rules as entitlements
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.participation.extensions import rules as extensions
from services.funding.programme.programme.rules import ProgrammeYears
from services.funding.programme.programme.tables import Programme
from services.funding.programme.reservations import rules as reservations
from services.funding.programme.reservations.tables import Reservation
from services.funding.programme.schemes import rules as schemes
from services.funding.programme.schemes.tables import Scheme
from shared.callers import person
from shared.persistence.tables import new_id
from shared.problems import Problem
from tests.funding.participation.claims.test_rules import CHRISTMAS, MONDAY
from tests.funding.world import HELD_ON, assembly_planned
from tests.support.callers import APPROVER, FINANCE, FUNDING_OFFICER

YEARS = ProgrammeYears(MONDAY.replace(month=1), MONDAY.replace(month=12))


class Simulation:
    """A scheme, assemblies and claims that change at random, and the balances of the ledger."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.balances: Counter[str] = Counter()
        self.programme = Programme(name="All", starts_on=MONDAY, ends_on=MONDAY, pence=20_000)
        self.scheme = Scheme(programme_id=new_id(), code="participation", name="P", purpose="p", cap_pence=0)
        self.assemblies: list[Reservation] = []
        self.claims: list[tuple[Claim, Entitlement, Reservation]] = []
        self.post(ledger.award(20_000), *schemes.set_cap(self.programme, self.scheme, 12_000))

    def post(self, *postings: ledger.Posting) -> None:
        for posting in postings:
            for account, debit, credit in posting.entries:
                self.balances[account] += debit - credit

    def step(self) -> None:
        changes: list[Callable[[], None]] = [
            self.plan,
            self.attend,
            self.attend,
            self.submit,
            self.submit,
            self.extend,
            self.decide,
            self.correct,
            self.pay,
            self.void,
            self.release,
            self.set_cap,
        ]
        with contextlib.suppress(Problem):
            self.random.choice(changes)()

    def plan(self) -> None:
        event = assembly_planned(new_id(), self.random.randint(0, 4_000))
        reservation = reservations.new_reservation(event, 1)
        _, postings = reservations.decide(event, 1, reservation, self.scheme, YEARS)
        self.assemblies.append(reservation)
        self.post(*postings)

    def attend(self) -> None:
        if not self.assemblies:
            return
        reservation = self.random.choice(self.assemblies)
        ids = {"assembly_id": reservation.assembly_id, "person_id": new_id(), "scheme_id": self.scheme.id}
        entitlement = Entitlement.model_validate(
            {
                **ids,
                "registration_id": new_id(),
                "rate_card_id": new_id(),
                "held_on": HELD_ON,
                "minutes": 1,
                "pence": 500,
            }
        )
        involvement = self.random.choice([0, 500, 500, 501])
        pence = involvement + self.random.randint(0, 2_000)
        claim = Claim.model_validate(
            {**ids, "entitlement_id": entitlement.id, "pence": pence, "involvement_pence": involvement}
        )
        self.claims.append((claim, entitlement, reservation))

    def submit(self) -> None:
        if self.claims:
            claim, entitlement, reservation = self.random.choice(self.claims)
            money = (claim, entitlement, reservation, self.scheme)
            before = claim.model_dump()
            try:
                claims.submit(*money, today=MONDAY, bank_holidays=CHRISTMAS)
            except claims.CapExceeded:
                # Nothing of a command that is refused is saved.
                entitlements.remove_claim(entitlement, claim.involvement_pence)
                assert claim.model_dump() == before

    def extend(self) -> None:
        reserved = [reservation for reservation in self.assemblies if reservation.scheme_id]
        if reserved:
            _, postings = extensions.extend(
                self.random.choice(reserved),
                self.scheme,
                pence=self.random.randint(1, 3_000),
                reason="More came",
                officer=FUNDING_OFFICER,
                took_part=self.random.random() < 0.1,
            )
            self.post(*postings)

    def decide(self) -> None:
        if self.claims:
            claim, entitlement, reservation = self.random.choice(self.claims)
            decision: claims.Decision = self.random.choice(["approved", "approved", "refused", "returned"])
            money = (claim, entitlement, reservation, self.scheme)
            approver = self.random.choice([APPROVER, person(claim.person_id)])
            self.post(*claims.decide(*money, decision=decision, reason="A reason", approver=approver)[1])

    def correct(self) -> None:
        if self.claims:
            _, entitlement, _ = self.random.choice(self.claims)
            entitlement.status = self.random.choice(["granted", "withdrawn"])

    def pay(self) -> None:
        for claim, _, _ in self.claims:
            if claim.status == "approved" and self.random.random() < 0.5:
                payment_steps.add_to_run(claim, FINANCE)
                payment_steps.pay(claim, FINANCE, "bank", paid_on=MONDAY)
                schemes.pay(self.scheme, claim.pence)
                accounts = schemes.accounts(self.scheme)
                self.post(ledger.pay(accounts, claim.pence, assembly_id=claim.assembly_id, claim_id=claim.id))

    def void(self) -> None:
        for claim, _, _ in self.claims:
            if claim.status == "paid" and self.random.random() < 0.5:
                payment_steps.void_payment(claim, FINANCE, "It never left the account.")
                schemes.void(self.scheme, claim.pence)
                accounts = schemes.accounts(self.scheme)
                self.post(ledger.void(accounts, claim.pence, assembly_id=claim.assembly_id, claim_id=claim.id))

    def release(self) -> None:
        if self.assemblies:
            self.post(*reservations.release_unused(self.random.choice(self.assemblies), self.scheme))

    def set_cap(self) -> None:
        self.post(*schemes.set_cap(self.programme, self.scheme, self.random.randint(0, 21_000)))

    def waiting_pence(self, reservation: Reservation) -> int:
        """Return the sum of the submitted claims for which a reservation holds money."""
        return sum(
            claim.pence
            for claim, _, theirs in self.claims
            if theirs is reservation and claim.status == "submitted" and not claim.beyond_reservation
        )

    def books(self) -> rules.Books:
        def sum_of(*statuses: str) -> int:
            return sum(claim.pence for claim, _, _ in self.claims if claim.status in statuses)

        return rules.Books(
            award_pence=self.programme.pence,
            unallocated_pence=self.programme.pence - self.programme.allocated_pence,
            claims_paid_pence=sum_of("paid"),
            claims_owed_pence=sum_of("approved", "in_payment"),
            schemes=[rules.SchemeBook(self.scheme.code, self.scheme.available_pence, self.scheme.reserved_pence)],
        )

    def accounts(self) -> list[ledger.AccountTotals]:
        accounts = schemes.accounts(self.scheme)
        codes = (
            ledger.AWARD,
            ledger.BANK,
            ledger.PAYABLE,
            ledger.UNALLOCATED,
            accounts.available,
            accounts.reserved,
        )
        return [
            ledger.AccountTotals(
                new_id(), code, code, "fund", max(0, self.balances[code]), max(0, -self.balances[code])
            )
            for code in codes
        ]


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32), length=st.integers(1, 120))
def test_whatever_happens_the_ledger_balances_and_agrees_and_nothing_is_overspent(seed: int, length: int) -> None:
    simulation = Simulation(seed)
    for _ in range(length):
        simulation.step()
        assert sum(simulation.balances.values()) == 0
        assert rules.prove(simulation.accounts(), simulation.books()).agrees
        scheme = simulation.scheme
        assert min(scheme.available_pence, scheme.reserved_pence, scheme.approved_pence - scheme.paid_pence) >= 0
        assert scheme.reserved_pence == sum(reservation.pence for reservation in simulation.assemblies)
        assert all(0 <= reservation.held_pence <= reservation.pence for reservation in simulation.assemblies)
        for reservation in simulation.assemblies:
            assert reservation.held_pence == simulation.waiting_pence(reservation)
            assert reservation.status != "refused" or reservation.pence == 0
        assert all(0 <= entitlement.claimed_pence <= entitlement.pence for _, entitlement, _ in simulation.claims)


def test_a_missing_penny_is_found() -> None:
    simulation = Simulation(1)
    simulation.balances[ledger.BANK] -= 1
    proof = rules.prove(simulation.accounts(), simulation.books())
    different = [reconciliation.name for reconciliation in proof.reconciliations if not reconciliation.agrees]
    assert (proof.total_pence, different) == (-1, ["claims paid = bank credit"])
