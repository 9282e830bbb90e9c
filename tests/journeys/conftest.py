"""A platform for the journeys, once with each kind of event log."""

from collections.abc import Iterator

import pytest

from tests.support.platform import Platform, running_platform


@pytest.fixture(scope="session", params=["embedded", "kafka"])
def platform(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running_platform(tmp_path_factory.mktemp("checkout"), request.param) as platform:
        yield platform
