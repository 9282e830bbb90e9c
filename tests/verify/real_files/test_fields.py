"""Readers of others find every record of every export, and in its fields what the API says."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema.validators import validator_for

from tests.support.prerequisites import DATA, data_path
from tests.verify.real_files.conftest import FilledLibrary
from tests.verify.real_files.fields import FIELDS, dashes, expected_record, letters, line
from tests.verify.real_files.readings import READERS

Exported = Callable[[str], Path]
Comparison = Callable[[Any, Any], bool]
MAX_CELL_UNITS = 32_767
"""Of UTF-16, in a cell of a spreadsheet."""


def same(read: Any, expected: Any) -> bool:
    return line(read) == expected if isinstance(expected, str) else [*map(line, read)] == expected


def same_names(read: Any, expected: Any) -> bool:
    return [tuple(map(line, name)) for name in read] == expected


def one_text_each(read: Any, expected: Any) -> bool:
    """Formats with one text for a name write family name, given names and suffix between commas."""
    return [line(name) for name in read] == [", ".join(filter(None, name)) for name in expected]


def suffix_without_comma(read: Any, expected: Any) -> bool:
    """MEDLINE writes `Okoro, Ada Jr`."""
    return [line(name) for name in read] == [
        " ".join(filter(None, (", ".join(filter(None, name[:2])), name[2]))) for name in expected
    ]


def split_at_semicolons(read: Any, expected: Any) -> bool:
    """Keywords of which one has a comma stand between semicolons, where a semicolon of their own separates too."""
    if ";" not in "".join(expected):
        return same(read, expected)
    return re.sub(r"[;\s]", "", "".join(read)) == re.sub(r"[;\s]", "", "".join(expected))


def same_pages(read: Any, expected: Any) -> bool:
    return dashes(line(read)) == expected


def same_letters(read: Any, expected: Any) -> bool:
    return letters(read) == letters(expected)


def same_letters_in_names(read: Any, expected: Any) -> bool:
    return [[letters(part) for part in name] for name in read] == [
        [letters(part) for part in name] for name in expected
    ]


def has_letters_of_names(read: Any, expected: Any) -> bool:
    """Bibutils separate initials, take a name in one piece for two parts, and editors of some types for authors."""
    names = [sorted(letters("".join(name))) for name in read]
    return all(sorted(letters("".join(name))) in names for name in expected)


def same_letters_in_list(read: Any, expected: Any) -> bool:
    return letters("".join(read)) == letters("".join(expected))


def same_agents(read: Any, expected: Any) -> bool:
    """JSON-LD says of a name in one piece what it names, in the place of given names."""
    return len(read) == len(expected) and all(
        name == [*parts] or (name[0] == parts[0] and not parts[1]) for name, parts in zip(read, expected, strict=True)
    )


def same_cell(read: Any, expected: Any) -> bool:
    """A cell of CSV that a spreadsheet would compute begins with an apostrophe."""
    return line(read) in (expected, f"'{expected}")


def same_cell_of_pages(read: Any, expected: Any) -> bool:
    return same_cell(dashes(line(read)), expected)


def same_cell_of_list(read: Any, expected: Any) -> bool:
    return same_cell(line(read).replace(" ;", ";"), "; ".join(expected))


def same_cell_of_names(read: Any, expected: Any) -> bool:
    """Tables hold the names as the API has them, so the order of a suffix and given names is open."""
    return sorted(re.findall(r"[^,;\s]+", line(read).removeprefix("'"))) == sorted(
        re.findall(r"[^,;\s]+", "; ".join(", ".join(name) for name in expected))
    )


def same_or_cut(read: Any, expected: Any) -> bool:
    text = line(read)
    if len(expected.encode("utf-16-le")) <= 2 * MAX_CELL_UNITS:
        return text == expected
    return text.endswith("\u2026") and expected.startswith(text[:-1]) and len(text) > MAX_CELL_UNITS // 3


EXACT: Mapping[str, Comparison] = dict.fromkeys(FIELDS, same) | {"authors": same_names, "pages": same_pages}
TABLE = EXACT | {"authors": same_cell_of_names, "keywords": same_cell_of_list}
COMPARISONS: Mapping[str, Mapping[str, Comparison]] = {
    "pybtex": EXACT | {"keywords": split_at_semicolons},
    "bibtexparser": EXACT | {"keywords": split_at_semicolons},
    "rispy": EXACT | {"authors": one_text_each},
    # A style of citations typesets quotes and dashes.
    "citeproc-js": dict.fromkeys(FIELDS, same_letters)
    | {"authors": same_letters_in_names, "keywords": same_letters_in_list},
    "end2xml": dict.fromkeys(FIELDS, same_letters) | {"authors": has_letters_of_names},
    "med2xml": dict.fromkeys(FIELDS, same_letters),
    "csv": dict.fromkeys(FIELDS, same_cell)
    | {
        "authors": same_cell_of_names,
        "keywords": same_cell_of_list,
        "pages": same_cell_of_pages,
    },
    "openpyxl": TABLE | {"abstract": same_or_cut},
    "pyld": EXACT | {"authors": same_agents},
    "biopython": EXACT | {"authors": suffix_without_comma},
}
"""How a field is compared, where a format cannot hold it as the API does."""
NOT_READ: Mapping[str, Mapping[str, str]] = {
    "end2xml": {
        "container": "it takes %B of some types alone",
        "doi": "it does not know %R",
        "keywords": "it leaves out one that is part of another",
        "pages": "those of a whole book are its length",
        "url": "it makes an identifier of another kind of some addresses",
    },
    "med2xml": {
        "authors": "it takes editors for authors, and drops suffixes",
        "keywords": "it does not know KeywordList",
        "pages": "it writes short ranges out",
        "publisher": "PubMed's XML has none for an article",
        "url": "PubMed's XML has none",
    },
}
"""What a reader or its format does not hold. Every other field of every record is compared."""


def test_every_real_file_of_references_is_imported(filled: FilledLibrary) -> None:
    """Refused are workbooks, schemas, answers of OAI-PMH with the lists of their names, and a list in Markdown."""
    refused = [path.name for path in filled.refused if DATA in path.parents]
    assert {name for name in refused if not name.endswith((".xlsx", ".xsd", ".xml", ".md"))} == {"mapping.txt"}


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


@pytest.mark.parametrize("reader", READERS)
def test_an_export_of_nothing_is_a_file_of_no_records(filled: FilledLibrary, tmp_path: Path, reader: str) -> None:
    format, read = READERS[reader]
    parameters = {"format": format, "q": "zzzyxq"}
    response = httpx.get(f"{filled.platform.url}/v1/exports/evidence", params=parameters, timeout=60)
    assert response.status_code == 200, response.text
    file = tmp_path / f"empty.{format}"
    file.write_bytes(response.content)
    assert read(file) == []
