"""Other programs read the same records from every export format."""

import io
import json
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import rdflib
from lxml import etree

from tests.support.platform import Platform
from tests.verify.programs import program, tool
from tests.verify.readers.conftest import ExportedTopic

HERE = Path(__file__).parent
MODS = "{http://www.loc.gov/mods/v3}"
SCHEMA_ORG = rdflib.Namespace("https://schema.org/")
Exported = Callable[[str], Path]


def output(*command: str | Path, content: bytes | None = None) -> bytes:
    """Run a program and return its output. It must succeed within two minutes."""
    completed = subprocess.run(command, input=content, capture_output=True, timeout=120, check=False)
    assert completed.returncode == 0, completed.stderr.decode()
    return completed.stdout


def letters(title: str) -> str:
    """Return letters, digits and mathematical signs alone: programs differ in quotes, spaces and dashes."""
    return re.sub(r"[^\w=+<>&%$#]", "", title).replace("_", "").casefold()


def assert_same(read: Sequence[str], library: ExportedTopic) -> None:
    assert [letters(title) for title in read] == [letters(title) for title in library.titles]


@pytest.mark.parametrize(("format", "called"), [("bibtex", "bibtex"), ("csl-json", "csljson")])
def test_pandoc_reads_every_reference_with_its_title(
    exported: Exported, library: ExportedTopic, format: str, called: str
) -> None:
    references: list[dict[str, str]] = json.loads(
        output(program("pandoc"), "-f", called, "-t", "csljson", exported(format))
    )
    assert_same([strip_markup(reference["title"]) for reference in references], library)


def strip_markup(marked_up: str) -> str:
    """Return a title of CSL-JSON without markup, which pandoc adds for TeX commands."""
    return re.sub(r"</?(?:span|i|b|sup|sub)\b[^>]*>", "", marked_up)


@pytest.mark.parametrize(
    ("format", "reader"),
    [("ris", "ris2xml"), ("bibtex", "bib2xml"), ("endnote", "end2xml"), ("pubmed-xml", "med2xml")],
)
def test_bibutils_read_every_reference_with_its_title(
    exported: Exported, library: ExportedTopic, format: str, reader: str
) -> None:
    records = etree.fromstring(output(program(reader), exported(format)))
    titles = [record.findtext(f"{MODS}titleInfo/{MODS}title") or "" for record in records]
    # They split a title at its first colon.
    assert len(titles) == len(library.items)
    for title, whole in zip(titles, library.titles, strict=True):
        assert letters(whole).startswith(letters(title))
        assert letters(title)


def test_biopython_reads_every_record_of_nbib(exported: Exported, library: ExportedTopic) -> None:
    titles = json.loads(output(tool("python"), HERE / "medline.py", exported("nbib")))
    assert_same(titles, library)


def test_pandoc_reads_a_table_with_a_row_for_each_item(exported: Exported, library: ExportedTopic) -> None:
    document = json.loads(output(program("pandoc"), "-f", "csv", "-t", "json", exported("csv")))
    table = next(block["c"] for block in document["blocks"] if block["t"] == "Table")
    heading, rows = table[3][1][0][1], table[4][0][3]
    names = [text_of(cell) for cell in heading]
    assert_same([text_of(row[1][names.index("title")]) for row in rows], library)


def text_of(element: Any) -> str:
    """Return the text of an element of pandoc's tree of `{"t": kind, "c": content}` and lists of them."""
    match element:
        case {"t": "Str", "c": str(text)}:
            return text
        case {"t": "Space" | "SoftBreak"}:
            return " "
        case {"c": content}:
            return text_of(content)
        case [*parts]:
            return "".join(map(text_of, parts))
        case _:
            return ""


def test_a_workbook_has_a_row_for_each_item_and_nothing_in_it_is_computed(
    exported: Exported, library: ExportedTopic
) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(exported("xlsx").read_bytes())).worksheets[0]
    heading, *rows = sheet.iter_rows()
    column = [cell.value for cell in heading].index("title")
    assert_same([str(row[column].value) for row in rows], library)
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "inlineStr", "str", "d"}


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib itself makes one
def test_rdflib_finds_every_item_by_its_address(exported: Exported, library: ExportedTopic) -> None:
    document = json.loads(exported("jsonld").read_bytes())
    assert document["@context"] == "https://schema.org"
    document["@context"] = {"@vocab": str(SCHEMA_ORG)}  # what stands there, without asking another host
    graph = rdflib.Graph().parse(data=json.dumps(document), format="json-ld")
    titles = {
        str(subject).rpartition("/")[2]: str(name)
        for subject, name in graph.subject_objects(SCHEMA_ORG.name)
        if "/v1/evidence/" in str(subject)
    }
    assert set(titles) == {item.id for item in library.items}
    assert_same([titles[item.id] for item in library.items], library)


@pytest.mark.parametrize(("format", "record"), [("pubmed-xml", "PubmedArticle"), ("jats", "article")])
def test_xmllint_counts_a_record_for_each_item(
    exported: Exported, library: ExportedTopic, format: str, record: str
) -> None:
    counted = output(program("xmllint"), "--nonet", "--xpath", f"count(/*/{record})", exported(format))
    assert int(counted) == len(library.items)


def test_pandoc_reads_each_article_of_jats_with_its_title(exported: Exported, library: ExportedTopic) -> None:
    titles: list[str] = []
    for article in etree.parse(exported("jats")).getroot():
        document = json.loads(output(program("pandoc"), "-f", "jats", "-t", "json", content=etree.tostring(article)))
        titles.append(text_of(document["meta"]["title"]["c"]))
    assert_same(titles, library)


def test_a_harvester_finds_every_item_of_the_topic(platform: Platform, library: ExportedTopic) -> None:
    titles = json.loads(output(tool("python"), HERE / "harvest.py", f"{platform.url}/oai", f"topic:{library.topic}"))
    assert sorted(map(letters, titles)) == sorted(map(letters, library.titles))
