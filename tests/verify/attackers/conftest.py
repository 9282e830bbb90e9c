"""A platform of their own: what attackers change or take away is nobody else's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.platform import Platform, running_platform

UNEXPECTED = "unexpected failure"
"""What the gateway and the services log where an error was foreseen by nobody."""


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running_platform(tmp_path_factory.mktemp("attacked"), RATE_LIMIT_FACTOR="100000") as platform:
        platform.impact("story")
        yield platform


@pytest.fixture
def failures(platform: Platform) -> Iterator[None]:
    """Fails the test when a process of the platform has logged a failure that nobody foresaw, or was started again."""
    logs = sorted((platform.folder / ".impact" / "logs").glob("*.log"))
    before = {log: log.stat().st_size for log in logs}
    assert any("gateway" in log.name for log in logs)
    revived = (platform.folder / "up.log").read_text().count("started again")
    yield
    assert (platform.folder / "up.log").read_text().count("started again") == revived
    assert [line for log in logs for line in unforeseen(log, before[log])] == []


def unforeseen(log: Path, offset: int) -> list[str]:
    """The lines since then that tell of a failure nobody foresaw."""
    with log.open("rb") as file:
        file.seek(offset)
        lines = file.read().decode(errors="replace").splitlines()
    return [f"{log.name}: {line[:500]}" for line in lines if UNEXPECTED in line or line.startswith("Traceback")]
