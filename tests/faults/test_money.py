"""The short version of `python -m tests.faults.money`: each of the four processes is killed at least once."""

from pathlib import Path

import pytest

from tests.faults.money import scenario


@pytest.mark.starts_engines
async def test_whatever_is_killed_money_is_paid_once_and_nothing_is_forgotten(tmp_path: Path) -> None:
    report = await scenario.main(seconds=15, seed=2026, logs=tmp_path)
    assert report.holds, str(report)
    assert set(report.killed) == set(scenario.VICTIMS)
    assert report.paid > 0
