"""A refusal names what can be done, and never "lower it to £0.00": where nothing is left, something else is."""

from collections.abc import Callable

import pytest

from services.funding.participation.claims import rules as claims
from services.funding.participation.claims.tables import ClaimStatus
from services.funding.participation.entitlements import rules as entitlements
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.participation.extensions import rules as extensions
from services.funding.participation.recoveries import rules as recoveries
from services.funding.programme.programme import rules as programme
from services.funding.programme.programme.tables import Programme
from services.funding.programme.reservations.rules import unplanned_reservation
from services.funding.programme.schemes.tables import Scheme
from shared.persistence.tables import new_id
from shared.problems import Problem
from tests.funding.participation.claims.test_situations import claim_in
from tests.funding.world import HELD_ON
from tests.support.callers import CARER, FUNDING_OFFICER


def entitlement(pence: int = 0, overpaid_pence: int = 0) -> Entitlement:
    return Entitlement(
        registration_id=new_id(),
        assembly_id=new_id(),
        scheme_id=new_id(),
        rate_card_id=new_id(),
        person_id=CARER.id,
        held_on=HELD_ON,
        minutes=60,
        pence=pence,
        overpaid_pence=overpaid_pence,
    )


def claim(left_pence: int) -> None:
    entitlements.add_claim(entitlement(left_pence), 500)


def close(left_pence: int) -> None:
    recoveries.close(entitlement(0, left_pence), "recovered", 500, "", FUNDING_OFFICER)


def extend(left_pence: int) -> None:
    scheme = Scheme(programme_id=new_id(), code="p", name="P", purpose="p", cap_pence=left_pence)
    reservation = unplanned_reservation(new_id(), scheme)
    extensions.extend(reservation, scheme, pence=500, reason="", officer=FUNDING_OFFICER, took_part=False)


def allocate(left_pence: int) -> None:
    year = {"name": "P", "starts_on": HELD_ON, "ends_on": HELD_ON}
    row = Programme.model_validate(year | {"pence": 1_000, "allocated_pence": 1_000 - left_pence})
    programme.require_unallocated(row, 500)


@pytest.mark.parametrize(
    ("refuse", "possible", "with_nothing_left"),
    [
        (claim, "£1.00 left for that day. Lower it to that", "Leave it out of this claim"),
        (extend, "£1.00 left. Raise its cap first", "It has nothing left. Raise its cap first (PATCH /v1/schemes/"),
        (close, "£1.00 are overpaid and open. Close at most that", "/v1/entitlements?overpaid=true"),
        (allocate, "£1.00 more together. Choose a lower cap", "lower the cap of another scheme first (PATCH"),
    ],
    ids=["involvement payment", "scheme", "overpayment", "programme"],
)
def test_nobody_is_asked_to_take_what_is_left_where_nothing_is(
    refuse: Callable[[int], object], possible: str, with_nothing_left: str
) -> None:
    with pytest.raises(Problem) as some:
        refuse(100)
    with pytest.raises(Problem) as nothing:
        refuse(0)
    assert possible in some.value.detail
    assert with_nothing_left in nothing.value.detail
    assert not any(offer in nothing.value.detail for offer in ("£0.00", "Lower it", "extend by less", "at most that"))
    assert "lower cap" not in nothing.value.detail


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("submitted", "ask the centre to return it"),
        ("in_payment", "until the payment goes to the bank"),
        ("refused", "Begin a new claim for the same entitlement (POST /v1/claims)"),
        ("paid", "begin a new claim for the same entitlement (POST /v1/claims)"),
    ],
)
def test_a_claim_that_cannot_be_changed_says_what_can_be_done_instead(status: ClaimStatus, words: str) -> None:
    with pytest.raises(claims.ClaimAlreadySubmitted) as refusal:
        claims.require_editable(claim_in(status))
    assert words in refusal.value.detail


def test_a_claim_that_was_returned_is_kept_and_can_stay_as_it_is() -> None:
    with pytest.raises(claims.ClaimAlreadySubmitted, match="may stay as it is"):
        claims.require_draft(claim_in("returned"))
