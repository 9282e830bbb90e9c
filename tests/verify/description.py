"""The OpenAPI description for other programs."""

import json
import time
from pathlib import Path
from typing import Any

import httpx

from tests.support.platform import Platform

FIRST_PATHS = frozenset({"/v1/topics", "/v1/assemblies", "/v1/schemes", "/v1/api-clients"})
"""A path of each service: the gateway leaves out a service whose description it has not received yet."""
COMPLETE_TIMEOUT_SECONDS = 60


def save_description(platform: Platform, folder: Path) -> Path:
    """Save /openapi.json in the folder, once it includes every service. Returns the file."""
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
