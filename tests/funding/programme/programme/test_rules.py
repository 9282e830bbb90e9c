import pytest

from services.funding.programme.programme import rules
from services.funding.programme.programme.tables import Programme, Scheme
from shared import clock
from shared.persistence.tables import new_id


def programme(pence: int = 1_000, allocated_pence: int = 600) -> Programme:
    today = clock.today()
    return Programme(name="All", starts_on=today, ends_on=today, pence=pence, allocated_pence=allocated_pence)


def scheme(cap_pence: int = 600, reserved_pence: int = 100, approved_pence: int = 50) -> Scheme:
    return Scheme(
        programme_id=new_id(),
        code="participation",
        name="Participation",
        purpose="Taking part",
        cap_pence=cap_pence,
        reserved_pence=reserved_pence,
        approved_pence=approved_pence,
    )


def test_a_cap_grows_only_within_the_award() -> None:
    whole, part = programme(), scheme()
    raised = rules.set_cap(whole, part, 1_000)
    assert (whole.allocated_pence, part.cap_pence) == (1_000, 1_000)
    assert [(posting.kind, posting.credit, posting.pence) for posting in raised] == [
        ("allocation", "scheme:participation:available", 400)
    ]
    with pytest.raises(rules.ProgrammeExhausted):
        rules.set_cap(whole, part, 1_001)


def test_a_cap_never_falls_below_what_is_promised() -> None:
    whole, part = programme(), scheme()
    lowered = rules.set_cap(whole, part, 150)
    assert (whole.allocated_pence, part.available_pence) == (150, 0)
    assert [(posting.debit, posting.pence) for posting in lowered] == [("scheme:participation:available", 450)]
    with pytest.raises(rules.CapBelowPromises):
        rules.set_cap(whole, part, 149)


def test_a_cap_that_stays_moves_no_money() -> None:
    assert rules.set_cap(programme(), scheme(), 600) == []


def test_a_scheme_sets_aside_what_it_has_and_says_what_that_is() -> None:
    part = scheme()
    rules.set_aside(part, 450)
    assert part.available_pence == 0
    with pytest.raises(rules.SchemeExhausted) as refused:
        rules.set_aside(part, 1)
    assert refused.value.available_pence == 0
