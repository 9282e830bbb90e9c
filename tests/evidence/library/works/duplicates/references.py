"""Works from references of other programs, and real sets of pairs that others judged."""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from bibtexparser.entrypoint import parse_string

from services.evidence.library.items.identifiers.rules import normalised
from services.evidence.library.works.duplicates.works import Work
from tests.evidence.world import data

KINDS = {"article": "journal_article", "inproceedings": "conference_paper", "online": "web_page"}


def work(**fields: Any) -> Work:
    """From the fields of a BibTeX record."""
    doi = normalised("doi", fields.get("doi") or "")
    return Work(
        fields["title"],
        {
            "kind": KINDS.get(fields.get("ENTRYTYPE", "article"), "other"),
            "authors": [name for name in re.split(r"\s+and\s+|;\s*", fields.get("author") or "") if name],
            "published_in": fields.get("journal") or fields.get("booktitle"),
            "published_on": fields.get("year"),
            "volume": fields.get("volume"),
            "issue": fields.get("number"),
            "pages": fields.get("pages"),
            "identifiers": [{"scheme": "doi", "value": doi}] if doi else [],
        },
    )


def bib_dedupe() -> Iterator[tuple[str, Work, Work, bool]]:
    """Each judged pair: its name, the two works, and whether they are one."""
    for case in json.loads(data("bib-dedupe", "tests", "test_cases.json").read_text())["cases"]:
        yield case["id"], work(**case["record_a"]), work(**case["record_b"]), case["expected_duplicate"]


def colrev() -> Iterator[tuple[str, Work, Work, bool]]:
    """Every pair of the set's records; two are one where the expected file has both their origins in one record."""
    records, expected = _bib("records.bib"), _bib("records_expected.bib")
    belongs = {origin: merged["ID"] for merged in expected for origin in _origins(merged)}
    for a, b in combinations(records, 2):
        merged_a, merged_b = (belongs[next(iter(_origins(record)))] for record in (a, b))
        yield f"{a['ID']} {b['ID']}", work(**a), work(**b), merged_a == merged_b


def _bib(name: str) -> list[dict[str, str]]:
    library = parse_string(data("colrev", "tests", "data", "dedupe", name).read_text())
    return [
        {"ENTRYTYPE": entry.entry_type, "ID": entry.key}
        | {field.key: " ".join(str(field.value).split()) for field in entry.fields}
        for entry in library.entries
    ]


def _origins(record: dict[str, str]) -> set[str]:
    return {origin.strip() for origin in record["colrev_origin"].split(";") if origin.strip()}
