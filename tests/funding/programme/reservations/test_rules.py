import pytest

from services.funding.programme.programme.rules import SchemeExhausted
from services.funding.programme.programme.tables import Scheme
from services.funding.programme.reservations import rules
from services.funding.programme.reservations.tables import Reservation
from shared.persistence.tables import new_id
from tests.funding.world import planned


def scheme(cap_pence: int = 1_000) -> Scheme:
    return Scheme(programme_id=new_id(), code="participation", name="P", purpose="p", cap_pence=cap_pence)


def reservation(part: Scheme, pence: int = 300) -> Reservation:
    part.reserved_pence += pence
    made = rules.without_plan(new_id(), part)
    made.pence = made.planned_pence = pence
    return made


def test_a_refused_plan_has_its_answer_and_only_a_later_one_gets_another() -> None:
    plan = planned(new_id(), 1_001)
    kept = rules.planned(plan, 2)
    rules.decide(plan, 2, kept, scheme(1_000))
    assert kept.status == "refused"
    assert [rules.answered(kept, sequence) for sequence in (1, 2, 3)] == [True, True, False]


def test_a_claim_draws_on_what_its_assembly_has_first() -> None:
    part = scheme()
    kept = reservation(part)
    assert rules.hold(kept, part, 300, new_id()) == []
    assert (kept.free_pence, part.available_pence) == (0, 700)


def test_what_the_assembly_lacks_comes_from_the_scheme() -> None:
    part = scheme()
    kept = reservation(part)
    (posting,) = rules.hold(kept, part, 450, new_id())
    assert (posting.kind, posting.pence) == ("reserve", 150)
    assert (kept.pence, kept.held_pence, part.available_pence) == (450, 450, 550)


def test_what_neither_has_is_refused_with_what_there_is() -> None:
    part = scheme()
    kept = reservation(part)
    with pytest.raises(SchemeExhausted) as refused:
        rules.hold(kept, part, 1_001, new_id())
    assert refused.value.available_pence == 1_000
    assert (kept.pence, kept.held_pence) == (300, 0)


def test_what_a_refused_claim_held_is_free_for_others_of_the_assembly() -> None:
    part = scheme()
    kept = reservation(part)
    rules.hold(kept, part, 200, new_id())
    rules.close_connection(kept, 200)
    assert (kept.free_pence, kept.pence) == (300, 300)


def test_only_what_no_claim_speaks_for_is_given_back() -> None:
    part = scheme()
    kept = reservation(part)
    rules.hold(kept, part, 100, new_id())
    (posting,) = rules.release_unused(kept, part)
    assert (posting.kind, posting.pence, kept.pence, part.available_pence) == ("release", 200, 100, 900)
    with pytest.raises(rules.NothingToRelease):
        rules.release_unused(kept, part)
