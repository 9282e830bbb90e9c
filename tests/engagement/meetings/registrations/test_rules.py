import pytest

from services.engagement.meetings.registrations import rules
from services.engagement.meetings.registrations.tables import Registration
from shared.persistence.tables import new_id


def registration(*, attended: bool | None = None) -> Registration:
    return Registration(assembly_id=new_id(), person_id=new_id(), access_needs=b"", attended=attended)


@pytest.mark.parametrize("attended", [None, False])
def test_whoever_has_not_taken_part_gives_the_place_back_once(attended: bool | None) -> None:
    row = registration(attended=attended)
    assert rules.cancel(row)
    assert row.status == "cancelled"
    assert not rules.cancel(row)


def test_whoever_has_taken_part_keeps_the_place() -> None:
    row = registration(attended=True)
    with pytest.raises(rules.AlreadyAttended):
        rules.cancel(row)
    assert row.status == "registered"
