"""Readers of others find every record of every export, and in its fields what the API says."""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema.validators import validator_for
from lxml import etree

from tests.support.prerequisites import DATA, data_path
from tests.verify.programs import tool_file
from tests.verify.real_files.comparisons import COMPARISONS, NOT_READ
from tests.verify.real_files.conftest import FilledLibrary
from tests.verify.real_files.fields import expected_record
from tests.verify.real_files.readings import READERS

Exported = Callable[[str], Path]
MIN_WHOLE_ARTICLES = 250


def test_every_real_file_of_references_is_imported(filled: FilledLibrary) -> None:
    """Refused are workbooks, schemas, answers of OAI-PMH with the lists of their names, and a list in Markdown."""
    refused = [path.name for path in filled.refused if DATA in path.parents]
    others = {name for name in refused if not name.endswith((".xlsx", ".xsd", ".xml", ".md"))}
    assert others == {"mapping.txt", "csl-citation.json", "csl-data.json"}


@pytest.mark.parametrize("reader", READERS)
def test_every_record_is_read_with_its_fields(filled: FilledLibrary, exported: Exported, reader: str) -> None:
    format, read = READERS[reader]
    public_url = filled.platform.url
    problems = differences(reader, read(exported(format)), filled.items, public_url)
    assert not problems, report(problems, len(filled.items))


def differences(
    reader: str, records: list[dict[str, Any]], items: list[dict[str, Any]], public_url: str
) -> list[tuple[str, str, Any, Any]]:
    """Return item, field, what was read and what was expected, for each field that differs."""
    if records and records[0]["id"] is None:
        # What a reader does not keep it cannot be found by: then the order counts.
        assert len(records) == len(items)
        records = [{**record, "id": item["id"]} for record, item in zip(records, items, strict=True)]
    by_id = {record["id"]: record for record in records}
    assert len(by_id) == len(records)
    problems: list[tuple[str, str, Any, Any]] = []
    for item in items:
        expected, record = expected_record(item, public_url), by_id.get(item["id"])
        if record is None:
            problems.append((item["id"], "record", None, item["title"]))
            continue
        problems += [
            (item["id"], field, record[field], expected[field])
            for field, equal in COMPARISONS[reader].items()
            if field not in NOT_READ.get(reader, ()) and not equal(record[field], expected[field])
        ]
    return problems


def report(problems: list[tuple[str, str, Any, Any]], total: int) -> str:
    differing = len({item_id for item_id, *_ in problems})
    examples = [
        f"{field}: read {read!r:.300}, expected {expected!r:.300}" for _, field, read, expected in problems[:20]
    ]
    counted = Counter(field for _, field, *_ in problems)
    return "\n".join([f"{total - differing} of {total} records right; {dict(counted)}", *examples])


def test_keys_of_bibtex_are_unique(filled: FilledLibrary, exported: Exported) -> None:
    keys = re.findall(r"^@\w+\{([^,]+),", exported("bibtex").read_text(encoding="utf-8"), re.MULTILINE)
    assert len({key.casefold() for key in keys}) == len(keys) == len(filled.items)


def test_csl_json_is_valid_by_its_schema(filled: FilledLibrary, exported: Exported) -> None:
    schema = json.loads(data_path("evidence", "csl-schema", "schemas", "input", "csl-data.json").read_text())
    entries = json.loads(exported("csl-json").read_bytes())
    assert len(entries) == len(filled.items)
    validator_for(schema)(schema).validate(entries)


def test_pubmeds_xml_is_valid_by_its_definition_where_a_work_has_what_that_requires(
    filled: FilledLibrary, exported: Exported
) -> None:
    """It requires a date, and pages or a DOI, of which works without them have none to write."""
    definition = etree.DTD(str(tool_file("Bio/Entrez/DTDs/pubmed_190101.dtd")))
    works = [expected_record(item, filled.platform.url) for item in filled.items]
    articles = [
        article
        for article, work in zip(etree.parse(exported("pubmed-xml")).getroot(), works, strict=True)
        if work["year"] and (work["pages"] or work["doi"])
    ]
    assert len(articles) >= MIN_WHOLE_ARTICLES
    assert [str(definition.error_log) for article in articles if not definition.validate(article)] == []


# Citation.js fails at an empty file of EndNote's.
@pytest.mark.parametrize("reader", sorted(READERS.keys() - {"citation-js of EndNote"}))
def test_an_export_of_nothing_is_a_file_of_no_records(filled: FilledLibrary, tmp_path: Path, reader: str) -> None:
    format, read = READERS[reader]
    parameters = {"format": format, "q": "zzzyxq"}
    response = httpx.get(f"{filled.platform.url}/v1/exports/evidence", params=parameters, timeout=60)
    assert response.status_code == 200, response.text
    file = tmp_path / f"empty.{format}"
    file.write_bytes(response.content)
    assert read(file) == []
