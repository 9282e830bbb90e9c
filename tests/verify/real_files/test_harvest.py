"""A harvester of others finds every item in both formats, page by page, and learns what was withdrawn."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from lxml import etree

from tests.support.prerequisites import data_path
from tests.verify.programs import tool, tool_file
from tests.verify.real_files.conftest import FilledLibrary, json_of
from tests.verify.real_files.fields import line
from tests.verify.real_files.readings import HERE, output

STAMPED_TIMEOUT_SECONDS = 60
OAI_DC = "{http://www.openarchives.org/OAI/2.0/oai_dc/}"
XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
DC_ELEMENTS = {
    f"{{http://purl.org/dc/elements/1.1/}}{name}"
    for name in (
        *("title", "creator", "subject", "description", "publisher", "contributor", "date", "type", "format"),
        *("identifier", "source", "language", "relation", "coverage", "rights"),
    )
}
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


def pages(filled: FilledLibrary, prefix: str) -> Iterator[Any]:
    """Yield each page of the list of all records, as it is sent."""
    parameters: dict[str, str] = {"verb": "ListRecords", "metadataPrefix": prefix}
    while parameters:
        response = httpx.get(f"{filled.platform.url}/oai", params=parameters, timeout=60)
        page = etree.fromstring(response.content)
        yield page
        token = page.findtext(".//{*}resumptionToken")
        parameters = {"verb": "ListRecords", "resumptionToken": token} if token else {}


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


def test_every_page_is_valid_by_the_schema_of_the_protocol_and_every_record_by_datacites(filled: FilledLibrary) -> None:
    protocol = etree.XMLSchema(etree.parse(data_path("evidence", "pyoai", "src", "oaipmh", "tests", "OAI-PMH.xsd")))
    datacite = etree.XMLSchema(etree.parse(tool_file("validator/schema/metadata.xsd")))
    records = 0
    for page in pages(filled, "oai_datacite"):
        assert protocol.validate(page), protocol.error_log
        for record in page.iter("{http://datacite.org/schema/kernel-4}resource"):
            records += 1
            assert datacite.validate(etree.ElementTree(record)), datacite.error_log
    assert records >= len(filled.items)


def test_every_record_of_dublin_core_is_what_its_schema_allows(filled: FilledLibrary) -> None:
    """The schema, which no package has: any of the fifteen elements, each a text that may say its language."""
    records = 0
    for page in pages(filled, "oai_dc"):
        for record in page.iter(f"{OAI_DC}dc"):
            records += 1
            assert {element.tag for element in record} <= DC_ELEMENTS
            assert not [element for element in record if len(element) or set(element.attrib) - {XML_LANGUAGE}]
    assert records >= len(filled.items)


def test_a_withdrawn_item_is_harvested_as_deleted_without_a_word(filled: FilledLibrary) -> None:
    headers = {"Authorization": f"Bearer {filled.token}"}
    with httpx.Client(base_url=filled.platform.url, headers=headers, timeout=60) as editor:
        item_id = json_of(editor.post("/v1/evidence", json=WITHDRAWN))["id"]
        json_of(editor.post(f"/v1/evidence/{item_id}/publish"))
        harvest_until(filled, "oai_dc", lambda records: item_id in records)
        json_of(editor.post(f"/v1/evidence/{item_id}/withdraw"))
    records = harvest_until(filled, "oai_dc", lambda records: records[item_id]["deleted"])
    assert records[item_id]["metadata"] is None
