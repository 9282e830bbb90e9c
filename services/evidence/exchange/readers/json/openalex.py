"""OpenAlex's JSON: one work, or the list in a response of its API."""

import re

from pydantic import JsonValue

from services.evidence.exchange.readers.encodings import sanitize_object
from services.evidence.exchange.readers.fields.page_ranges import join_pages
from services.evidence.exchange.readers.fields.person_names import invert_given_first
from services.evidence.exchange.readers.json.reader import (
    JsonLayout,
    JsonReader,
    first_text,
    member,
    objects_of,
    texts_of,
)
from services.evidence.exchange.readers.records import ParsedFields, ReaderStart

KINDS = {
    **dict.fromkeys(("article", "letter", "editorial", "erratum", "retraction", "review"), "journal_article"),
    **dict.fromkeys(("book", "monograph", "edited-book"), "book"),
    **dict.fromkeys(("book-chapter", "reference-entry"), "chapter"),
    **dict.fromkeys(("report", "standard", "preprint"), "report"),
    **dict.fromkeys(("proceedings-article", "conference-paper"), "conference_paper"),
    "dissertation": "thesis",
    "dataset": "dataset",
}
MAX_ABSTRACT_WORDS = 20_000
SIGN = re.compile(rb'"https://openalex\.org/W\d+"')
"""The id of a work."""
LAYOUT = JsonLayout(
    list_start=re.compile(rb'"results"\s*:\s*\['),
    single_start=re.compile(rb"(?!)"),
    is_record=lambda work: "openalex.org/" in str(work.get("id", "")) and bool(work.get("title") or work.get("type")),
    other_kind="It is not a work of OpenAlex.",
)


def create_reader(start: ReaderStart) -> JsonReader:
    return JsonReader(start, LAYOUT)


def parse_fields(fields: dict[str, JsonValue]) -> ParsedFields:
    """Return the fields of one work."""
    work = sanitize_object(fields)
    location, biblio, ids = (member(work, name) for name in ("primary_location", "biblio", "ids"))
    source = member(location, "source")
    is_conference = source.get("type") == "conference"
    types = texts_of([work.get("type"), work.get("type_crossref")])
    kind = next((KINDS[type] for type in types if type in KINDS), "other")
    return {
        "title": first_text(work.get("title"), work.get("display_name")),
        "summary": _abstract(member(work, "abstract_inverted_index")),
        "kind": "conference_paper" if is_conference and kind == "journal_article" else kind,
        "authors": [
            invert_given_first(name)
            for authorship in objects_of(work.get("authorships"))
            if (name := first_text(member(authorship, "author").get("display_name"), authorship.get("raw_author_name")))
        ],
        "published_in": None if kind in ("book", "thesis", "dataset") else first_text(source.get("display_name")),
        "dates": texts_of([work.get("publication_year"), work.get("publication_date")]),
        "volume": first_text(biblio.get("volume")),
        "issue": first_text(biblio.get("issue")),
        "pages": join_pages(first_text(biblio.get("first_page")), first_text(biblio.get("last_page"))),
        "publisher": first_text(source.get("host_organization_name")),
        "keywords": [
            word for keyword in objects_of(work.get("keywords")) if (word := first_text(keyword.get("display_name")))
        ],
        "language": first_text(work.get("language")),
        "identifiers": [
            *(("doi", doi) for doi in texts_of(work.get("doi") or ids.get("doi"))),
            *(("pmid", number.rpartition("/")[2]) for number in texts_of(ids.get("pmid"))),
            *(
                ("pmcid", f"PMC{number.rpartition('/')[2].removeprefix('PMC')}")
                for number in texts_of(ids.get("pmcid"))
            ),
            *(("serial", number) for number in texts_of([source.get("issn_l"), source.get("issn")])),
        ],
        "links": [
            link for link in texts_of([location.get("landing_page_url"), work.get("id")]) if "doi.org/" not in link
        ],
    }


def _abstract(positions_by_word: dict[str, JsonValue]) -> str | None:
    """Return the abstract of which OpenAlex gives the positions of each word."""
    placed = (
        (position, word)
        for word, positions in positions_by_word.items()
        for position in (positions if isinstance(positions, list) else [])
        if isinstance(position, int)
    )
    words = [word for _, word in sorted(placed)[:MAX_ABSTRACT_WORDS]]
    return " ".join(words) or None
