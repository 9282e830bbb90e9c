import pytest

from services.funding.programme.programme.rules import ProgrammeExhausted
from services.funding.programme.programme.tables import Programme
from services.funding.programme.schemes import rules
from services.funding.programme.schemes.tables import Scheme
from shared import clock
from shared.persistence.tables import new_id


def a_programme(pence: int = 1_000, allocated_pence: int = 600) -> Programme:
    today = clock.today()
    return Programme(name="All", starts_on=today, ends_on=today, pence=pence, allocated_pence=allocated_pence)


def a_scheme(cap_pence: int = 600, reserved_pence: int = 100, approved_pence: int = 50) -> Scheme:
    return Scheme(
        programme_id=new_id(),
        code="participation",
        name="Participation",
        purpose="Taking scheme",
        cap_pence=cap_pence,
        reserved_pence=reserved_pence,
        approved_pence=approved_pence,
    )


def test_a_cap_grows_only_within_the_award() -> None:
    programme, scheme = a_programme(), a_scheme()
    raised = rules.set_cap(programme, scheme, 1_000)
    assert (programme.allocated_pence, scheme.cap_pence) == (1_000, 1_000)
    assert [(posting.kind, posting.credit, posting.pence) for posting in raised] == [
        ("allocation", "scheme:participation:available", 400)
    ]
    with pytest.raises(ProgrammeExhausted):
        rules.set_cap(programme, scheme, 1_001)


def test_a_cap_never_falls_below_what_is_committed() -> None:
    programme, scheme = a_programme(), a_scheme()
    lowered = rules.set_cap(programme, scheme, 150)
    assert (programme.allocated_pence, scheme.available_pence) == (150, 0)
    assert [(posting.debit, posting.pence) for posting in lowered] == [("scheme:participation:available", 450)]
    with pytest.raises(rules.CapBelowCommitments):
        rules.set_cap(programme, scheme, 149)


def test_a_cap_that_stays_moves_no_money() -> None:
    assert rules.set_cap(a_programme(), a_scheme(), 600) == []


def test_a_scheme_reserves_what_is_available_and_a_refusal_says_what_that_is() -> None:
    scheme = a_scheme()
    rules.reserve(scheme, 450)
    assert scheme.available_pence == 0
    with pytest.raises(rules.SchemeExhaustedError) as refused:
        rules.reserve(scheme, 1)
    assert refused.value.available_pence == 0
