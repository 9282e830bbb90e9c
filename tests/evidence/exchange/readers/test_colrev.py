"""What CoLRev reads from the exports of sixteen databases, beside what we read: field by field.

CoLRev goes on from reading to preparing: it looks journals up, changes the case of titles, fills in gaps. Wherever we
differ, the difference stands in `DELIBERATE` with its reason, and no other may be found.
"""

import html
import re
from pathlib import Path
from typing import Any

import pytest
from rapidfuzz import fuzz, process

from services.evidence.exchange.imports.work_parser import ParsedWork, parse_work
from services.evidence.exchange.readers import formats
from services.evidence.exchange.readers.records import ReaderStart
from services.evidence.library.items.descriptions import Research
from tests.evidence.world import data

SEARCHES = ("colrev", "tests", "review_manager", "3_packages_search", "data")
PAIRS: dict[tuple[str, ...], tuple[str, ...]] = {
    (*SEARCHES, name): (*SEARCHES, f"{name.partition('.')[0]}_result.bib")
    for name in (
        "abi_inform_proquest_bib.bib", "abi_inform_proquest_ris.ris", "acm_bib.bib", "ais_enl.txt", "crossref_bib.bib",
        "dblp_bib.bib", "ebsco_bib.bib", "eric_nbib.nbib", "europe_pmc_bib.bib", "files_dir_bib.bib",
        "google_scholar.json", "ieee_csv.csv", "ieee_ris.ris", "jstor_ris.ris", "psycinfo_ris.ris", "pubmed_csv.csv",
        "scopus_bib.bib", "springer_csv.csv", "taylor_and_francis_bib.bib", "trid_ris.ris", "unknown_source_bib.bib",
        "web_of_science_bib.bib", "wiley_bib.bib",
    )
} | {
    ("colrev", "tests", "2_loader", "data", "enl_data.enl"): (
        "colrev", "tests", "2_loader", "data", "enl_data_expected.bib",
    ),
    ("colrev", "tests", "data", "search_files", "pubmed-chatbot.csv"): (
        "colrev", "tests", "data", "search_files", "pubmed-chatbot-expected.bib",
    ),
}  # fmt: skip

LOOKED_UP = "CoLRev looks the journal or conference up and writes its name in its own way; we keep what the file says"
RECASED = "CoLRev changes capitals and leaves out what it takes for a remark; we keep the title that the file gives"
A_CHAPTER = "to CoLRev a chapter is titled like its book; to us the chapter is the work, and the book holds it"
NO_SUCH = "it is no number that could exist (its prefix, its length or its year is wrong), so we leave it out"
DELIBERATE: dict[tuple[str, str, str], str] = {
    ("acm_bib.bib", "year", "888"): NO_SUCH,
    ("acm_bib.bib", "isbn", "2222222222222"): NO_SUCH,
    ("jstor_ris.ris", "isbn", "9777777777779"): NO_SUCH,
    ("wiley_bib.bib", "isbn", "1111222233334"): NO_SUCH,
    ("web_of_science_bib.bib", "isbn", "999-9-999-99999-9; 999-8-888-99999-8"): NO_SUCH,
    ("ais_enl.txt", "booktitle", "European Conference on Information Systems"): LOOKED_UP,
    ("ais_enl.txt", "booktitle", "Pacific-Asia Conference on Information Systems"): LOOKED_UP,
    ("ais_enl.txt", "booktitle", "Hawaii International Conference on System Sciences"): LOOKED_UP,
    ("ais_enl.txt", "journal", "MIS Quarterly"): LOOKED_UP,
    ("ais_enl.txt", "title", "It innovations and entrepreneurship in emerging eco"): RECASED,
    ("web_of_science_bib.bib", "booktitle", "A Booktitle"): RECASED,
    ("files_dir_bib.bib", "title", "The rhetoric of culture as an act of closure in a c"): RECASED,
    ("files_dir_bib.bib", "title", "47. How Emerging Technologies Change the Way New Ze"): RECASED,
    ("files_dir_bib.bib", "title", "Discovering Meaning in IS Design"): RECASED,
    ("jstor_ris.ris", "title", "Secondary Title"): A_CHAPTER,
    ("wiley_bib.bib", "title", "Dummy in Practice"): A_CHAPTER,
    ("scopus_bib.bib", "title", "Public Dummy Review Eight"): A_CHAPTER,
    ("scopus_bib.bib", "booktitle", "Book classified as document_type Book Chapter"): A_CHAPTER,
}
ONCE = "each keyword is kept once"
DELIBERATE["ebsco_bib.bib", "keywords", "Price fixing, Sharing economy, Antitrust law, ). ad"] = ONCE
LANGUAGES = {"eng": "en", "deu": "de"}


def expected(path: Path) -> list[dict[str, str]]:
    """CoLRev writes each field on a line of its own, and goes on with spaces."""
    entries: list[dict[str, str]] = []
    for line in path.read_text("utf-8-sig").splitlines():
        if line.startswith("@"):
            entries.append({"type": line[1 : line.index("{")]})
        elif field := re.match(r"   (\S+)\s+= \{(.*?)(?:\},?)?$", line):
            entries[-1][field[1]] = field[2]
    return entries


def read_works(path: Path) -> list[Research]:
    content = path.read_bytes()
    format = formats.detect_format(content)
    reader = format.create_reader(ReaderStart(content))
    results = [
        parse_work(record, format.parse_fields(record.fields)) for record in (*reader.feed(content), *reader.finish())
    ]
    works = [result.description for result in results if isinstance(result, ParsedWork)]
    return [work for work in works if isinstance(work, Research)]


def in_colrev_fields(work: Research) -> dict[str, str | None]:
    """In CoLRev's words."""

    def numbers(scheme: str) -> str:
        return " ".join(identifier.value for identifier in work.identifiers if identifier.scheme == scheme)

    return {
        "author": " and ".join(work.authors),
        "editor": " and ".join(work.editors),
        "title": work.title,
        "journal": work.published_in,
        "booktitle": work.published_in,
        "year": (work.published_on or "")[:4],
        "volume": work.volume,
        "number": work.issue,
        "pages": work.pages,
        "publisher": work.publisher,
        "url": work.url,
        "abstract": work.summary,
        "keywords": ", ".join(work.keywords),
        "language": work.language,
        "doi": numbers("doi"),
        "issn": numbers("issn"),
        "isbn": numbers("isbn"),
        "pmid": numbers("pmid"),
        "pmcid": numbers("pmcid"),
        "colrev.pubmed.pubmedid": numbers("pmid"),
    }


def normalized(name: str, value: str) -> str:
    """What a field says, whatever the way in which it is written."""
    text = "" if value == "UNKNOWN" else html.unescape(re.sub(r"[{}\\]", "", value))
    match name:
        case "issn":
            return " ".join(f"{a}-{b}" for a, b in re.findall(r"(\d{4})-?(\d{3}[\dX])", text))
        case "language":
            return LANGUAGES.get(text, text)
        case "pages":
            return re.sub(r"\s*-+\s*", "-", text)
        case "title" | "author":
            return re.sub(r"\.(?=$| and )", "", " ".join(text.split()))
        case "doi":
            return text.lower()
        case _:
            return re.sub(r"\s", "", text)


def differences(name: str, entry: dict[str, str], work: Research) -> dict[tuple[str, str, str], Any]:
    fields = in_colrev_fields(work)
    return {
        (name, field, value[:51]): fields[field]
        for field, value in entry.items()
        if field in fields and normalized(field, value) != normalized(field, fields[field] or "")
    }


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path[-1])
def test_an_export_is_read_as_colrev_reads_it(path: tuple[str, ...]) -> None:
    works, entries = read_works(data(*path)), expected(data(*PAIRS[path]))
    assert len(works) == len(entries) > 0
    observed: dict[tuple[str, str, str], Any] = {}
    for entry in entries:
        titles = [f"{work.title} {work.published_on} {in_colrev_fields(work)['doi']}".lower() for work in works]
        sought = f"{entry.get('chapter', entry['title'])} {entry.get('year')} {entry.get('doi', '')}".lower()
        best = process.extractOne(sought, titles, scorer=fuzz.ratio)
        observed |= differences(path[-1], entry, works.pop(best[2]))
    assert {key: observed[key] for key in observed if key not in DELIBERATE} == {}
    assert {key for key in DELIBERATE if key[0] == path[-1]} <= set(observed), "a difference that is no more"


def test_no_expectation_of_colrevs_is_left_out() -> None:
    folder = data(*SEARCHES)
    assert {path.name for path in folder.glob("*_result.bib")} == {
        path[-1] for path in PAIRS.values() if path[:5] == SEARCHES
    }
