from datetime import date, time, timedelta

import pytest

from services.engagement.meetings.assemblies.tables import Assembly, AssemblyStatus
from services.engagement.meetings.attendance import rules
from shared.persistence.tables import new_id

DAY = date(2027, 4, 21)


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
        rules.check_held(assembly(status), DAY)


def test_attendance_is_recorded_from_the_day_itself_on() -> None:
    rules.check_held(assembly("open"), DAY)
    with pytest.raises(rules.AssemblyNotHeld, match="21 April 2027"):
        rules.check_held(assembly("open"), DAY - timedelta(days=1))
