"""The short version of `python -m tests.faults.crashes`: each of the three processes is killed at least once."""

from pathlib import Path

import pytest

from tests.faults import crashes


@pytest.mark.starts_engines
@pytest.mark.parametrize("kafka", [True, False], ids=["kafka", "embedded"])
async def test_whatever_is_killed_nothing_is_lost_doubled_or_out_of_order(kafka: bool, tmp_path: Path) -> None:
    report = await crashes.main(responses=500, attendances=50, spread_seconds=8, seed=2026, logs=tmp_path, kafka=kafka)
    assert set(report.killed) == {"engagement-worker", "funding", "broker"}
    assert (report.lost, report.doubled, report.out_of_order, report.parked) == (0, 0, 0, 0), report
