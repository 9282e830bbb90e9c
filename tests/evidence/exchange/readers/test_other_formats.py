"""RefWorks, Web of Science's table, RIS without types, OpenAlex, DataCite, Ovid: read, or refused by name."""

import json
from typing import Any

import pytest

from services.evidence.exchange.readers import formats
from services.evidence.exchange.readers.rules import UnknownFormat
from tests.evidence.exchange.file_reader import part_of, work_of, works_of
from tests.evidence.world import EvidenceWorld, counts
from tests.support.callers import NOBODY

REFWORKS = (
    "Refworks Export Tagged Format\n\nTag legend\n*****\nRT = Reference Type\nA1 = Primary Authors\n*****\n\n"
    "RT Journal Article\nSR Print(0)\nID 7\nA1 Okoro,Ada B\nA1 Lind,Bo\nT1 Breaks by the sea\nJF Care Invented\n"
    "YR 2014\nFD May 3\nVO 5\nIS 1\nSP 20\nOP 31\nK1 breaks; carers\nAB What they gave.\nDO 10.5555/sea\nSN 1234-5678\n"
    "LA English\n\n"
    "RT Book, Section\nA1 Marsh,Cy\nA2 Lind,Bo\nT1 On quays\nT2 The shore\nYR 2015\nPB A press\n"
)
WEB_OF_SCIENCE = (
    "PT\tAU\tAF\tCA\tTI\tSO\tDT\tDE\tAB\tPY\tEA\tVL\tIS\tBP\tEP\tAR\tDI\tUT\tSN\n"
    "J\tOkoro, A; Lind, B\tOkoro, Ada; Lind, Bo\tBreaks Group\tBreaks by the sea\tCARE INVENTED\tArticle\t"
    "breaks; carers\tWhat they gave.\t2014\t\t5\t1\t\t\t104\t10.5555/sea\tWOS:000411111111111\t1234-5678\n"
    "J\tMarsh, C\tMarsh, Cy\t\tOn quays\t\tArticle; Early Access\t\t\t\tJUN 2022\t\t\t1\t9\t\t\t\t\n"
)
OPENALEX: dict[str, Any] = {
    "id": "https://openalex.org/W77",
    "doi": "https://doi.org/10.5555/SEA",
    "title": "Breaks by the sea",
    "publication_year": 2014,
    "publication_date": "2014-05-03",
    "ids": {"openalex": "https://openalex.org/W77", "pmid": "https://pubmed.ncbi.nlm.nih.gov/90000007"},
    "language": "en",
    "primary_location": {
        "landing_page_url": "https://example.org/sea",
        "source": {"display_name": "Care Invented", "issn_l": "1234-5678", "type": "journal"},
    },
    "type": "article",
    "authorships": [
        {"author": {"display_name": "Ada B. Okoro"}},
        {"author": {"display_name": "Bo van der Lind"}},
    ],
    "biblio": {"volume": "5", "issue": "1", "first_page": "20", "last_page": "31"},
    "keywords": [{"display_name": "Breaks"}],
    "abstract_inverted_index": {"What": [0, 3], "they": [1], "gave": [2]},
}
DATACITE: dict[str, Any] = {
    "doi": "10.5555/sea",
    "titles": [{"title": "Breaks by the sea"}, {"title": "a survey", "titleType": "Subtitle"}],
    "creators": [
        {"name": "Okoro, Ada B", "givenName": "Ada B", "familyName": "Okoro", "nameType": "Personal"},
        {"name": "Breaks Group", "nameType": "Organizational"},
    ],
    "contributors": [{"name": "Lind, Bo", "contributorType": "Editor"}, {"name": "X", "contributorType": "Other"}],
    "publicationYear": 2014,
    "publisher": {"name": "A press"},
    "types": {"resourceTypeGeneral": "Dataset"},
    "subjects": [{"subject": "breaks"}],
    "descriptions": [{"description": "What they gave.", "descriptionType": "Abstract"}],
    "dates": [{"date": "2014-05-03", "dateType": "Issued"}],
}
OVID = (
    "<1. >\nVN  - Ovid Technologies\nDB  - Social Policy and Practice\nAN  - 0200001\nAU  - OKORO, Ada; LIND, Bo\n"
    "TI  - Breaks by the sea.\nSO  - Care Invented, vol 5, no 1, 2014, pp.20-31.\nAB  - What they\n    gave.\n"
    "DE  - breaks; carers\nIS  - 1234-5678\nYR  - 2014\nUR  - https://doi.org/10.5555/sea\n\n"
    "<2. >\nVN  - Ovid Technologies\nAU  - Marsh, Cy [Author] and Lind, Bo\nTI  - On quays. [Article]\n"
    "SO  - Shores May 2015;7(2):3-9\nPT  - Randomized Controlled Trial\n"
)


def test_refworks_is_read_without_its_legend() -> None:
    assert works_of(REFWORKS) == [
        {
            "title": "Breaks by the sea",
            "summary": "What they gave.",
            "kind": "journal_article",
            "authors": ["Okoro, Ada B", "Lind, Bo"],
            "published_in": "Care Invented",
            "published_on": "2014-05-03",
            "volume": "5",
            "issue": "1",
            "pages": "20-31",
            "keywords": ["breaks", "carers"],
            "identifiers": ["doi:10.5555/sea", "issn:1234-5678"],
        },
        {
            "title": "On quays",
            "kind": "chapter",
            "authors": ["Marsh, Cy"],
            "editors": ["Lind, Bo"],
            "published_in": "The shore",
            "published_on": "2015",
            "publisher": "A press",
        },
    ]


def test_the_table_of_web_of_science_is_read_by_its_tags() -> None:
    first, second = works_of(WEB_OF_SCIENCE)
    assert first == {
        "title": "Breaks by the sea",
        "summary": "What they gave.",
        "kind": "journal_article",
        "authors": ["Okoro, Ada", "Lind, Bo", "Breaks Group"],
        "published_in": "CARE INVENTED",
        "published_on": "2014",
        "volume": "5",
        "issue": "1",
        "pages": "104",
        "keywords": ["breaks", "carers"],
        "identifiers": ["doi:10.5555/sea", "wos:WOS:000411111111111", "issn:1234-5678"],
    }
    assert (second["published_on"], second["pages"]) == ("2022-06", "1-9"), "early access: there is no other year"


@pytest.mark.parametrize("between", ["ER  - \n\n", "\n"], ids=["with ends", "without ends"])
def test_ris_without_types_is_read(between: str) -> None:
    record = "AU  - Okoro, Ada\nTI  - Breaks {0}\nJO  - Care Invented\nPY  - 2014\n" + between
    works = works_of(record.format(1) + record.format(2))
    assert [work["title"] for work in works] == ["Breaks 1", "Breaks 2"]
    assert works[0]["kind"] == "journal_article"


def test_a_work_of_openalex_is_read() -> None:
    expected = {
        "title": "Breaks by the sea",
        "summary": "What they gave What",
        "kind": "journal_article",
        "authors": ["Okoro, Ada B.", "van der Lind, Bo"],
        "published_in": "Care Invented",
        "published_on": "2014-05-03",
        "volume": "5",
        "issue": "1",
        "pages": "20-31",
        "keywords": ["Breaks"],
        "identifiers": ["doi:10.5555/sea", "pmid:90000007", "issn:1234-5678"],
        "url": "https://example.org/sea",
    }
    response = {"meta": {"count": 1}, "results": [OPENALEX], "group_by": [{"key": "x"}]}
    for content in (OPENALEX, [OPENALEX], response):
        assert work_of(json.dumps(content)) == expected


def test_a_record_of_datacite_is_read() -> None:
    expected = {
        "title": "Breaks by the sea: a survey",
        "summary": "What they gave.",
        "kind": "dataset",
        "authors": ["Okoro, Ada B", "Breaks Group"],
        "editors": ["Lind, Bo"],
        "published_on": "2014-05-03",
        "publisher": "A press",
        "keywords": ["breaks"],
        "identifiers": ["doi:10.5555/sea"],
    }
    resource: dict[str, Any] = {
        "id": "10.5555/sea",
        "type": "dois",
        "attributes": DATACITE,
        "relationships": {"x": {"data": [{}]}},
    }
    contents: list[Any] = [DATACITE, [DATACITE], {"data": resource}, {"data": [resource], "meta": {"total": 1}}]
    for content in contents:
        assert work_of(json.dumps(content, indent=1)) == expected


def test_ovid_is_read_with_what_its_source_says() -> None:
    first, second = works_of(OVID)
    assert first == {
        "title": "Breaks by the sea.",
        "summary": "What they gave.",
        "kind": "journal_article",
        "authors": ["Okoro, Ada", "Lind, Bo"],
        "published_in": "Care Invented",
        "published_on": "2014",
        "volume": "5",
        "issue": "1",
        "pages": "20-31",
        "keywords": ["breaks", "carers"],
        "identifiers": ["doi:10.5555/sea", "issn:1234-5678"],
        "url": "https://doi.org/10.5555/sea",
    }
    assert second == {
        "title": "On quays.",
        "kind": "journal_article",
        "design": "quantitative",
        "authors": ["Marsh, Cy", "Lind, Bo"],
        "published_in": "Shores",
        "published_on": "2015-05",
        "volume": "7",
        "issue": "2",
        "pages": "3-9",
    }


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("<1>\nAccession Number\n  0200001\nAuthor\n  Okoro, Ada\nTitle\n  Breaks\n", "Ovid"),
        ('[{"itemType": "book", "title": "Breaks", "creators": [], "date": "2014"}]', "Zotero"),
        (
            '{"resultList": {"result": [{"title": "Breaks", "authorString": "Okoro A", "pubYear": "2014"}]}}',
            "Europe PMC",
        ),
        ('{"data": [{"lens_id": "0", "title": "Breaks", "year_published": 2014}]}', "The Lens"),
        ('{"@context": "https://schema.org", "@type": "Book", "name": "Breaks"}', "JSON-LD"),
    ],
)
def test_what_is_known_and_not_read_is_refused_by_name(content: str, named: str) -> None:
    with pytest.raises(UnknownFormat) as refusal:
        formats.detect_format(content.encode())
    assert named in str(refusal.value.detail)
    assert "RIS" in str(refusal.value.detail)


@pytest.mark.parametrize(
    "record",
    [
        {"title": "Breaks", "body": "of a page"},
        {"type": "article", "title": "Breaks", "creators": [{"name": "Okoro"}], "publicationYear": 2014},
        {"type": "todo", "title": "Breaks"},
        {"type": "todo", "title": "Breaks", "url": "https://example.org/1"},
        {"type": "event", "title": "Breaks", "room": 5},
        {"title": "Breaks", "note": "2 pints"},
        {"title": "Breaks", "number": 7},
        {"type": "article", "title": "Breaks"},
        {"type": "book", "title": "Breaks", "id": 7, "note": "Return it on Monday"},
        {"type": "event", "title": "Breaks", "description": "In the hall at two"},
    ],
)
def test_json_of_another_kind_makes_no_item_without_authors_and_year(record: dict[str, Any]) -> None:
    part = part_of(json.dumps([record]))
    assert part.works == []
    assert "not CSL-JSON" in part.rejects[0]["reason"]
    assert part.rejects[0].get("title") == "Breaks"


@pytest.mark.parametrize(
    "record",
    [
        {"type": "article-journal"},
        {"type": "legal_case"},
        {"type": "book", "publisher": "A press"},
        {"type": "report", "page": "3"},
        {"type": "article", "abstract": "What breaks gave."},
        {"type": "post", "URL": "https://example.org/sea"},
    ],
)
def test_a_reference_without_authors_and_year_is_one_by_its_type_or_by_what_only_references_have(
    record: dict[str, Any],
) -> None:
    assert work_of(json.dumps([{"id": "1", "title": "Breaks", **record}]))["title"] == "Breaks"


@pytest.mark.parametrize(
    "member",
    [
        {"DOI": "10.5555/sea"},
        {"PMID": "90000007"},
        {"URL": "https://example.org/sea"},
        {"container-title": "Shores"},
        {"note": "DOI: 10.5555/sea"},
        {"issued": {"raw": "2014"}},
    ],
)
def test_a_work_without_a_type_is_known_by_where_it_came_out(member: dict[str, Any]) -> None:
    assert work_of(json.dumps([{"title": "Breaks", **member}]))["title"] == "Breaks"


async def test_a_list_of_things_to_do_makes_no_item(world: EvidenceWorld) -> None:
    entries = [
        {"type": "todo", "title": "Ring the plumber"},
        {"title": "Buy milk", "note": "2 pints"},
        {"title": "Ticket", "number": 7},
    ]
    lines = "\n".join(json.dumps(entry) for entry in entries)
    for content in (json.dumps(entries), json.dumps({"items": entries}), lines):
        job = await world.import_file(content.encode())
        assert counts(job) == (3, 0, 0, 3)
    assert (await world.json(NOBODY, "GET", "/v1/evidence"))["items"] == []


async def test_json_of_types_and_members_of_another_kind_is_refused_by_name(world: EvidenceWorld) -> None:
    entries = [{"type": "todo", "title": "Ring the plumber", "done": False}, {"title": "Buy milk"}]
    refused = await world.send(json.dumps(entries).encode())
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/file")
    assert "`todo`" in refused.json()["detail"]
    work = {"title": "Breaks", "issued": {"raw": "2014"}}
    job = await world.import_file(json.dumps([*entries, work]).encode())
    assert counts(job) == (3, 1, 0, 2)
