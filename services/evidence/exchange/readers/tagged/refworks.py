"""RefWorks's tagged format."""

import re
from functools import partial

from services.evidence.exchange.readers.fields.keywords import split_keywords
from services.evidence.exchange.readers.fields.page_ranges import join_pages
from services.evidence.exchange.readers.records import ParsedFields, ReaderStart
from services.evidence.exchange.readers.tagged import lines
from services.evidence.exchange.readers.tagged.lines import Fields, TaggedReader, TagLayout, splitter

_TAG = re.compile(rb"([A-Z][A-Z0-9])(?: +(?!=)(.*))?$", re.DOTALL)
"""In the legend at the head of some files, an equals sign follows the tag."""
KINDS = {
    **dict.fromkeys(("journal article", "journal, electronic", "journal", "abstract"), "journal_article"),
    **dict.fromkeys(("magazine article", "newspaper article"), "journal_article"),
    **dict.fromkeys(("book, whole", "book, edited", "monograph", "book"), "book"),
    **dict.fromkeys(("book, section", "book, chapter"), "chapter"),
    **dict.fromkeys(("report", "grant", "unpublished material", "government document"), "report"),
    **dict.fromkeys(("dissertation", "thesis", "dissertation/thesis", "thesis, unpublished"), "thesis"),
    **dict.fromkeys(("conference proceedings", "conference proceeding"), "conference_paper"),
    **dict.fromkeys(("web page", "online discussion forum", "blog"), "web_page"),
    "dataset": "dataset",
}


LAYOUT = TagLayout(splitter(_TAG), first_tags=frozenset({"RT"}), end_tag="ER")


def create_reader(start: ReaderStart) -> TaggedReader:
    return TaggedReader(LAYOUT, start)


def parse_fields(fields: Fields) -> ParsedFields:
    """Return the fields of a record by the tags that may hold them, the best first."""
    first_value = partial(lines.first_value, fields)
    all_values = partial(lines.all_values, fields)
    kind = KINDS.get((first_value("RT") or "").lower(), "other")
    year, day = first_value("YR"), first_value("FD")
    return {
        "title": first_value("T1"),
        "summary": "\n".join(dict.fromkeys(fields.get("AB", ()))),
        "kind": kind,
        "authors": all_values("A1"),
        "editors": all_values("A3" if kind == "book" else "A2"),
        "published_in": first_value("JF", "T2", "JO", "T3"),
        "dates": [date for date in (year, f"{day} {year}" if day and year else day) if date],
        "volume": first_value("VO"),
        "issue": first_value("IS"),
        "pages": join_pages(first_value("SP"), first_value("OP")),
        "publisher": first_value("PB"),
        "keywords": split_keywords(fields.get("K1", [])),
        "language": first_value("LA"),
        "identifiers": [
            *(("doi", value) for value in all_values("DO")),
            *(("serial", value) for value in all_values("SN")),
            *(("wos", value) for value in all_values("AN") if value[:4].upper() == "WOS:"),
        ],
        "links": all_values("UL", "LK"),
        "extensions": [],
    }
