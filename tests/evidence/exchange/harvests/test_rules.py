from datetime import timedelta
from itertools import takewhile

from services.evidence.exchange.harvests import rules
from services.evidence.exchange.harvests.tables import HarvestRun
from shared import clock
from shared.persistence.tables import new_id

NOW = clock.now()


def test_a_page_is_asked_for_again_after_longer_and_longer_for_about_half_an_hour() -> None:
    run = HarvestRun(harvest_id=new_id(), try_at=NOW)
    failures = takewhile(lambda given_up: not given_up, (rules.fail(run, "It is away.", NOW) for _ in range(100)))
    pauses = [run.try_at - NOW for _ in failures]
    assert pauses == [timedelta(seconds=seconds) for seconds in (30, 60, 120, 240, 480, 960)]
    assert timedelta(minutes=25) < sum(pauses, timedelta()) < timedelta(minutes=35)


def test_a_source_that_refuses_for_good_is_not_asked_again() -> None:
    assert rules.fail(HarvestRun(harvest_id=new_id(), try_at=NOW), "It forbids it.", NOW, for_good=True)
