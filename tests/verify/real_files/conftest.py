"""A platform that holds every real file, what its API says of each item, and its exports."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests.support.platform import Platform, running_platform
from tests.support.prerequisites import CASES, DATA, require_path
from tests.verify.real_files.oddities import ODDITIES

IMPORT_TIMEOUT_SECONDS = 180
MIN_ITEMS = 2_200


class FilledLibrary(NamedTuple):
    """A platform, and its published items as its API gives them, in the order of exports."""

    platform: Platform
    token: str
    items: list[dict[str, Any]]
    refused: list[Path]
    """Files whose format cannot be read."""


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FilledLibrary]:
    """Import all real files and the cases beside them, and add what real files do not hold."""
    files = [
        file
        for folder in (DATA / "evidence", CASES / "evidence")
        for file in sorted(require_path(folder).rglob("*"))
        if file.is_file()
    ]
    with running_platform(tmp_path_factory.mktemp("checkout"), RATE_LIMIT_FACTOR="100000") as platform:
        token = platform.impact("token", "evidence-editor")
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=platform.url, headers=headers, timeout=60) as editor:
            refused = import_files(editor, files)
            for item in ODDITIES:
                created = json_of(editor.post("/v1/evidence", json=item))
                json_of(editor.post(f"/v1/evidence/{created['id']}/publish"))
        with httpx.Client(base_url=platform.url, timeout=60) as anyone:
            items = published_items(anyone)
        assert len(items) >= MIN_ITEMS
        yield FilledLibrary(platform, token, items, refused)


@pytest.fixture(scope="session")
def exported(filled: FilledLibrary, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that exports everything: `exported("ris")` is the file in that format."""
    folder = tmp_path_factory.mktemp("exports")

    def export(format: str) -> Path:
        file = folder / f"evidence.{format}"
        if not file.exists():
            response = httpx.get(f"{filled.platform.url}/v1/exports/evidence", params={"format": format}, timeout=120)
            assert response.status_code == 200, response.text
            file.write_bytes(response.content)
        return file

    return export


def import_files(editor: httpx.Client, files: list[Path]) -> list[Path]:
    """Import and publish the files. Returns those that are refused."""
    jobs: list[str] = []
    refused: list[Path] = []
    for file in files:
        response = editor.post("/v1/imports", files={"file": (file.name, file.read_bytes())}, data={"publish": "true"})
        if response.status_code == 422:
            refused.append(file)
        else:
            jobs.append(json_of(response)["id"])
    deadline = time.monotonic() + IMPORT_TIMEOUT_SECONDS
    for job in jobs:
        while (state := json_of(editor.get(f"/v1/imports/{job}"))["status"]) not in ("done", "failed"):
            assert time.monotonic() < deadline, state
            time.sleep(0.2)
    return refused


def published_items(anyone: httpx.Client) -> list[dict[str, Any]]:
    """Return every published item whole, the newest first, as anyone may have it."""
    ids: list[str] = []
    page: str | None = "/v1/evidence?sort=newest&limit=200"
    while page:
        content = json_of(anyone.get(page))
        ids += [item["id"] for item in content["items"]]
        page = content["next"]
    with ThreadPoolExecutor(8) as pool:
        return [json_of(response) for response in pool.map(anyone.get, (f"/v1/evidence/{item_id}" for item_id in ids))]


def json_of(response: httpx.Response) -> Any:
    assert response.is_success, response.text
    return response.json()
