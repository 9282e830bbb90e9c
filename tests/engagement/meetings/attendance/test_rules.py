from datetime import UTC, date, datetime, time, timedelta

import pytest

from services.engagement.meetings.assemblies.tables import Assembly, AssemblyStatus
from services.engagement.meetings.attendance import rules
from shared.persistence.tables import new_id

DAY = date(2027, 4, 21)
END = datetime(2027, 4, 21, 12, 30, tzinfo=UTC)


def assembly(status: AssemblyStatus) -> Assembly:
    return Assembly(
        title="Breaks that work",
        topic_id=new_id(),
        held_on=DAY,
        starts_at=time(10, 30),
        minutes=180,
        mode="online",
        places=2,
        expected_cost_pence=200_000,
        scheme="participation",
        status=status,
    )


@pytest.mark.parametrize("status", ["awaiting_funding", "refused"])
def test_nobody_took_part_in_an_assembly_that_never_opened(status: AssemblyStatus) -> None:
    with pytest.raises(rules.AssemblyNotHeld, match="never opened"):
        rules.check_held(assembly(status), END)


def test_attendance_is_recorded_from_the_end_on() -> None:
    rules.check_held(assembly("open"), END)
    with pytest.raises(rules.AssemblyNotHeld, match="on 21 April 2027 at 13:30, or later"):
        rules.check_held(assembly("open"), END - timedelta(seconds=1))
