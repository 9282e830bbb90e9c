"""A platform for the journeys, once with each kind of event log: one has the demo library, the other has not."""

from collections.abc import Iterator

import pytest

from tests.support.platform import Platform, running_platform


@pytest.fixture(scope="session", params=["embedded", "kafka"])
def platform(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Start a platform: with Kafka, on which the demo library is planted first; without, an empty one."""
    demo = "true" if request.param == "kafka" else "empty"
    with running_platform(tmp_path_factory.mktemp("checkout"), request.param, DEMO=demo) as platform:
        platform.impact("plant")
        yield platform
