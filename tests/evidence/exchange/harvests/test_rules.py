from datetime import timedelta

from services.evidence.exchange.harvests import rules
from services.evidence.exchange.harvests.tables import HarvestRun
from shared import clock
from shared.persistence.tables import new_id

NOW = clock.now()


def test_a_page_is_asked_for_again_after_longer_and_longer_for_about_half_an_hour() -> None:
    run = HarvestRun(harvest_id=new_id(), try_at=NOW)
    delays: list[timedelta] = []
    for _ in range(100):
        rules.record_failure(run, "It is away.", NOW)
        if run.status == "failed":
            break
        delays.append(run.try_at - NOW)
    assert delays == [timedelta(seconds=seconds) for seconds in (30, 60, 120, 240, 480, 960)]
    assert timedelta(minutes=25) < sum(delays, timedelta()) < timedelta(minutes=35)
    assert run.problem == "It is away. The run was given up after 7 attempts; what it had stored is kept."


def test_a_source_that_refuses_for_good_is_not_asked_again() -> None:
    run = HarvestRun(harvest_id=new_id(), try_at=NOW)
    rules.fail(run, "It forbids it.", NOW)
    assert (run.status, run.finished_at, run.problem) == ("failed", NOW, "It forbids it.")
