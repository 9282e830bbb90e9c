from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.funding.participation.entitlements import rules
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.participation.entitlements.terms import (
    Snapshot,
    count_payment,
    count_voided,
    recount_overpaid,
    take_snapshot,
)
from services.funding.programme.rates.tables import RateCard
from shared.events.contracts.funding import EntitlementGranted, EntitlementWithdrawn
from shared.persistence.tables import new_id
from tests.funding.world import HELD_ON, attendance_recorded
from tests.support.callers import CARER, FUNDING_OFFICER

CARD = RateCard(
    name="Rates",
    hour_pence=2_500,
    half_day_pence=7_500,
    day_pence=15_000,
    effective_from=HELD_ON,
    source="a test",
    certainty="invented",
)


TERMS = rules.PaymentTerms(CARD, new_id())
CARDS = {CARD.id: CARD}
NOW = datetime(2026, 11, 10, 18, tzinfo=UTC)
OFFICER = FUNDING_OFFICER
Events = list[type[EntitlementGranted] | type[EntitlementWithdrawn]]


class Attendances:
    """The attendances of one person, and what they entitle to."""

    def __init__(self, cards: dict[UUID, RateCard] | None = None) -> None:
        self.cards = cards or CARDS
        self.rows: list[Entitlement] = []
        self.now = NOW

    def attend(self, starts_at: time | None = None, minutes: int = 120) -> Entitlement:
        recorded = attendance_recorded(CARER, minutes, new_id(), starts_at=starts_at)
        before = take_snapshot(self.rows)
        entitlement = rules.grant(recorded, TERMS)
        self.now += timedelta(minutes=1)
        entitlement.granted_at = self.now
        self.rows.append(entitlement)
        self.reconcile(before)
        return entitlement

    def correct(self, entitlement: Entitlement, *, attended: bool = True, **facts: Any) -> Events:
        """Correct an attendance: as it was granted, unless other facts are given. Returns the events."""
        facts = {"minutes": entitlement.minutes, "starts_at": entitlement.starts_at, **facts}
        event = attendance_recorded(CARER, assembly=entitlement.assembly_id, attended=attended, **facts)
        card = next(card for card in self.cards.values() if card.effective_from <= event.held_on)
        before = take_snapshot(self.rows)
        self.now += timedelta(minutes=1)
        rules.correct(entitlement, event, card if attended else None, now=self.now)
        return self.reconcile(before)

    def resolve(self, entitlement: Entitlement, resolution: rules.Resolution) -> Events:
        before = take_snapshot(self.rows)
        rules.resolve(entitlement, resolution, OFFICER, now=self.now)
        return self.reconcile(before)

    def return_claim(self, entitlement: Entitlement, pence: int) -> Events:
        """Return a claim to its person."""
        rules.remove_claim(entitlement, pence)
        before = take_snapshot(self.rows)
        return self.reconcile(before) if rules.follow_attendance(entitlement, now=self.now) else []

    def reconcile(self, before: dict[UUID, Snapshot]) -> Events:
        return [type(event) for _, event in rules.reconcile(self.rows, self.cards, before)]

    @property
    def pence(self) -> list[int]:
        return [row.entitled_pence for row in self.rows]


def granted(minutes: int = 120) -> tuple[Attendances, Entitlement]:
    person = Attendances()
    return person, person.attend(minutes=minutes)


def test_whoever_took_part_may_be_paid_at_the_rate_of_that_day() -> None:
    entitlement = rules.grant(attendance_recorded(CARER, 120, new_id()), TERMS)
    ((_, event),) = rules.reconcile([entitlement], CARDS, {})
    assert (entitlement.pence, entitlement.rate_card_id, entitlement.held_on) == (5_000, CARD.id, HELD_ON)
    assert isinstance(event, EntitlementGranted)
    assert (event.pence, event.person_id, event.entitlement_id) == (5_000, CARER.id, entitlement.id)


def test_a_correction_before_any_claim_withdraws_and_the_next_grants_again() -> None:
    person, entitlement = granted()
    assert person.correct(entitlement, attended=False) == [EntitlementWithdrawn]
    assert entitlement.status == "withdrawn"
    assert person.correct(entitlement, attended=False) == []
    assert person.correct(entitlement) == [EntitlementGranted]
    assert (entitlement.status, entitlement.pence) == ("granted", 5_000)


def test_a_correction_after_a_claim_puts_the_entitlement_in_question_and_one_back_ends_it() -> None:
    person, entitlement = granted()
    rules.add_claim(entitlement, 5_000)
    assert person.correct(entitlement, attended=False) == []
    assert (entitlement.status, entitlement.in_question, entitlement.attendance_pence) == ("granted", True, None)
    assert person.correct(entitlement) == []
    assert (entitlement.in_question, entitlement.attendance_pence) == (False, 5_000)


def test_other_minutes_change_the_amount_until_something_is_claimed() -> None:
    person, entitlement = granted()
    assert person.correct(entitlement, minutes=300) == [EntitlementGranted]
    assert entitlement.pence == 15_000
    rules.add_claim(entitlement, 1)
    assert person.correct(entitlement, minutes=120) == []
    assert (entitlement.pence, entitlement.attendance_pence, entitlement.in_question) == (15_000, 5_000, True)


def test_another_day_changes_the_entitlement_and_its_rate_card_even_where_the_sum_stays() -> None:
    day = HELD_ON + timedelta(days=1)
    card = RateCard.model_validate(CARD.model_dump() | {"id": new_id(), "effective_from": day})
    person = Attendances({card.id: card, **CARDS})
    entitlement = person.attend()
    assert person.correct(entitlement, held_on=day) == [EntitlementGranted]
    assert (entitlement.pence, entitlement.held_on, entitlement.rate_card_id) == (5_000, day, card.id)


def test_another_day_after_a_claim_is_for_a_funding_officer_to_decide() -> None:
    person, entitlement = granted()
    rules.add_claim(entitlement, 5_000)
    assert person.correct(entitlement, held_on=HELD_ON + timedelta(days=1)) == []
    assert (entitlement.held_on, entitlement.in_question) == (HELD_ON, True)


def test_the_same_attendance_again_changes_nothing() -> None:
    person, entitlement = granted()
    assert person.correct(entitlement) == []


@pytest.mark.parametrize(
    ("correction", "status", "pence", "event"),
    [
        ({"attended": False}, "withdrawn", 0, EntitlementWithdrawn),
        ({"minutes": 60}, "granted", 2_500, EntitlementGranted),
        ({"minutes": 300}, "granted", 15_000, EntitlementGranted),
    ],
)
def test_a_corrected_entitlement_follows_its_attendance_to_less_more_or_nothing(
    correction: dict[str, Any], status: str, pence: int, event: type[EntitlementGranted]
) -> None:
    person, entitlement = granted()
    rules.add_claim(entitlement, 5_000)
    person.correct(entitlement, **correction)
    assert person.resolve(entitlement, "corrected") == [event]
    assert (entitlement.status, entitlement.entitled_pence, entitlement.in_question) == (status, pence, False)


def test_what_stands_stays_until_the_attendance_is_corrected_once_more() -> None:
    person, entitlement = granted()
    rules.add_claim(entitlement, 5_000)
    person.correct(entitlement, attended=False)
    assert person.resolve(entitlement, "stands") == []
    assert (entitlement.status, entitlement.in_question) == ("granted", False)
    assert person.correct(entitlement, attended=False) == []
    assert not entitlement.in_question, "it says what it said when the officer decided"
    assert person.return_claim(entitlement, 5_000) == []
    assert entitlement.entitled_pence == 5_000, "the person may claim what the officer let stand"
    rules.add_claim(entitlement, 5_000)
    person.correct(entitlement, minutes=60)
    assert entitlement.in_question


def test_a_withdrawn_entitlement_comes_back_with_the_attendance_even_while_something_is_claimed() -> None:
    person, entitlement = granted()
    rules.add_claim(entitlement, 5_000)
    person.correct(entitlement, attended=False)
    person.resolve(entitlement, "corrected")
    assert person.correct(entitlement) == [EntitlementGranted]
    assert (entitlement.status, entitlement.in_question, entitlement.remaining_pence) == ("granted", False, 0)
    rules.require_payable(entitlement, 5_000)
    person.correct(entitlement, attended=False)
    person.resolve(entitlement, "corrected")
    assert person.correct(entitlement, minutes=180) == [EntitlementGranted]
    assert entitlement.remaining_pence == 2_500, "what was too little can be claimed"


def test_an_entitlement_in_question_follows_its_attendance_once_nothing_is_claimed_any_more() -> None:
    person, entitlement = granted()
    rules.add_claim(entitlement, 3_000)
    rules.add_claim(entitlement, 2_000)
    person.correct(entitlement, minutes=60)
    assert person.return_claim(entitlement, 2_000) == []
    assert entitlement.in_question
    assert person.return_claim(entitlement, 3_000) == [EntitlementGranted]
    assert (entitlement.pence, entitlement.in_question) == (2_500, False)


def test_a_claim_for_more_than_a_corrected_entitlement_says_is_not_paid() -> None:
    person, entitlement = granted()
    rules.add_claim(entitlement, 5_000)
    person.correct(entitlement, minutes=60)
    with pytest.raises(rules.EntitlementInQuestion):
        rules.require_payable(entitlement, 5_000)
    person.resolve(entitlement, "corrected")
    with pytest.raises(rules.ClaimsExceedEntitlement):
        rules.require_payable(entitlement, 5_000)
    rules.require_payable(entitlement, 0)
    with pytest.raises(rules.MoreThanEntitled, match=r"Nothing is left .* Leave it out"):
        rules.add_claim(entitlement, 1)
    person.return_claim(entitlement, 5_000)
    rules.add_claim(entitlement, 2_500)
    rules.require_payable(entitlement, 2_500)


def paid(pence: int = 5_000) -> tuple[Attendances, Entitlement]:
    person, entitlement = granted()
    rules.add_claim(entitlement, pence)
    count_payment(entitlement, pence)
    return person, entitlement


def test_what_was_paid_beyond_a_corrected_entitlement_is_overpaid() -> None:
    person, entitlement = paid()
    person.correct(entitlement, minutes=60)
    assert entitlement.overpaid_pence == 0, "nobody has decided yet"
    person.resolve(entitlement, "corrected")
    assert entitlement.overpaid_pence == 2_500
    person.correct(entitlement, attended=False)
    person.resolve(entitlement, "corrected")
    assert entitlement.overpaid_pence == 5_000
    person.correct(entitlement, minutes=120)
    assert (entitlement.overpaid_pence, entitlement.remaining_pence) == (0, 0)


def test_a_payment_that_arrives_after_the_withdrawal_is_overpaid() -> None:
    person, entitlement = granted()
    rules.add_claim(entitlement, 5_000)
    person.correct(entitlement, attended=False)
    person.resolve(entitlement, "corrected")
    count_payment(entitlement, 5_000)
    assert entitlement.overpaid_pence == 5_000


def test_a_payment_that_was_voided_is_claimed_and_neither_paid_nor_overpaid() -> None:
    person, entitlement = paid()
    person.correct(entitlement, attended=False)
    person.resolve(entitlement, "corrected")
    entitlement.recovered_pence, entitlement.claimed_pence = 2_000, 3_000
    recount_overpaid(entitlement)
    assert entitlement.overpaid_pence == 3_000
    count_voided(entitlement, 5_000)
    assert (entitlement.paid_pence, entitlement.recovered_pence, entitlement.overpaid_pence) == (0, 0, 0)
    assert entitlement.claimed_pence == 5_000, "the claim is owed again, and asks for all of it"


def test_involvement_payments_of_all_claims_stay_within_the_entitlement() -> None:
    _, entitlement = granted()
    rules.add_claim(entitlement, 3_000)
    with pytest.raises(rules.MoreThanEntitled, match=r"£20\.00 left"):
        rules.add_claim(entitlement, 2_001)
    rules.add_claim(entitlement, 2_000)
    rules.remove_claim(entitlement, 3_000)
    assert (entitlement.claimed_pence, entitlement.submitted_claims) == (2_000, 1)


def test_nothing_is_claimed_on_what_was_withdrawn_or_is_in_question() -> None:
    person, entitlement = granted()
    rules.add_claim(entitlement, 1)
    person.correct(entitlement, attended=False)
    with pytest.raises(rules.EntitlementInQuestion):
        rules.add_claim(entitlement, 1)
    with pytest.raises(rules.OwnEntitlement):
        rules.resolve(entitlement, "stands", CARER, now=NOW)
    assert person.resolve(entitlement, "corrected") == [EntitlementWithdrawn]
    with pytest.raises(rules.EntitlementWithdrawnAlready):
        rules.add_claim(entitlement, 1)
    with pytest.raises(rules.NotInQuestion):
        rules.resolve(entitlement, "stands", OFFICER, now=NOW)
