import pytest

from services.funding.participation.entitlements.tables import Entitlement
from services.funding.participation.recoveries import rules
from services.funding.participation.recoveries.tables import RecoveryOutcome
from tests.funding.participation.entitlements.test_rules import CARER, OFFICER, Attendances, paid


def withdrawn() -> tuple[Attendances, Entitlement]:
    """An entitlement of which 5,000 pence were paid before it was withdrawn."""
    person, entitlement = paid(5_000)
    person.correct(entitlement, attended=False)
    person.resolve(entitlement, "corrected")
    return person, entitlement


def close(entitlement: Entitlement, outcome: RecoveryOutcome, pence: int) -> None:
    rules.close(entitlement, outcome, pence, "A reason", OFFICER)


def test_what_was_recovered_is_claimed_no_more_and_can_be_claimed_again() -> None:
    person, entitlement = withdrawn()
    close(entitlement, "recovered", 5_000)
    assert (entitlement.overpaid_pence, entitlement.claimed_pence) == (0, 0)
    person.correct(entitlement, minutes=120)
    assert entitlement.remaining_pence == 5_000


def test_what_was_written_off_counts_as_long_as_it_is_beyond_the_entitlement() -> None:
    person, entitlement = withdrawn()
    close(entitlement, "written_off", 5_000)
    person.correct(entitlement, minutes=60)
    assert (entitlement.overpaid_pence, entitlement.written_off_pence) == (0, 2_500)
    person.correct(entitlement, attended=False)
    person.resolve(entitlement, "corrected")
    assert (entitlement.overpaid_pence, entitlement.written_off_pence) == (2_500, 2_500)
    person.correct(entitlement, minutes=120)
    assert (entitlement.overpaid_pence, entitlement.written_off_pence, entitlement.remaining_pence) == (0, 0, 0)


def test_no_more_than_what_is_open_is_closed_and_never_by_its_person() -> None:
    _, entitlement = withdrawn()
    close(entitlement, "written_off", 2_000)
    with pytest.raises(rules.NotOverpaid, match=r"£30\.00 are overpaid"):
        close(entitlement, "recovered", 3_001)
    with pytest.raises(rules.OwnEntitlement):
        rules.close(entitlement, "recovered", 1, "A reason", CARER)
