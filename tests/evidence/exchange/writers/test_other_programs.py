"""What other people's programs read in the files, and what each format's own rules ask for."""

import csv
import io
import json
import re
from typing import Any, cast

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from lxml import etree

from services.evidence.exchange.readers.xml import jats as jats_reader
from services.evidence.exchange.writers import bibtex, jats, jsonld, pubmed_xml, spreadsheets, tagged
from services.evidence.exchange.writers.exported_item import ExportedItem
from services.evidence.exchange.writers.formats import FORMATS
from tests.evidence.exchange.writers.exported_items import NAMED, PRACTICE, UNNAMED, WORKS, exported_item
from tests.evidence.exchange.writers.test_round_trip import TRAPS

TRAPPED = [
    exported_item(number, title=trap, summary=trap, details={"kind": "other", "authors": [trap], "keywords": [trap]})
    for number, trap in enumerate(TRAPS, 300)
]
EVERYTHING = [*WORKS.values(), NAMED, UNNAMED, PRACTICE, *TRAPPED]


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_rispy_reads_each_record_of_ris_with_its_title_and_names() -> None:
    entries = cast("list[Any]", rispy.loads(FORMATS["ris"].write_page(EVERYTHING, first=True).decode()))
    assert [entry["title"] for entry in entries] == [one_line(item.title) for item in EVERYTHING]
    assert entries[0]["authors"] == ["Okoro, Ada B.", "Lind, Berta", "World Health Organization"]
    assert (entries[0]["year"], entries[0]["doi"]) == ("2021", "10.5555/journal_article")
    assert [entry["authors"] for entry in entries[9:12]] == [
        ["Mary"],
        ["Anonymous"],
        ["Social worker (council team)"],
    ]


def test_bibtexparser_reads_each_entry_of_bibtex_under_a_key_of_its_own() -> None:
    library = parse_string(FORMATS["bibtex"].write_page(EVERYTHING, first=True).decode())
    assert library.failed_blocks == []
    assert len({entry.key for entry in library.entries}) == len(EVERYTHING)
    first = library.entries[0]
    assert first.fields_dict["author"].value == "Okoro, Ada B. and Lind, Berta and {World Health Organization}"
    assert (first.entry_type, first.fields_dict["pages"].value) == ("article", "201--219")
    assert first.fields_dict["title"].value == r"What a journal\_article says: carers \& breaks"


@pytest.mark.parametrize("item", EVERYTHING, ids=lambda item: item.id[-4:])
def test_what_bibtex_carries_beside_is_json_whose_braces_balance(item: ExportedItem) -> None:
    extension = re.search(r"x-impact = \{impact:1:(.*)\}\n\}", bibtex.write_entry(item).decode())
    assert extension is not None
    assert json.loads(extension[1])["id"] == item.id
    assert extension[1].count("{") == extension[1].count("}")


@pytest.mark.parametrize("item", EVERYTHING, ids=lambda item: item.id[-4:])
def test_no_text_breaks_out_of_a_line_of_a_tagged_format(item: ExportedItem) -> None:
    for content, layout in (
        (tagged.write_ris(item), r"[A-Z][A-Z0-9]  - .*"),
        (tagged.write_medline(item), r"[A-Z]{2,4} *- .+"),
        (tagged.write_endnote(item), r"%[0-9A-Z@] .+"),
    ):
        lines = content.decode().replace("\r\n", "\n").rstrip("\n").split("\n")
        assert [line for line in lines if not re.fullmatch(layout, line)] == []


def test_jats_holds_an_articles_front_in_the_order_of_its_rules() -> None:
    meta = etree.fromstring(jats.write_article(WORKS["journal_article"])).find("front/article-meta")
    assert meta is not None
    assert [str(child.tag) for child in meta] == [
        "article-id",
        "article-categories",
        "title-group",
        "contrib-group",
        "contrib-group",
        "pub-date",
        "volume",
        "issue",
        "fpage",
        "lpage",
        "permissions",
        "self-uri",
        "custom-meta-group",
    ]
    assert [name.text for name in meta.iterfind("contrib-group/contrib/name/surname")] == ["Okoro", "Lind", "Marsh"]


def test_jats_links_to_where_the_work_is_read() -> None:
    for item in (
        WORKS["journal_article"],
        exported_item(details={"kind": "report", "url": "https://a.example/?b=1&c"}),
    ):
        article = etree.fromstring(jats.write_article(item))
        assert [uri.get("{http://www.w3.org/1999/xlink}href") for uri in article.iter("self-uri")] == [item.link]
        assert jats_reader.parse_fields(article).get("links") == [item.link]


def test_pubmeds_xml_has_one_list_of_names_and_no_empty_one_of_identifiers() -> None:
    """Readers took editors in a second list for the authors."""
    article = etree.fromstring(pubmed_xml.write_article(WORKS["journal_article"]))
    assert [names.get("Type") for names in article.iter("AuthorList")] == ["authors"]
    assert [name.text for name in article.iter("LastName")] == ["Okoro", "Lind"]
    without_identifiers = etree.fromstring(pubmed_xml.write_article(exported_item(details={"kind": "report"})))
    assert without_identifiers.find("PubmedData") is None


def test_a_retracted_article_is_called_so_in_the_words_of_pubmed() -> None:
    retraction = {"nature": "retraction", "on": "2023-04-11", "notice": {"scheme": "doi", "value": "10.5555/n"}}
    item = exported_item(details={"kind": "journal_article"}, retraction=retraction)
    article = etree.fromstring(pubmed_xml.write_article(item))
    assert "Retracted Publication" in [kind.text for kind in article.iter("PublicationType")]
    assert [correction.get("RefType") for correction in article.iter("CommentsCorrections")] == ["RetractionIn"]
    assert b"PT  - Retracted Publication" in tagged.write_medline(item)
    corrected = exported_item(details={"kind": "journal_article"}, retraction={"nature": "correction"})
    assert b"Retracted Publication" not in tagged.write_medline(corrected)


@pytest.mark.parametrize(
    ("notice", "address"),
    [
        ({"scheme": "doi", "value": "10.5555/n"}, "https://doi.org/10.5555/n"),
        ({"scheme": "pmid", "value": "777"}, "https://pubmed.ncbi.nlm.nih.gov/777/"),
        ("https://press.example/notice", "https://press.example/notice"),
    ],
)
def test_where_the_notice_of_a_retraction_stands_is_written_as_an_address(notice: Any, address: str) -> None:
    item = exported_item(retraction={"nature": "retraction", "on": "2023-04-11", "notice": notice})
    assert item.retraction_note == f"Retracted on 2023-04-11. Notice: {address}."


def test_a_table_has_as_many_cells_in_each_row_as_in_its_heading() -> None:
    text = (FORMATS["csv"].prefix + FORMATS["csv"].write_page(EVERYTHING, first=True)).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert {len(row) for row in rows} == {len(spreadsheets.COLUMNS) + 1}
    assert len(rows) == len(EVERYTHING) + 1
    assert len(text.splitlines()) == len(rows)


@pytest.mark.parametrize(
    ("kind", "type"),
    [
        ("journal_article", "ScholarlyArticle"),
        ("book", "Book"),
        ("chapter", "Chapter"),
        ("report", "Report"),
        ("thesis", "Thesis"),
        ("dataset", "Dataset"),
        ("web_page", "WebPage"),
        ("other", "CreativeWork"),
    ],
)
def test_json_ld_says_what_kind_of_work_it_is(kind: str, type: str) -> None:
    node = jsonld.node_of(WORKS[kind])
    assert node["@type"] == type
    assert node["identifier"] == [{"@type": "PropertyValue", "propertyID": "doi", "value": f"10.5555/{kind}"}]
    assert node["creator"][0]["familyName"] == "Okoro"
    assert "correction" not in node


def test_json_ld_keeps_the_words_of_an_account_and_the_name_that_was_chosen() -> None:
    node = jsonld.node_of(NAMED)
    assert (node["@type"], node["genre"], node["text"]) == ("CreativeWork", "Lived experience", "I slept.")
    assert node["creator"] == [{"@type": "Person", "name": "Mary"}]
    assert jsonld.node_of(UNNAMED)["creator"] == [{"@type": "Person", "name": "Anonymous"}]
    assert "Secret" not in str(jsonld.node_of(UNNAMED))


def test_json_ld_says_a_retraction_as_a_correction() -> None:
    retraction = {"nature": "retraction", "on": "2023-04-11", "notice": "https://example.org/n", "reasons": ["Error"]}
    correction = cast("dict[str, str]", jsonld.node_of(exported_item(retraction=retraction))["correction"])
    assert correction == {
        "@type": "CorrectionComment",
        "text": "Retracted on 2023-04-11. Error. Notice: https://example.org/n.",
        "datePublished": "2023-04-11",
        "url": "https://example.org/n",
    }


def test_json_ld_says_where_it_is_from_as_a_country_or_a_part_of_one() -> None:
    assert jsonld.node_of(exported_item(country="GB"))["spatialCoverage"] == {"@type": "Country", "identifier": "GB"}
    assert jsonld.node_of(exported_item(country="GB-NIR"))["spatialCoverage"]["@type"] == "AdministrativeArea"
    assert "spatialCoverage" not in jsonld.node_of(exported_item())
