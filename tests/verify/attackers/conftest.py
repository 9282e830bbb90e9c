"""A separate platform, whose data the attacks may change."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.platform import Platform, running_platform

UNEXPECTED_FAILURE = "unexpected failure"
"""What the gateway and the services log for an unexpected error."""


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running_platform(tmp_path_factory.mktemp("attacked"), RATE_LIMIT_FACTOR="100000") as platform:
        platform.impact("story")
        yield platform


@pytest.fixture
def failures(platform: Platform) -> Iterator[None]:
    """Fail the test when a process of the platform logged an unexpected error, or was restarted."""
    logs = sorted((platform.folder / ".impact" / "logs").glob("*.log"))
    before = {log: log.stat().st_size for log in logs}
    assert any("gateway" in log.name for log in logs)
    restarts = (platform.folder / "up.log").read_text().count("started again")
    yield
    assert (platform.folder / "up.log").read_text().count("started again") == restarts
    assert [line for log in logs for line in unexpected_lines(log, before[log])] == []


def unexpected_lines(log: Path, offset: int) -> list[str]:
    """Return the lines after the offset that report an unexpected error."""
    with log.open("rb") as file:
        file.seek(offset)
        lines = file.read().decode(errors="replace").splitlines()
    return [f"{log.name}: {line[:500]}" for line in lines if UNEXPECTED_FAILURE in line or line.startswith("Traceback")]
