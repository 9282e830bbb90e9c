"""Clients that are generated from the API's description compile and work."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.platform import Platform
from tests.verify.description import save_description
from tests.verify.programs import PACKAGES, TOOLS, npm_file, program, tool

HERE = Path(__file__).parent
NOT_GENERATED = {"POST /v1/bank-messages"}
"""A bank's message in XML, which openapi-python-client does not support as a body."""


@pytest.fixture(scope="module")
def description(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save the API's description. Returns the file."""
    return save_description(platform, tmp_path_factory.mktemp("description"))


@pytest.fixture
def topics(platform: Platform) -> list[str]:
    """Return the names of the topics on the first page."""
    return [topic["name"] for topic in httpx.get(f"{platform.url}/v1/topics").json()["items"]]


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program that must not fail."""
    environment = {**os.environ, "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "500"}
    completed = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert completed.returncode == 0, completed.stdout + completed.stderr
    return completed


def test_a_client_in_python_has_every_call_and_lists_topics(
    platform: Platform, description: Path, topics: list[str], tmp_path: Path
) -> None:
    generate = (tool("openapi-python-client"), "generate", "--meta", "none", "--path", description)
    generated = run(*generate, "--output-path", tmp_path / "impact_client", folder=tmp_path)
    printed = generated.stdout + generated.stderr
    refused = set(re.findall(r"WARNING parsing (\S+ \S+) within .*Endpoint will not be generated", printed))
    assert refused == NOT_GENERATED
    program_of_it = (tool("python"), HERE / "list_topics.py", tmp_path / "impact_client", platform.url)
    client = json.loads(run(*program_of_it, folder=tmp_path).stdout)
    assert client["topics"] == topics
    assert client["calls"] == operations(json.loads(description.read_bytes())) - len(NOT_GENERATED)


def operations(document: dict[str, Any]) -> int:
    methods = {"get", "post", "put", "patch", "delete"}
    return sum(method in methods for path in document["paths"].values() for method in path)


def test_types_for_typescript_compile_strictly_and_list_topics(
    platform: Platform, description: Path, topics: list[str], tmp_path: Path
) -> None:
    node = program("node")
    (tmp_path / "node_modules").symlink_to(PACKAGES)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    for name in ("list_topics.ts", "tsconfig.json"):
        shutil.copy(HERE / name, tmp_path)
    run(node, npm_file("openapi-typescript/bin/cli.js"), description, "-o", "api.d.ts", folder=tmp_path)
    run(node, npm_file("typescript/bin/tsc"), "--project", ".", folder=tmp_path)
    assert json.loads(run(node, "compiled/list_topics.js", platform.url, folder=tmp_path).stdout) == topics
