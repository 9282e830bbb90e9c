"""nginx with and without buffering, HAProxy, and the reverse proxy of Go's library, in front of one gateway."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.platform import Platform
from tests.verify.programs import SEARCH_PATH, program
from tests.verify.proxies.servers import HERE, RunningProxy, run_go_proxy, run_haproxy, run_nginx


@pytest.fixture(scope="session")
def nginx(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, RunningProxy]]:
    with run_nginx(platform.url, tmp_path_factory.mktemp("nginx")) as proxies:
        yield proxies


@pytest.fixture(scope="session")
def haproxy(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProxy]:
    with run_haproxy(platform.url, tmp_path_factory.mktemp("haproxy")) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def go_executable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build reverse_proxy.go."""
    executable = tmp_path_factory.mktemp("go") / "reverse_proxy"
    subprocess.run(
        [program("go"), "build", "-o", executable, HERE / "reverse_proxy.go"],
        check=True,
        env={**os.environ, "PATH": SEARCH_PATH},
    )
    return executable


@pytest.fixture(scope="session")
def go_proxy(
    platform: Platform, go_executable: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningProxy]:
    with run_go_proxy(platform.url, tmp_path_factory.mktemp("go_proxy"), go_executable) as proxy:
        yield proxy


@pytest.fixture(params=["nginx, buffered", "nginx, unbuffered", "haproxy", "go"])
def proxy(request: pytest.FixtureRequest) -> str:
    """Return the address of a proxy in front of the gateway."""
    if request.param == "go":
        return request.getfixturevalue("go_proxy").url
    if request.param == "haproxy":
        return request.getfixturevalue("haproxy").url
    return request.getfixturevalue("nginx")[request.param].url
