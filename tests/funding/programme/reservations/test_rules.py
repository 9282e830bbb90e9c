import pytest

from services.funding.programme.reservations import rules
from services.funding.programme.reservations.tables import Reservation
from services.funding.programme.schemes.rules import SchemeExhaustedError
from services.funding.programme.schemes.tables import Scheme
from shared.persistence.tables import new_id
from tests.funding.world import assembly_planned


def a_scheme(cap_pence: int = 1_000) -> Scheme:
    return Scheme(programme_id=new_id(), code="participation", name="P", purpose="p", cap_pence=cap_pence)


def a_reservation(scheme: Scheme, pence: int = 300) -> Reservation:
    scheme.reserved_pence += pence
    reservation = rules.unplanned_reservation(new_id(), scheme)
    reservation.pence = reservation.planned_pence = pence
    return reservation


def test_a_refused_plan_is_decided_and_only_a_later_one_is_decided_again() -> None:
    plan = assembly_planned(new_id(), 1_001)
    reservation = rules.new_reservation(plan, 2)
    rules.decide(plan, 2, reservation, a_scheme(1_000))
    assert reservation.status == "refused"
    assert [rules.is_decided(reservation, sequence) for sequence in (1, 2, 3)] == [True, True, False]


def test_a_claim_draws_on_what_its_assembly_has_first() -> None:
    scheme = a_scheme()
    reservation = a_reservation(scheme)
    assert rules.hold(reservation, scheme, 300)
    assert (reservation.free_pence, scheme.available_pence) == (0, 700)


def test_what_the_assembly_lacks_comes_from_the_scheme_only_by_an_extension() -> None:
    scheme = a_scheme()
    reservation = a_reservation(scheme)
    assert not rules.hold(reservation, scheme, 450)
    assert (reservation.pence, reservation.held_pence, scheme.available_pence) == (300, 0, 700)
    assert rules.missing_pence(reservation, 450) == 150
    (posting,) = rules.extend(reservation, scheme, 150)
    assert (posting.kind, posting.pence) == ("reserve", 150)
    assert rules.hold(reservation, scheme, 450)
    assert (reservation.pence, reservation.held_pence, scheme.available_pence) == (450, 450, 550)


def test_an_assembly_without_a_plan_has_nothing_until_it_is_extended() -> None:
    scheme = a_scheme()
    reservation = rules.unplanned_reservation(new_id(), scheme)
    assert not rules.hold(reservation, scheme, 1)
    rules.extend(reservation, scheme, 1)
    assert rules.hold(reservation, scheme, 1)


def test_a_refused_assembly_is_extended_from_the_scheme_that_pays_its_claims() -> None:
    scheme = a_scheme()
    reservation = rules.new_reservation(assembly_planned(new_id(), 1_001), 1)
    assert not rules.hold(reservation, scheme, 10)
    assert (reservation.scheme_id, reservation.status) == (scheme.id, "refused")
    rules.extend(reservation, scheme, 10)
    assert reservation.status == "reserved"


def test_an_extension_is_at_most_what_the_scheme_has() -> None:
    scheme = a_scheme()
    reservation = a_reservation(scheme)
    with pytest.raises(SchemeExhaustedError) as refused:
        rules.extend(reservation, scheme, 701)
    assert refused.value.available_pence == 700
    assert (reservation.pence, scheme.reserved_pence) == (300, 300)


def test_more_than_reservation_and_scheme_have_is_refused_with_what_they_have() -> None:
    scheme = a_scheme()
    reservation = a_reservation(scheme)
    with pytest.raises(SchemeExhaustedError) as refused:
        rules.hold(reservation, scheme, 1_001)
    assert refused.value.available_pence == 1_000
    assert (reservation.pence, reservation.held_pence) == (300, 0)


def test_what_a_refused_claim_held_is_free_for_others_of_the_assembly() -> None:
    scheme = a_scheme()
    reservation = a_reservation(scheme)
    rules.hold(reservation, scheme, 200)
    rules.release_hold(reservation, 200)
    assert (reservation.free_pence, reservation.pence) == (300, 300)


def test_only_what_no_claim_holds_is_released() -> None:
    scheme = a_scheme()
    reservation = a_reservation(scheme)
    rules.hold(reservation, scheme, 100)
    (posting,) = rules.release_unused(reservation, scheme)
    assert (posting.kind, posting.pence, reservation.pence, scheme.available_pence) == ("release", 200, 100, 900)
    with pytest.raises(rules.NothingToRelease):
        rules.release_unused(reservation, scheme)
