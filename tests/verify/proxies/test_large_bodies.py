"""Large bodies pass a proxy complete, in both directions."""

import hashlib
import time

import httpx

from tests.support.platform import Platform

RECORDS = 1500
ABSTRACT = "Carers who had regular breaks slept better, and cared for longer. " * 60
IMPORT_TIMEOUT_SECONDS = 120
STALL_SECONDS = 1.0


def references() -> bytes:
    """Return a RIS file of about 6 MB with unique records."""
    return "".join(
        f"TY  - JOUR\nTI  - Breaks for carers, part {number} of a large file\nAU  - Placeholder, Kim {number}\n"
        f"PY  - {1950 + number % 70}\nDO  - 10.5555/impact.large.{number}\nAB  - {ABSTRACT}{number}\nER  - \n\n"
        for number in range(RECORDS)
    ).encode()


def test_a_large_upload_and_a_streamed_export_come_through_whole(
    platform: Platform, proxy: str, editor_token: str
) -> None:
    headers = {"Authorization": f"Bearer {editor_token}"}
    with httpx.Client(base_url=proxy, headers=headers, timeout=60) as client:
        accepted = client.post("/v1/imports", files={"file": ("large.ris", references())}, data={"publish": "true"})
        assert accepted.status_code == 202, accepted.text
        job = wait_for_import(client, f"/v1/imports/{accepted.json()['id']}")
    assert (job["read"], job["rejected"]) == (RECORDS, 0)
    direct = httpx.get(f"{platform.url}/v1/exports/evidence?format=ris", timeout=60)
    assert direct.content.count(b"10.5555/impact.large.") >= RECORDS
    assert len(direct.content) > 6_000_000
    export = f"{proxy}/v1/exports/evidence?format=ris"
    assert read_slowly(export) == hashlib.sha256(direct.content).hexdigest()
    compressed = httpx.get(export, timeout=60)
    assert compressed.headers["content-encoding"] == "gzip"
    assert compressed.content == direct.content


def wait_for_import(client: httpx.Client, path: str) -> dict[str, object]:
    """Wait until the import has ended, and return it."""
    deadline = time.monotonic() + IMPORT_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        job = client.get(path).json()
        if job["status"] in ("done", "failed"):
            assert job["status"] == "done", job
            return job
        time.sleep(0.2)
    raise AssertionError(f"the import has not ended after {IMPORT_TIMEOUT_SECONDS} s")


def read_slowly(url: str) -> str:
    """Return the SHA-256 of the uncompressed response body, reading with a pause after the first chunk."""
    digest = hashlib.sha256()
    with httpx.stream("GET", url, headers={"Accept-Encoding": "identity"}, timeout=60) as response:
        assert response.status_code == 200
        for number, chunk in enumerate(response.iter_raw(65_536)):
            digest.update(chunk)
            if number == 0:
                time.sleep(STALL_SECONDS)
    return digest.hexdigest()
