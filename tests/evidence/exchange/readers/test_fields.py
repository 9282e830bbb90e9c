"""What a whole record of each format says, field by field. The records are invented, in the form of their source."""

import json
from typing import Any

import pytest

from services.evidence.exchange.imports.work_parser import ParsedWork, parse_work
from services.evidence.exchange.readers import formats
from services.evidence.exchange.readers.records import ReaderStart
from tests.evidence.exchange.file_reader import work_of
from tests.evidence.world import data

PUBMED = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2024//EN" "https://dtd.nlm.nih.gov/x.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">90000001</PMID>
<Article><Journal><ISSN IssnType="Electronic">1234-5678</ISSN><JournalIssue><Volume>12</Volume><Issue>3</Issue>
<PubDate><Year>2021</Year><Month>May</Month><Day>4</Day></PubDate></JournalIssue><Title>Journal of Invented Care</Title>
</Journal><ArticleTitle>Breaks for <i>unpaid</i> carers.</ArticleTitle><Pagination><MedlinePgn>201-19</MedlinePgn>
</Pagination><ELocationID EIdType="doi">10.5555/BREAKS</ELocationID><Abstract>
<AbstractText Label="AIM">To ask.</AbstractText><AbstractText Label="RESULT">p &lt; 0.05.</AbstractText></Abstract>
<AuthorList><Author><LastName>Okoro</LastName><ForeName>Ada B</ForeName><Initials>AB</Initials></Author>
<Author><CollectiveName>The Breaks Group</CollectiveName></Author></AuthorList><Language>eng</Language>
<PublicationTypeList><PublicationType UI="D016428">Journal Article</PublicationType></PublicationTypeList></Article>
<MeshHeadingList><MeshHeading><DescriptorName>Caregivers</DescriptorName></MeshHeading></MeshHeadingList>
</MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="pubmed">90000001</ArticleId>
<ArticleId IdType="pmc">PMC9000001</ArticleId></ArticleIdList></PubmedData></PubmedArticle></PubmedArticleSet>"""
JATS = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Publishing DTD v1.2//EN" "JATS-journalpublishing1.dtd">
<article xmlns:xlink="http://www.w3.org/1999/xlink" article-type="research-article" xml:lang="en"><front>
<journal-meta><journal-title-group><journal-title>Journal of Invented Care</journal-title></journal-title-group>
<issn pub-type="epub">1234-5678</issn><publisher><publisher-name>A Press</publisher-name></publisher></journal-meta>
<article-meta><article-id pub-id-type="doi">10.5555/BREAKS</article-id>
<article-id pub-id-type="pmid">90000001</article-id>
<article-id pub-id-type="pmc">9000001</article-id><title-group><article-title>Breaks for <italic>unpaid</italic> carers
</article-title><subtitle>a trial</subtitle></title-group><contrib-group><contrib contrib-type="author"><name>
<surname>Okor\xf3</surname><given-names>Ada B</given-names></name></contrib><contrib contrib-type="author">
<collab>The Breaks Group</collab></contrib><contrib contrib-type="editor"><name><surname>Lind</surname>
<given-names>Bo</given-names></name></contrib></contrib-group><pub-date pub-type="epub"><day>4</day><month>5</month>
<year>2021</year></pub-date><volume>12</volume><issue>3</issue><fpage>201</fpage><lpage>219</lpage>
<abstract><title>Abstract</title><sec><title>Aim</title><p>To ask.</p></sec><p>p &lt; 0.05.</p></abstract>
<abstract abstract-type="graphical"><p>A picture.</p></abstract><kwd-group><kwd>carers</kwd></kwd-group>
</article-meta></front><body><p>&nbsp;The text.</p></body></article>"""
ENDNOTE = """<?xml version="1.0" encoding="UTF-8" ?><xml><records><record><database name="x.enl">x.enl</database>
<rec-number>1</rec-number><ref-type name="Journal Article">17</ref-type><contributors><authors>
<author><style face="normal">Okoro, Ada B</style></author></authors></contributors><titles>
<title><style face="normal">Breaks for </style><style face="italic">unpaid</style><style> carers</style></title>
<secondary-title>Journal of Invented Care</secondary-title></titles><pages><style>201-219</style></pages>
<volume><style>12</style></volume><number>3</number><keywords><keyword>carers</keyword></keywords><dates><year>2021</year>
<pub-dates><date>May 4</date></pub-dates></dates><isbn>1234-5678</isbn><abstract>To ask.</abstract><urls><related-urls>
<url>https://example.org/breaks</url></related-urls></urls><electronic-resource-num>10.5555/BREAKS
</electronic-resource-num><language>English</language></record></records></xml>"""
NBIB = """
PMID- 90000001
OWN - NLM
IS  - 1234-5678 (Electronic)
VI  - 12
IP  - 3
DP  - 2021 May 4
TI  - Breaks for unpaid
      carers.
PG  - 201-19
LID - 10.5555/BREAKS [doi]
AB  - AIM: To ask.
      RESULT: p < 0.05.
FAU - Okoro, Ada B
AU  - Okoro AB
CN  - The Breaks Group
LA  - eng
PT  - Journal Article
JT  - Journal of Invented Care
MH  - *Caregivers
PMC - PMC9000001
"""
WORK: dict[str, Any] = {
    "kind": "journal_article",
    "authors": ["Okoro, Ada B"],
    "published_in": "Journal of Invented Care",
    "published_on": "2021-05-04",
    "volume": "12",
    "issue": "3",
    "pages": "201-219",
}
NAMES = {("doi", "10.5555/breaks"), ("issn", "1234-5678")}
PUBMEDS = {("pmid", "90000001"), ("pmcid", "PMC9000001")}


def read(content: bytes) -> tuple[dict[str, Any], set[tuple[str, str]]]:
    """The one record of a file, and its identifiers."""
    format = formats.detect_format(content)
    reader = format.create_reader(ReaderStart(content))
    (record,) = [*reader.feed(content), *reader.finish()]
    result = parse_work(record, format.parse_fields(record.fields))
    assert isinstance(result, ParsedWork), result
    work = result.description.model_dump(exclude_defaults=True, mode="json", exclude={"way_of_knowing"})
    return work, {(identifier["scheme"], identifier["value"]) for identifier in work.pop("identifiers", [])}


@pytest.mark.parametrize(
    ("content", "expected", "names"),
    [
        (
            PUBMED.encode(),
            {
                "title": "Breaks for unpaid carers.",
                "summary": "AIM: To ask.\nRESULT: p < 0.05.",
                "authors": ["Okoro, Ada B", "The Breaks Group"],
                "keywords": ["Caregivers"],
            },
            NAMES | PUBMEDS,
        ),
        (
            JATS.encode("latin-1"),
            {
                "title": "Breaks for unpaid carers: a trial",
                "summary": "Aim\nTo ask.\np < 0.05.",
                "authors": ["Okor\xf3, Ada B", "The Breaks Group"],
                "editors": ["Lind, Bo"],
                "publisher": "A Press",
                "keywords": ["carers"],
            },
            NAMES | PUBMEDS,
        ),
        (
            ENDNOTE.encode(),
            {
                "title": "Breaks for unpaid carers",
                "summary": "To ask.",
                "keywords": ["carers"],
                "url": "https://example.org/breaks",
            },
            NAMES,
        ),
        (
            NBIB.encode(),
            {
                "title": "Breaks for unpaid carers.",
                "summary": "AIM: To ask. RESULT: p < 0.05.",
                "authors": ["Okoro, Ada B", "The Breaks Group"],
                "keywords": ["Caregivers"],
            },
            NAMES | PUBMEDS,
        ),
    ],
    ids=["pubmed-xml", "jats", "endnote-xml", "pubmed"],
)
def test_everything_that_a_record_says_finds_its_field(
    content: bytes, expected: dict[str, Any], names: set[tuple[str, str]]
) -> None:
    assert read(content) == (WORK | expected, names)


def test_a_record_of_crossref_is_read_field_by_field() -> None:
    folder = ("colrev", "tests", "3_packages_search", "data_crossref")
    work, names = read(data(*folder, "10.17705_1cais.04607.json").read_bytes())
    assert work["title"].startswith("A Knowledge Development Perspective on Literature Reviews")
    assert work["authors"][0] == "Schryen, Guido"
    assert (work["kind"], work["pages"]) == ("journal_article", "134-186")
    assert work["published_in"] == "Communications of the Association for Information Systems"
    assert ("doi", "10.17705/1cais.04607") in names


def test_a_record_of_web_of_science_is_read_field_by_field() -> None:
    content = data("rispy", "tests", "data", "example_wos.ris").read_bytes()
    reader = formats.FORMATS["web-of-science"].create_reader(ReaderStart(content))
    record = next(iter(reader.feed(content)))
    result = parse_work(record, formats.FORMATS["web-of-science"].parse_fields(record.fields))
    assert isinstance(result, ParsedWork)
    work = result.description.model_dump(mode="json")
    assert {identifier["scheme"] for identifier in work["identifiers"]} >= {"doi", "wos"}
    assert all(", " in name for name in work["authors"])
    assert "\n" not in work["title"]
    assert work["published_on"]


@pytest.mark.parametrize("pages", ["NA--NA", "none-none", "n/a--n/a", "N/A \u2013 N/A", "--", "NaN-NaN"])
def test_a_range_of_placeholders_is_no_pages_whatever_the_format(pages: str) -> None:
    start, _, end = pages.partition("-")
    contents = [
        f"@article{{a, title = {{Breaks}}, pages = {{{pages}}}}}",
        f"TY  - JOUR\nTI  - Breaks\nSP  - {pages}\nER  - \n",
        f"TY  - JOUR\nTI  - Breaks\nSP  - {start.strip()}\nEP  - {end.strip('- ')}\nER  - \n",
        json.dumps([{"type": "book", "title": "Breaks", "page": pages}]),
        f"title,year,pages\nBreaks,2014,{pages}\n",
        f"PMID- 1\nTI  - Breaks\nPG  - {pages}\n",
    ]
    for content in contents:
        assert "pages" not in work_of(content)
    assert work_of("@article{a, title = {Breaks}, pages = {e1--e9}}")["pages"] == "e1-e9"
