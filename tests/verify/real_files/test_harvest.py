"""A harvester of others finds every item in both formats, page by page, and learns what was withdrawn."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.verify.programs import tool
from tests.verify.real_files.conftest import FilledLibrary, json_of
from tests.verify.real_files.fields import line
from tests.verify.real_files.readings import HERE, output

STAMPED_TIMEOUT_SECONDS = 60
WITHDRAWN = {"way_of_knowing": "research", "kind": "report", "title": "Withdrawn after it was harvested"}


def harvest(filled: FilledLibrary, prefix: str) -> dict[str, dict[str, Any]]:
    """Return the records by item."""
    records = output(tool("python"), HERE / "elsewhere" / "oai_records.py", f"{filled.platform.url}/oai", prefix)
    by_id = {record["id"]: record for record in records}
    assert len(by_id) == len(records)
    return by_id


def harvest_until(
    filled: FilledLibrary, prefix: str, complete: Callable[[dict[str, dict[str, Any]]], bool]
) -> dict[str, dict[str, Any]]:
    """Harvest until the worker has stamped what changed last."""
    deadline = time.monotonic() + STAMPED_TIMEOUT_SECONDS
    while not complete(records := harvest(filled, prefix)):
        assert time.monotonic() < deadline, len(records)
        time.sleep(1)
    return records


def texts(record: dict[str, Any], name: str) -> list[str]:
    return [line(text) for text in record["metadata"].get(name, []) if text]


@pytest.mark.parametrize(("prefix", "creator"), [("oai_dc", "creator"), ("oai_datacite", "creatorName")])
def test_every_item_is_harvested_with_its_fields(filled: FilledLibrary, prefix: str, creator: str) -> None:
    ids = {item["id"] for item in filled.items}
    records = harvest_until(filled, prefix, lambda records: records.keys() >= ids)
    for item in filled.items:
        record = records[item["id"]]
        assert not record["deleted"]
        assert texts(record, "title") == [line(item["title"])]
        if item["summary"]:
            assert line(item["summary"]) in texts(record, "description")
        if item["way_of_knowing"] != "research":
            continue
        names = texts(record, creator)
        assert names == ([line(name) for name in item["authors"] or item["editors"]] or names)
        assert set(map(line, item["keywords"])) <= set(texts(record, "subject"))
        assert (item["published_on"] or "")[:4] in " ".join(texts(record, "date"))
        assert {name["value"] for name in item["identifiers"] if name["scheme"] == "doi"} <= {
            text.removeprefix("https://doi.org/") for text in texts(record, "identifier")
        }


def test_a_withdrawn_item_is_harvested_as_deleted_without_a_word(filled: FilledLibrary) -> None:
    headers = {"Authorization": f"Bearer {filled.token}"}
    with httpx.Client(base_url=filled.platform.url, headers=headers, timeout=60) as editor:
        item_id = json_of(editor.post("/v1/evidence", json=WITHDRAWN))["id"]
        json_of(editor.post(f"/v1/evidence/{item_id}/publish"))
        harvest_until(filled, "oai_dc", lambda records: item_id in records)
        json_of(editor.post(f"/v1/evidence/{item_id}/withdraw"))
    records = harvest_until(filled, "oai_dc", lambda records: records[item_id]["deleted"])
    assert records[item_id]["metadata"] is None
