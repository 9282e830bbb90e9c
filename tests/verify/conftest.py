"""One platform for all checks of this folder, with the data of the story."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support.platform import Platform, running_platform


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Run a platform and the story on it, with rate limits that no check reaches."""
    with running_platform(tmp_path_factory.mktemp("checkout"), RATE_LIMIT_FACTOR="100000") as platform:
        platform.impact("story")
        yield platform


@pytest.fixture(scope="session")
def editor_token(platform: Platform) -> str:
    return platform.impact("token", "evidence-editor")


@pytest.fixture
def editor(platform: Platform, editor_token: str) -> Iterator[httpx.Client]:
    """Return a client of the gateway that is signed in as evidence editor."""
    headers = {"Authorization": f"Bearer {editor_token}"}
    with httpx.Client(base_url=platform.url, headers=headers, timeout=60) as client:
        yield client
