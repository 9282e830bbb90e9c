from datetime import timedelta

import pytest

from services.funding.participation.entitlements import rules
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.programme.rates.tables import RateCard
from shared.events.contracts.engagement import AttendanceRecorded
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


def granted(minutes: int = 120) -> tuple[Entitlement, AttendanceRecorded]:
    recorded = attendance_recorded(CARER, minutes, new_id())
    return rules.grant(recorded, rules.PaymentTerms(CARD, new_id()))[0], recorded


def corrected(recorded: AttendanceRecorded, **facts: object) -> AttendanceRecorded:
    return recorded.model_copy(update=facts)


def test_whoever_took_part_may_be_paid_at_the_rate_of_that_day() -> None:
    recorded = attendance_recorded(CARER, 120, new_id())
    entitlement, event = rules.grant(recorded, rules.PaymentTerms(CARD, new_id()))
    assert (entitlement.pence, entitlement.rate_card_id, entitlement.held_on) == (5_000, CARD.id, HELD_ON)
    assert (event.pence, event.person_id, event.entitlement_id) == (5_000, CARER.id, entitlement.id)


def test_a_correction_before_any_claim_withdraws_and_the_next_grants_again() -> None:
    entitlement, recorded = granted()
    assert isinstance(rules.correct(entitlement, corrected(recorded, attended=False), None), EntitlementWithdrawn)
    assert entitlement.status == "withdrawn"
    assert rules.correct(entitlement, corrected(recorded, attended=False), None) is None
    assert isinstance(rules.correct(entitlement, recorded, CARD), EntitlementGranted)
    assert entitlement.status == "granted"


def test_a_correction_after_a_claim_puts_the_entitlement_in_question() -> None:
    entitlement, recorded = granted()
    rules.add_claim(entitlement, 5_000)
    assert rules.correct(entitlement, corrected(recorded, attended=False), None) is None
    assert (entitlement.status, entitlement.in_question) == ("granted", True)
    assert rules.correct(entitlement, recorded, CARD) is None
    assert not entitlement.in_question


def test_other_minutes_change_the_amount_until_something_is_claimed() -> None:
    entitlement, recorded = granted()
    event = rules.correct(entitlement, corrected(recorded, minutes=300), CARD)
    assert isinstance(event, EntitlementGranted)
    assert event.pence == entitlement.pence == 15_000
    rules.add_claim(entitlement, 1)
    assert rules.correct(entitlement, recorded, CARD) is None
    assert (entitlement.pence, entitlement.in_question) == (15_000, True)


def test_another_day_changes_the_entitlement_and_its_rate_card_even_where_the_sum_stays() -> None:
    entitlement, recorded = granted()
    day = HELD_ON + timedelta(days=1)
    card = RateCard.model_validate(CARD.model_dump() | {"id": new_id(), "effective_from": day})
    assert isinstance(rules.correct(entitlement, corrected(recorded, held_on=day), card), EntitlementGranted)
    assert (entitlement.pence, entitlement.held_on, entitlement.rate_card_id) == (5_000, day, card.id)


def test_another_day_after_a_claim_is_for_a_funding_officer_to_decide() -> None:
    entitlement, recorded = granted()
    rules.add_claim(entitlement, 5_000)
    assert rules.correct(entitlement, corrected(recorded, held_on=HELD_ON + timedelta(days=1)), CARD) is None
    assert (entitlement.held_on, entitlement.in_question) == (HELD_ON, True)


def test_the_same_attendance_again_changes_nothing() -> None:
    entitlement, recorded = granted()
    assert rules.correct(entitlement, recorded, CARD) is None


def test_involvement_payments_of_all_claims_stay_within_the_entitlement() -> None:
    entitlement, _ = granted()
    rules.add_claim(entitlement, 3_000)
    with pytest.raises(rules.MoreThanEntitled, match=r"£20\.00 left"):
        rules.add_claim(entitlement, 2_001)
    rules.add_claim(entitlement, 2_000)
    rules.remove_claim(entitlement, 3_000)
    assert (entitlement.claimed_pence, entitlement.submitted_claims) == (2_000, 1)


def test_nothing_is_claimed_on_what_was_withdrawn_or_is_in_question() -> None:
    entitlement, _ = granted()
    entitlement.in_question = True
    with pytest.raises(rules.EntitlementInQuestion):
        rules.add_claim(entitlement, 1)
    with pytest.raises(rules.OwnEntitlement):
        rules.resolve(entitlement, "stands", CARER)
    assert isinstance(rules.resolve(entitlement, "withdrawn", FUNDING_OFFICER), EntitlementWithdrawn)
    with pytest.raises(rules.EntitlementWithdrawnAlready):
        rules.add_claim(entitlement, 1)
    with pytest.raises(rules.NotInQuestion):
        rules.resolve(entitlement, "stands", FUNDING_OFFICER)
