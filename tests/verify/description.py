"""The API's description as programs of others are given it."""

import json
import time
from pathlib import Path
from typing import Any

import httpx

from tests.support.platform import Platform

FIRST_PATHS = frozenset({"/v1/topics", "/v1/assemblies", "/v1/schemes", "/v1/api-clients"})
"""One of each service: the gateway leaves out a service that did not describe itself in time, and asks it again."""
COMPLETE_TIMEOUT_SECONDS = 60


def save_description(platform: Platform, folder: Path) -> Path:
    """Write /openapi.json into a file of that folder once it has every service in it."""
    deadline = time.monotonic() + COMPLETE_TIMEOUT_SECONDS
    while True:
        response = httpx.get(f"{platform.url}/openapi.json", timeout=60)
        document: dict[str, Any] = json.loads(response.content)
        if document["paths"].keys() >= FIRST_PATHS:
            break
        assert time.monotonic() < deadline, "a service is missing in the description"
        time.sleep(1)
    file = folder / "openapi.json"
    file.write_bytes(response.content)
    return file
