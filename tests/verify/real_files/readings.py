"""The records that each reader finds in an export, by the names of `fields.FIELDS`."""

import csv
import io
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import citeproc
import openpyxl
import rispy
from lxml import etree
from openpyxl.utils.escape import unescape

from tests.verify.programs import npm_file, program, tool
from tests.verify.real_files.fields import FIELDS

HERE = Path(__file__).parent
LOCALE = Path(citeproc.__file__).parent / "data" / "locales" / "locales-en-GB.xml"
MARK = "impact:1:"
MODS = {"m": "http://www.loc.gov/mods/v3"}
AUTHOR = "author"
BETWEEN_FIELDS, BETWEEN_NAMES, BETWEEN_PARTS = "\u2063", "\u2062", "\u2064"
"""As fields.csl separates fields, names, and the parts of a name."""
RIS_FIELDS = {
    "title": "title",
    "year": "year",
    "container": "secondary_title",
    "volume": "volume",
    "issue": "number",
    "doi": "doi",
    "abstract": "abstract",
    "publisher": "publisher",
}
CSL_FIELDS = {
    "title": "title",
    "volume": "volume",
    "doi": "DOI",
    "abstract": "abstract",
    "publisher": "publisher",
    "url": "URL",
}
CSL_CONTAINERS = ("container-title", "collection-title", "event-title")
CSL_NAME_PARTS = (("dropping-particle", "non-dropping-particle", "family", "literal"), ("given",), ("suffix",))
TABLE_FIELDS = {
    "id": "id",
    "title": "title",
    "container": "published_in",
    "volume": "volume",
    "issue": "issue",
    "pages": "pages",
    "doi": "doi",
    "abstract": "summary",
}
Records = list[dict[str, Any]]


def output(*command: str | Path) -> Any:
    """Run a program and return the JSON that it prints. It must succeed within two minutes."""
    completed = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert completed.returncode == 0, completed.stderr.decode()[-2_000:]
    return json.loads(completed.stdout)


def read_elsewhere(reader: str) -> Callable[[Path], Records]:
    """Return a function that reads a file with a program of `elsewhere`."""
    return lambda file: output(tool("python"), HERE / "elsewhere" / f"{reader}.py", file)


def read_rispy(file: Path) -> Records:
    return list(map(_ris_record, cast("list[dict[str, Any]]", rispy.loads(file.read_text(encoding="utf-8")))))


def _ris_record(entry: Mapping[str, Any]) -> dict[str, Any]:
    extension = entry["unknown_tag"]["U5"][0]
    record: dict[str, Any] = {name: entry.get(tag, "") for name, tag in RIS_FIELDS.items()}
    return {
        **record,
        "id": json.loads(extension.removeprefix(MARK))["id"],
        "pages": "-".join(filter(None, (entry.get("start_page"), entry.get("end_page")))),
        "authors": entry.get("authors", []),
        "keywords": entry.get("keywords", []),
        "url": entry["urls"][0],
    }


def read_citeproc(file: Path) -> Records:
    printed = output(program("node"), HERE / "citations.js", npm_file("citeproc"), HERE / "fields.csl", LOCALE, file)
    return [{"id": entry["id"], **_cited_fields(entry["text"])} for entry in printed]


def _cited_fields(text: str) -> dict[str, Any]:
    stated: dict[str, str] = {}
    for part in text.split(BETWEEN_FIELDS)[1:]:
        field, _, value = part.partition("=")
        stated[field] = value
    authors = stated.pop("authors", "")
    names = [name.split(BETWEEN_PARTS) for name in authors.split(BETWEEN_NAMES)] if authors.strip() else []
    return {**dict.fromkeys(FIELDS, ""), **stated, "authors": [[*name, "", ""][:3] for name in names]}


def read_citation_js(plugin: str, type: str) -> Callable[[Path], Records]:
    """Return a function that reads a file with Citation.js, which makes CSL-JSON of it."""

    def read(file: Path) -> Records:
        core, reader = npm_file("@citation-js/core"), npm_file(f"@citation-js/{plugin}")
        return list(map(_csl_record, output(program("node"), HERE / "references.js", core, reader, type, file)))

    return read


def _csl_record(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record. What Citation.js does not keep it cannot be found by."""
    record: dict[str, Any] = {name: entry.get(variable, "") for name, variable in CSL_FIELDS.items()}
    keywords = entry.get("keyword", [])
    return {
        **record,
        "id": None,
        "authors": [
            [" ".join(filter(None, map(name.get, parts))) for parts in CSL_NAME_PARTS]
            for name in entry.get("author", ())
        ],
        "year": str(entry.get("issued", {}).get("date-parts", [[""]])[0][0]),
        "issue": entry.get("issue") or entry.get("number", ""),
        "pages": entry.get("page") or entry.get("number-of-pages", ""),
        "container": next((entry[name] for name in CSL_CONTAINERS if name in entry), ""),
        "keywords": [keywords] if isinstance(keywords, str) else keywords,
    }


def read_csv(file: Path) -> Records:
    csv.field_size_limit(10**7)
    with file.open(newline="", encoding="utf-8-sig") as stream:
        return [_row_record(row) for row in csv.DictReader(stream)]


def read_openpyxl(file: Path) -> Records:
    sheet = openpyxl.load_workbook(io.BytesIO(file.read_bytes()), read_only=True).worksheets[0]
    rows = cast("Iterator[tuple[str | None, ...]]", sheet.iter_rows(values_only=True))
    heading = next(rows)
    return [
        _row_record({str(name): unescape(value or "") for name, value in zip(heading, row, strict=True)})
        for row in rows
    ]


def _row_record(row: Mapping[str, str]) -> dict[str, Any]:
    research = row["way_of_knowing"] == "research"
    record: dict[str, Any] = {name: row[column] for name, column in TABLE_FIELDS.items()}
    return {
        **record,
        "year": (row["published_on"] if research else row["listed_on"])[:4],
        "authors": row["authors"],
        "keywords": row["keywords"],
        "publisher": row["publisher"] if research else "IMPACT",
        "url": row["url"] or row["address"],
    }


def read_bibutils(program_name: str) -> Callable[[Path], Records]:
    """Return a function that converts a file to MODS."""

    def read(file: Path) -> Records:
        completed = subprocess.run([program(program_name), file], capture_output=True, timeout=120, check=True)
        return [_mods_record(record) for record in etree.fromstring(completed.stdout)]

    return read


def _mods_record(record: Any) -> dict[str, Any]:
    def texts(path: str) -> list[str]:
        return [element.text or "" for element in record.iterfind(path, MODS)]

    def first(*paths: str) -> str:
        return next((text for path in paths for text in texts(path)), "")

    extensions = [json.loads(note.removeprefix(MARK)) for note in texts("m:note") if note.startswith(MARK)]
    numbers = {
        detail.get("type"): detail.findtext("m:number", "", MODS) for detail in record.iterfind(".//m:detail", MODS)
    }
    return {
        "id": extensions[0]["id"] if extensions else None,
        "title": ": ".join(texts("m:titleInfo/m:title") + texts("m:titleInfo/m:subTitle")),
        "authors": [_mods_name(name) for name in record.iterfind("m:name", MODS) if AUTHOR in "".join(name.itertext())],
        "year": first("m:part/m:date", "m:originInfo/m:dateIssued", ".//m:dateIssued")[:4],
        "container": ": ".join(
            texts("m:relatedItem/m:titleInfo/m:title") + texts("m:relatedItem/m:titleInfo/m:subTitle")
        ),
        "volume": numbers.get("volume", ""),
        "issue": numbers.get("issue", numbers.get("number", "")),
        "pages": "-".join(texts(".//m:extent/m:start") + texts(".//m:extent/m:end")) or numbers.get("page", ""),
        "doi": first("m:identifier[@type='doi']"),
        "abstract": first("m:abstract"),
        "keywords": texts("m:subject/m:topic"),
        "publisher": first(".//m:publisher"),
        "url": first("m:location/m:url"),
    }


def _mods_name(name: Any) -> list[str]:
    parts = [(part.get("type", "family"), part.text or "") for part in name.iterfind("m:namePart", MODS)]
    return [" ".join(text for kind, text in parts if kind == stated) for stated in ("family", "given", "suffix")]


READERS: Mapping[str, tuple[str, Callable[[Path], Records]]] = {
    "pybtex": ("bibtex", read_elsewhere("pybtex_records")),
    "bibtexparser": ("bibtex", read_elsewhere("bibtexparser_records")),
    "rispy": ("ris", read_rispy),
    "citation-js of RIS": ("ris", read_citation_js("plugin-ris", "@ris/file")),
    "citation-js of EndNote": ("endnote", read_citation_js("plugin-enw", "@enw/file")),
    "citeproc-js": ("csl-json", read_citeproc),
    "csv": ("csv", read_csv),
    "openpyxl": ("xlsx", read_openpyxl),
    "elifetools": ("jats", read_elsewhere("jats_records")),
    "pyld": ("jsonld", read_elsewhere("jsonld_records")),
    "end2xml": ("endnote", read_bibutils("end2xml")),
    "med2xml": ("pubmed-xml", read_bibutils("med2xml")),
    "biopython of PubMed's XML": ("pubmed-xml", read_elsewhere("pubmed_records")),
    "biopython": ("nbib", read_elsewhere("medline_records")),
}
"""By the reader's name: the format that it reads, and how."""
