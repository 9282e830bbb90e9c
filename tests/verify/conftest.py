"""One platform for all checks of this folder; what they look at has happened on it by then."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support.platform import Platform, running_platform


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform on which the story has been told, with limits that no check reaches."""
    with running_platform(tmp_path_factory.mktemp("checkout"), RATE_LIMIT_FACTOR="100000") as platform:
        platform.impact("story")
        yield platform


@pytest.fixture(scope="session")
def editor_token(platform: Platform) -> str:
    return platform.impact("token", "evidence-editor")


@pytest.fixture
def editor(platform: Platform, editor_token: str) -> Iterator[httpx.Client]:
    """The evidence editor, who asks the gateway directly."""
    headers = {"Authorization": f"Bearer {editor_token}"}
    with httpx.Client(base_url=platform.url, headers=headers, timeout=60) as client:
        yield client
