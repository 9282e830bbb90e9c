"""Names of people and organisations, as each format writes their parts."""

from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from services.evidence.exchange.citation_styles.citations import format_citation
from services.evidence.exchange.imports.research_parser import people
from services.evidence.exchange.readers.records import ParsedFields
from services.evidence.exchange.readers.tagged import endnote, ris
from services.evidence.exchange.readers.tagged.lines import Fields
from services.evidence.exchange.writers import bibtex, csl, jats, jsonld, pubmed_xml, tagged
from services.evidence.exchange.writers.exported_item import ExportedItem
from services.evidence.exchange.writers.fields.person_names import NameParts, split_name
from tests.evidence.exchange.writers.exported_items import NAMED, PRACTICE, UNNAMED, exported_item

SUFFIXED = ["Okoro, Jr., Ada B.", "Okoro, Ada B., Jr.", "Okoro, Ada B. Jr.", "Okoro Jr., Ada B."]
"""As different databases write one name."""
DEPARTMENT = "Department of Health, Social Services, and Public Safety"


def by(*names: str) -> ExportedItem:
    return exported_item(details={"kind": "journal_article", "authors": list(names), "published_on": "2021"})


def credited_to(attribution: str, name: str) -> ExportedItem:
    return exported_item(
        way_of_knowing="practice_knowledge",
        setting="council team",
        details={
            "role": "social worker",
            "what_was_done": "One number.",
            "credit": {"attribution": attribution, "name": name},
        },
    )


def lines(content: bytes, tag: str) -> list[str]:
    return [line[len(tag) :].strip(" -") for line in content.decode().splitlines() if line.startswith(tag)]


@pytest.mark.parametrize("name", SUFFIXED)
def test_a_suffix_is_no_part_of_the_given_names_in_any_format(name: str) -> None:
    item = by(name)
    assert b"author = {Okoro, Jr., Ada B.}" in bibtex.write_entry(item)
    assert csl.entry_of(item)["author"] == [{"family": "Okoro", "given": "Ada B.", "suffix": "Jr."}]
    assert lines(tagged.write_ris(item), "AU  ") == ["Okoro, Ada B., Jr."]
    assert lines(tagged.write_endnote(item), "%A") == ["Okoro, Ada B., Jr."]
    assert lines(tagged.write_medline(item), "FAU ") == ["Okoro, Ada B. Jr."]
    assert lines(tagged.write_medline(item), "AU  ") == ["Okoro AB Jr."]
    (person,) = jsonld.node_of(item)["creator"]
    assert (person["givenName"], person["honorificSuffix"], person["name"]) == ("Ada B.", "Jr.", "Ada B. Okoro, Jr.")
    for content, given_names, suffix in (
        (jats.write_article(item), "given-names", "suffix"),
        (pubmed_xml.write_article(item), "ForeName", "Suffix"),
    ):
        article = etree.fromstring(content)
        assert [article.findtext(f".//{tag}") for tag in (given_names, suffix)] == ["Ada B.", "Jr."]
    assert format_citation(item, "apa", "text").startswith("Okoro, A. B., Jr.")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("van der Berg, Jan", NameParts("van der Berg", "Jan")),
        ("Petrov,IV", NameParts("Petrov", "IV")),
        ("Maria, Sr", NameParts("Maria", "Sr")),
        ("King, Martin Luther 3rd", NameParts("King", "Martin Luther", "3rd")),
        ("Plato", None),
        ("Okoro, ", None),
        ("Acme Care, Ltd.", None),
        ("University of Regensburg, Chair for Care", None),
        (DEPARTMENT, None),
        ("Achenbach, Barned, Benchimol, Berry", None),
    ],
)
def test_what_is_not_surely_a_persons_name_stays_in_one_piece(name: str, parts: NameParts | None) -> None:
    assert split_name(name) == parts


def test_an_organisation_with_commas_is_one_name_and_no_person() -> None:
    item = by(DEPARTMENT, "Sato, Yo")
    assert f"author = {{{{{DEPARTMENT}}} and Sato, Yo}}" in bibtex.write_entry(item).decode()
    assert csl.entry_of(item)["author"][0] == {"literal": DEPARTMENT}
    assert etree.fromstring(jats.write_article(item)).findtext(".//collab") == DEPARTMENT
    assert etree.fromstring(pubmed_xml.write_article(item)).findtext(".//CollectiveName") == DEPARTMENT


def test_an_and_within_a_name_separates_nothing_and_leaves_a_person_a_person() -> None:
    entry = bibtex.write_entry(by("Sound and Vision, Ada", "Marks and Spencer")).decode()
    assert "author = {{Sound and Vision}, Ada and {Marks and Spencer}}" in entry


def test_endnote_does_not_take_the_last_word_of_an_organisation_for_a_family_name() -> None:
    assert lines(tagged.write_endnote(by("World Health Organization", "Plato")), "%A") == [
        "World Health Organization,",
        "Plato",
    ]


@pytest.mark.parametrize("name", [DEPARTMENT, "Department of Health, Wales", "Acme Care, Ltd.", "Age UK", "Plato"])
@pytest.mark.parametrize(
    ("write", "tag", "read"),
    [
        (tagged.write_ris, "AU  ", ris.parse_fields),
        (tagged.write_endnote, "%A", endnote.parse_fields),
    ],
)
def test_an_organisation_has_no_given_names_in_ris_and_endnote_and_is_read_as_it_was(
    name: str, write: Callable[[ExportedItem], bytes], tag: str, read: Callable[[Fields], ParsedFields]
) -> None:
    (written,) = lines(write(by(name)), tag)
    _, given_names, *_ = [*written.split(","), ""]
    assert given_names == ""
    assert people(read({tag.strip("% "): [written]}).get("authors")) == [name]


def test_an_organisation_that_is_credited_is_an_organisation_in_every_format() -> None:
    item = credited_to("organisation", "Invented Council")
    assert jsonld.node_of(item)["creator"] == [{"@type": "Organization", "name": "Invented Council"}]
    assert lines(tagged.write_medline(item), "CN  ") == ["Invented Council"]
    assert etree.fromstring(jats.write_article(item)).findtext(".//collab") == "Invented Council"
    assert etree.fromstring(pubmed_xml.write_article(item)).findtext(".//CollectiveName") == "Invented Council"


@pytest.mark.parametrize(
    ("item", "creator"),
    [
        (credited_to("person", "Ada Okoro"), {"name": "Ada Okoro"}),
        (NAMED, {"name": "Mary"}),
        (UNNAMED, {"name": "Anonymous"}),
        (PRACTICE, {"jobTitle": "Social worker (council team)"}),
    ],
)
def test_a_person_is_neither_a_job_title_nor_an_organisation(item: ExportedItem, creator: dict[str, Any]) -> None:
    assert jsonld.node_of(item)["creator"] == [{"@type": "Person", **creator}]
    (shown,) = creator.values()
    assert etree.fromstring(jats.write_article(item)).findtext(".//string-name") == shown
    assert etree.fromstring(pubmed_xml.write_article(item)).findtext(".//LastName") == shown
    assert lines(tagged.write_medline(item), "FAU ") == [shown]
