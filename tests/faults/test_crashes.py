"""The short version of `python -m tests.faults.crashes`: each of the three is killed at least once."""

from pathlib import Path

import pytest

from tests.faults import crashes


@pytest.mark.starts_engines
@pytest.mark.parametrize("kafka", [True, False], ids=["kafka", "embedded"])
async def test_whatever_is_killed_nothing_is_lost_doubled_or_out_of_order(kafka: bool, tmp_path: Path) -> None:
    figures = await crashes.main(responses=500, attendances=50, over=8, seed=2026, logs=tmp_path, kafka=kafka)
    assert set(figures.killed) == {"engagement-worker", "funding", "broker"}
    assert (figures.lost, figures.doubled, figures.out_of_order, figures.parked) == (0, 0, 0, 0), figures
