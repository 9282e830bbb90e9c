"""Real files through the library and out again: valid, and the same records when they come back."""

import csv
import io
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from jsonschema.validators import validator_for
from lxml import etree

from services.evidence.library.items.attribution import NO_CONSENT
from shared.callers import Caller
from tests.conftest import FreshDatabase
from tests.evidence.exchange.writers.test_round_trip import READ
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld, data
from tests.support.callers import EDITOR, NOBODY
from tests.support.world import open_world

DEMO = ("asreview", "tests", "demo_data")
COLREV = ("colrev", "tests", "review_manager", "3_packages_search", "data")
ASREVIEW_FILES = (
    "_baseline.ris",
    "embase.ris",
    "ovid_psycinfo.ris",
    "proquest.ris",
    "pubmed_zotero.ris",
    "ris_issue_1099.txt",
    "scopus.ris",
    "web_of_science.txt",
)
FIRST = 300
"""Of Nagtegaal's records, so that all formats are through in seconds."""
PUBLISHED_ROWS = """
SELECT id::text, way_of_knowing, title, summary, country, setting, language, details, fingerprint, identified,
    (SELECT array_agg(scheme || ' ' || value ORDER BY scheme, value) FROM identifiers WHERE item_id = items.id) AS names
FROM items WHERE status = 'published' ORDER BY id
"""


def nagtegaal() -> bytes:
    with data("nagtegaal", "Nagtegaal_2019.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for _, row in zip(range(FIRST + 1), csv.reader(file), strict=False)]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def colrev_files() -> list[Path]:
    """One export for each database, without the results beside them."""
    paths = sorted(path for path in data(*COLREV).iterdir() if path.suffix in (".bib", ".ris", ".csv", ".nbib", ".txt"))
    return [path for path in paths if not path.stem.endswith("_result")]


@pytest.fixture
async def library(fresh_database: FreshDatabase) -> AsyncGenerator[EvidenceWorld]:
    """With what the real files hold."""
    contents = [data(*DEMO, name).read_bytes() for name in ASREVIEW_FILES]
    contents += [path.read_bytes() for path in colrev_files()]
    async with open_world(EvidenceWorld, await fresh_database("evidence")) as world:
        for content in (*contents, nagtegaal()):
            job = await world.import_file(content, publish="true")
            assert job["status"] == "done"
        yield world


async def exported(world: EvidenceWorld, format: str) -> bytes:
    async with world.client_for(NOBODY) as http:
        response = await http.get("/v1/exports/evidence", params={"format": format})
    assert response.is_success
    return response.content


async def published_rows(world: EvidenceWorld) -> list[dict[str, Any]]:
    return await world.rows(PUBLISHED_ROWS)


async def test_real_records_come_back_the_same_from_every_format(
    library: EvidenceWorld, fresh_database: FreshDatabase
) -> None:
    expected = await published_rows(library)
    assert len(expected) > FIRST + 100
    for format in READ:
        async with open_world(EvidenceWorld, await fresh_database("evidence")) as elsewhere:
            job = await elsewhere.import_file(await exported(library, format), publish="true")
            assert (format, job["created"], job["rejected"], job["problems"]) == (format, len(expected), 0, [])
            assert await published_rows(elsewhere) == expected


async def test_what_is_made_of_real_records_is_valid(library: EvidenceWorld) -> None:
    number = len(await published_rows(library))
    schema = json.loads(data("csl-schema", "schemas", "input", "csl-data.json").read_text())
    entries = json.loads(await exported(library, "csl-json"))
    assert len(entries) == number
    validator_for(schema)(schema).validate(entries)
    for format in ("jats", "pubmed-xml"):
        assert len(etree.fromstring(await exported(library, format))) == number
    document = json.loads(await exported(library, "jsonld"))
    nodes = document["@graph"]
    assert document["@context"] == "https://schema.org"
    assert len({node["@id"] for node in nodes}) == number
    assert {node["@type"] for node in nodes} >= {"ScholarlyArticle", "Book"}
    assert not [node for node in nodes if not node["name"] or "isAccessibleForFree" in node]


async def test_what_is_exported_comes_back_with_its_topics_and_an_account_without_consent(
    world: EvidenceWorld, fresh_database: FreshDatabase
) -> None:
    topic = await world.topic()
    anonymous = {"title": "Nobody asked me", "consent": {"to_publish": True, "attribution": "anonymous", "name": "X."}}
    for item in (ACCOUNT, ACCOUNT | anonymous, PRACTICE, RESEARCH):
        await world.publish(item, topics=[topic])
    public = await public_items(world)
    assert {item["attributed_to"] for item in public if "attributed_to" in item} >= {"Mary", None}
    # Nor is it of any year: it says of none, and nobody was shown it here.
    no_consent = {
        "status": "draft",
        "attributed_to": None,
        "consent": NO_CONSENT.model_dump(mode="json") | {"given_by": None},
        "years": None,
    }
    expected = [item | no_consent if item["way_of_knowing"] == "lived_experience" else item for item in public]
    for format in READ:
        async with open_world(EvidenceWorld, await fresh_database("evidence")) as elsewhere:
            await elsewhere.topic()
            job = await elsewhere.import_file(await exported(world, format), publish="true")
            assert (format, job["created"], job["rejected"]) == (format, 4, 0)
            assert await public_items(elsewhere, EDITOR) == expected


async def public_items(world: EvidenceWorld, reader: Caller = NOBODY) -> list[dict[str, Any]]:
    """As the public sees the items, but for when and under which topic of this library."""
    ids = [row["id"] for row in await world.rows("SELECT id FROM items ORDER BY id")]
    items = [await world.json(reader, "GET", f"/v1/evidence/{item}") for item in ids]
    apart = {"topics", "created_at", "updated_at", "published_at"}
    assert [len(item["topics"]) for item in items] == [1] * len(items)
    return [{name: value for name, value in item.items() if name not in apart} for item in items]
