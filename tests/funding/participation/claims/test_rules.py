from datetime import date, timedelta

import pytest

from services.funding.participation.claims import payment_steps, rules
from services.funding.participation.claims.situations import PAYMENT_UNCLEAR, what_next
from services.funding.participation.claims.tables import Claim, ClaimLine
from services.funding.participation.entitlements import rules as entitlements
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.programme.reservations import rules as reservations
from services.funding.programme.reservations.rules import unplanned_reservation
from services.funding.programme.reservations.tables import Reservation
from services.funding.programme.schemes.tables import Scheme
from shared.persistence.tables import new_id
from tests.funding.world import HELD_ON
from tests.support.callers import APPROVER, CARER, FINANCE

CHRISTMAS = {date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)}
MONDAY = date(2026, 11, 23)


class ClaimCase:
    """A claim and the money behind it."""

    def __init__(
        self, pence: int = 1_000, involvement_pence: int = 0, cap_pence: int = 10_000, reserved_pence: int = 1_000
    ) -> None:
        self.scheme = Scheme(programme_id=new_id(), code="participation", name="P", purpose="p", cap_pence=cap_pence)
        self.entitlement = Entitlement(
            registration_id=new_id(),
            assembly_id=new_id(),
            person_id=CARER.id,
            scheme_id=self.scheme.id,
            rate_card_id=new_id(),
            held_on=HELD_ON,
            minutes=60,
            pence=500,
        )
        self.claim = Claim(
            person_id=CARER.id,
            entitlement_id=self.entitlement.id,
            assembly_id=self.entitlement.assembly_id,
            scheme_id=self.scheme.id,
            pence=pence,
            involvement_pence=involvement_pence,
        )
        self.reservation: Reservation = unplanned_reservation(self.claim.assembly_id, self.scheme)
        self.reservation.pence = self.scheme.reserved_pence = reserved_pence

    @property
    def money(self) -> tuple[Claim, Entitlement, Reservation, Scheme]:
        return self.claim, self.entitlement, self.reservation, self.scheme

    def submit(self, today: date = MONDAY) -> None:
        rules.submit(*self.money, today=today, bank_holidays=CHRISTMAS)

    def decide(self, decision: rules.Decision, reason: str | None = None) -> None:
        rules.decide(*self.money, decision=decision, reason=reason, approver=APPROVER)


def test_submitting_promises_a_date_and_holds_the_money() -> None:
    case = ClaimCase(involvement_pence=500)
    submitted, step = rules.submit(*case.money, today=MONDAY, bank_holidays=CHRISTMAS)
    assert (submitted.promised_on, submitted.pence) == (date(2026, 12, 7), 1_000)
    assert (step.step, step.role) == ("submitted", "claimant")
    assert not case.claim.beyond_reservation
    assert (case.claim.status, case.reservation.held_pence, case.entitlement.claimed_pence) == ("submitted", 1_000, 500)


def test_a_claim_is_submitted_once_and_not_empty() -> None:
    case = ClaimCase()
    case.submit()
    with pytest.raises(rules.ClaimAlreadySubmitted):
        case.submit()
    with pytest.raises(rules.ClaimEmpty):
        ClaimCase(pence=0).submit()


def test_a_claim_stays_within_the_entitlement_and_the_cap() -> None:
    with pytest.raises(entitlements.MoreThanEntitled):
        ClaimCase(involvement_pence=501).submit()
    with pytest.raises(rules.CapExceeded):
        ClaimCase(cap_pence=999, reserved_pence=0).submit()
    with pytest.raises(rules.CapExceeded):
        ClaimCase(cap_pence=999, reserved_pence=10).submit()


def test_a_claim_beyond_the_reservation_waits_for_an_extension() -> None:
    case = ClaimCase(reserved_pence=400)
    case.submit()
    assert (case.claim.beyond_reservation, case.reservation.held_pence) == (True, 0)
    with pytest.raises(rules.BeyondReservation, match=r"£6\.00 is missing"):
        case.decide("approved")
    reservations.extend(case.reservation, case.scheme, 599)
    with pytest.raises(rules.BeyondReservation, match=r"£0\.01 is missing"):
        case.decide("approved")
    reservations.extend(case.reservation, case.scheme, 1)
    case.decide("approved")
    assert (case.claim.status, case.claim.beyond_reservation) == ("approved", False)
    assert (case.scheme.approved_pence, case.scheme.reserved_pence, case.reservation.held_pence) == (1_000, 0, 0)


@pytest.mark.parametrize("decision", ["refused", "returned"])
def test_a_claim_beyond_the_reservation_gives_back_nothing_that_it_did_not_hold(decision: rules.Decision) -> None:
    case = ClaimCase(reserved_pence=400)
    case.submit()
    case.decide(decision, "It was planned for less.")
    assert (case.claim.status, case.claim.beyond_reservation, case.reservation.held_pence) == (decision, False, 0)


def test_an_approval_makes_the_money_owed() -> None:
    case = ClaimCase()
    case.submit()
    case.decide("approved")
    assert (case.claim.status, case.claim.approved_by) == ("approved", APPROVER.id)
    assert (case.scheme.approved_pence, case.scheme.reserved_pence, case.reservation.held_pence) == (1_000, 0, 0)


@pytest.mark.parametrize("decision", ["refused", "returned"])
def test_a_claim_that_is_not_approved_releases_its_money_and_has_a_reason(decision: rules.Decision) -> None:
    case = ClaimCase(involvement_pence=500)
    case.submit()
    with pytest.raises(rules.ReasonNeeded):
        case.decide(decision)
    case.decide(decision, "The bus ticket is of another day.")
    assert (case.claim.status, case.reservation.held_pence, case.entitlement.submitted_claims) == (decision, 0, 0)


def test_a_returned_claim_can_be_submitted_again_with_a_new_promise() -> None:
    case = ClaimCase()
    case.submit()
    case.decide("returned", "Please add the day.")
    rules.require_editable(case.claim)
    case.submit(today=MONDAY + timedelta(days=7))
    assert (case.claim.status, case.claim.promised_on) == ("submitted", date(2026, 12, 14))


def test_nobody_decides_on_their_own_claim_and_nobody_decides_twice() -> None:
    case = ClaimCase()
    case.submit()
    with pytest.raises(rules.OwnClaim):
        rules.decide(*case.money, decision="approved", reason=None, approver=CARER)
    case.decide("approved")
    with pytest.raises(rules.ClaimNotSubmitted):
        case.decide("approved")


def test_totals_are_calculated_from_the_lines() -> None:
    case = ClaimCase()
    kinds: list[tuple[str, int]] = [("involvement_payment", 300), ("travel", 50), ("involvement_payment", 200)]
    lines = [
        ClaimLine.model_validate(
            {"claim_id": case.claim.id, "position": n, "kind": kind, "pence": pence, "spent_on": HELD_ON}
        )
        for n, (kind, pence) in enumerate(kinds)
    ]
    rules.recalculate_totals(case.claim, lines)
    assert (case.claim.pence, case.claim.involvement_pence) == (550, 500)


def test_a_claim_that_the_bank_refused_is_still_owed_and_needs_attention() -> None:
    case = ClaimCase()
    case.submit()
    case.decide("approved")
    payment_steps.add_to_run(case.claim, FINANCE)
    step = payment_steps.refuse_payment(
        case.claim, FINANCE, "bank", "AC04", "This account is closed.", refused_payee_version=1
    )
    assert (case.claim.status, case.claim.needs_attention, case.claim.bank_reason) == ("approved", True, "AC04")
    assert step.reason == "This account is closed."
    assert "Look at your bank details" in what_next(case.claim)


def test_a_claim_that_a_person_calls_not_paid_does_not_blame_the_bank_details() -> None:
    case = ClaimCase()
    case.submit()
    case.decide("approved")
    payment_steps.add_to_run(case.claim, FINANCE)
    payment_steps.refuse_payment(case.claim, FINANCE, "finance", None, "The file never reached the bank.")
    assert (case.claim.needs_attention, case.claim.bank_reason) == (True, None)
    assert what_next(case.claim).startswith("You were not paid yet.")


def test_a_claim_that_may_have_been_paid_says_so_and_is_not_decided() -> None:
    case = ClaimCase()
    case.submit()
    case.decide("approved")
    payment_steps.set_payment_unclear(case.claim, unclear=True)
    assert (case.claim.payment_unclear, case.claim.needs_attention) == (True, True)
    assert what_next(case.claim) == PAYMENT_UNCLEAR
    case.entitlement.status = "withdrawn"
    with pytest.raises(rules.PaymentUnclear):
        case.decide("refused", "The attendance was corrected.")
    payment_steps.set_payment_unclear(case.claim, unclear=False)
    assert (case.claim.payment_unclear, case.claim.needs_attention) == (False, True)


def test_a_claim_that_goes_to_the_bank_again_carries_no_old_refusal() -> None:
    case = ClaimCase()
    case.submit()
    case.decide("approved")
    payment_steps.add_to_run(case.claim, FINANCE)
    payment_steps.refuse_payment(
        case.claim, FINANCE, "bank", "AC04", "This account is closed.", refused_payee_version=1
    )
    payment_steps.add_to_run(case.claim, FINANCE)
    assert (case.claim.status, case.claim.needs_attention, case.claim.bank_reason) == ("in_payment", True, "AC04")
    payment_steps.release(case.claim)
    assert (case.claim.status, case.claim.needs_attention, case.claim.bank_reason) == ("in_payment", False, None)
    assert case.claim.refused_payee_version is None


def test_every_status_tells_the_person_what_comes_next() -> None:
    beyond = ClaimCase(reserved_pence=0)
    beyond.submit()
    assert "the centre has to add money first. It may take longer than 7 December" in what_next(beyond.claim)
    case = ClaimCase()
    assert "Add your costs" in what_next(case.claim)
    case.submit()
    assert "7 December 2026" in what_next(case.claim)
    case.decide("approved")
    assert "Approved" in what_next(case.claim)
    payment_steps.add_to_run(case.claim, FINANCE)
    assert "On its way" in what_next(case.claim)
    payment_steps.pay(case.claim, FINANCE, "bank", paid_on=MONDAY)
    assert what_next(case.claim) == "Paid on 23 November 2026."
