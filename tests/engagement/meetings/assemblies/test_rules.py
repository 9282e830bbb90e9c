from datetime import date, time
from typing import Any

import pytest

from services.engagement.meetings.assemblies import rules
from services.engagement.meetings.assemblies.tables import Assembly
from shared.events.contracts.engagement import RegistrationOpened
from shared.events.contracts.funding import FundingRefused, RefusalReason
from shared.persistence.tables import new_id
from shared.problems import Invalid

DAY = date(2027, 4, 21)


def assembly(**more: Any) -> Assembly:
    plan: dict[str, Any] = {
        "title": "Breaks that work",
        "topic_id": new_id(),
        "held_on": DAY,
        "starts_at": time(10, 30),
        "minutes": 180,
        "mode": "online",
        "places": 2,
        "expected_cost_pence": 200_000,
        "scheme": "participation",
    }
    return Assembly(**(plan | more))


def refused(of: Assembly, reason: RefusalReason = "scheme_exhausted") -> FundingRefused:
    return FundingRefused(assembly_id=of.id, reason=reason, available_pence=123_450)


def test_registration_opens_once_when_the_money_is_reserved() -> None:
    planned = assembly()
    assert rules.open_registration(planned) == RegistrationOpened(assembly_id=planned.id)
    assert planned.status == "open"
    assert rules.open_registration(planned) is None


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("scheme_exhausted", "has £1,234.50 left, and this assembly needs £2,000.00"),
        ("scheme_unknown", "no funding scheme"),
    ],
)
def test_a_refusal_says_in_plain_words_why_and_what_to_do(reason: RefusalReason, text: str) -> None:
    planned = assembly()
    rules.refuse(planned, refused(planned, reason))
    assert planned.status == "refused"
    assert planned.refusal is not None
    assert text in planned.refusal
    with pytest.raises(rules.AssemblyNotOpen, match="will not take place"):
        rules.take_place(planned, DAY)


def test_money_that_comes_after_a_refusal_opens_registration_and_a_refusal_after_opening_changes_nothing() -> None:
    planned = assembly()
    rules.refuse(planned, refused(planned))
    assert rules.open_registration(planned) is not None
    assert planned.refusal is None
    rules.refuse(planned, refused(planned))
    assert planned.status == "open"


def test_places_are_taken_until_none_is_left_and_come_back() -> None:
    planned = assembly(status="open")
    rules.take_place(planned, DAY)
    rules.take_place(planned, DAY)
    with pytest.raises(rules.AssemblyFull):
        rules.take_place(planned, DAY)
    rules.release_place(planned)
    rules.take_place(planned, DAY)
    assert planned.places_taken == 2


def test_nobody_registers_before_the_money_or_after_the_day() -> None:
    with pytest.raises(rules.AssemblyNotOpen):
        rules.take_place(assembly(), DAY)
    with pytest.raises(rules.AssemblyOver):
        rules.take_place(assembly(status="open"), date(2027, 4, 22))


def test_an_assembly_is_planned_for_a_day_to_come_and_has_a_place_unless_online() -> None:
    rules.check_plan(DAY, DAY, "online", None)
    with pytest.raises(Invalid) as refusal:
        rules.check_plan(date(2027, 4, 20), DAY, "in_person", None)
    assert [error.pointer for error in refusal.value.errors] == ["/held_on", "/place"]
