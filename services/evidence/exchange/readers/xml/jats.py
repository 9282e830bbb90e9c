"""JATS: one article, or many in a set. The metadata is in the front matter of the article."""

import re

from services.evidence.exchange.readers.records import MAX_RECORD_BYTES, ParsedFields, ReaderStart
from services.evidence.exchange.readers.xml.elements import (
    Element,
    XmlReader,
    find,
    find_all,
    find_text,
    find_texts,
    local_name,
    paragraphs,
    prolog,
    record_tokens,
    text_of,
)

_HEADING = re.compile(r"(?i)\Aabstract\n")
MAX_ARTICLE_BYTES = 8 * MAX_RECORD_BYTES
"""An article comes with its full text."""
_TOKENS = record_tokens("article")
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
KINDS = {
    "book-chapter": "chapter",
    "thesis": "thesis",
    "dissertation": "thesis",
    "dataset": "dataset",
    "data-paper": "dataset",
    "working-paper": "report",
    "preprint": "report",
    "report": "report",
    "conference-paper": "conference_paper",
}


def create_reader(start: ReaderStart) -> XmlReader:
    return XmlReader(start, _TOKENS, MAX_ARTICLE_BYTES)


def file_header(beginning: bytes) -> bytes:
    """Return what comes before the first record."""
    return prolog(beginning, _TOKENS)


def parse_fields(article: Element) -> ParsedFields:
    """Return the fields of one `<article>`."""
    meta = find(article, "front/article-meta", "front-stub")
    _remove_latex(meta)
    journal = find(article, "front/journal-meta")
    extensions = [
        text_of(find(custom, "meta-value"))
        for custom in find_all(meta, "custom-meta-group/custom-meta")
        if find_text(custom, "meta-name") in ("impact", "x-impact")
    ]
    first, last = find_text(meta, "fpage"), find_text(meta, "lpage")
    links = (uri.get("{http://www.w3.org/1999/xlink}href") for uri in find_all(meta, "self-uri"))
    return {
        "title": _title(find(meta, "title-group")),
        "summary": _HEADING.sub("", paragraphs(_abstract(meta))),
        "kind": KINDS.get(article.get("article-type") or "", "journal_article"),
        "authors": _names(meta, ("author", None)),
        "editors": _names(meta, ("editor",)),
        "published_in": find_text(journal, "journal-title-group/journal-title", "journal-title", "journal-id"),
        "dates": _dates(meta),
        "volume": find_text(meta, "volume"),
        "issue": find_text(meta, "issue"),
        "pages": f"{first}-{last}" if first and last and first != last else first or find_text(meta, "elocation-id"),
        "publisher": find_text(journal, "publisher/publisher-name"),
        "keywords": find_texts(meta, "kwd-group/kwd"),
        "language": article.get(_LANGUAGE),
        "identifiers": _identifiers(journal, meta),
        "links": [link for link in links if link],
        "labels": find_texts(meta, "article-categories/subj-group/subject"),
        "extensions": extensions,
    }


def _remove_latex(meta: Element | None) -> None:
    """Remove the LaTeX that stands beside the same mathematics in MathML, whose signs are words."""
    for alternatives in [] if meta is None else list(meta.iter("{*}alternatives")):
        if len(alternatives) > 1:
            for latex in find_all(alternatives, "tex-math"):
                latex.clear()


def _title(group: Element | None) -> str | None:
    title, subtitle = find_text(group, "article-title"), find_text(group, "subtitle")
    return f"{title}: {subtitle}" if title and subtitle else title


def _abstract(meta: Element | None) -> Element | None:
    """Return the abstract proper rather than a graphical or plain-language one."""
    abstracts = find_all(meta, "abstract")
    return next((abstract for abstract in abstracts if not abstract.get("abstract-type")), next(iter(abstracts), None))


def _names(meta: Element | None, roles: tuple[str | None, ...]) -> list[str]:
    names: list[str] = []
    for contributor in find_all(meta, "contrib-group/contrib"):
        if contributor.get("contrib-type") not in roles:
            continue
        person = find(contributor, "name", "name-alternatives/name")
        if person is not None:
            parts = (find_text(person, "surname"), find_text(person, "given-names"), find_text(person, "suffix"))
            names.append(", ".join(filter(None, parts)))
        elif name := find_text(contributor, "string-name", "collab", "anonymous"):
            names.append(name)
    return [name for name in names if name]


def _dates(meta: Element | None) -> list[str]:
    """Return the dates of publication in the order of the article: online and in print they may differ by a year."""
    dates: list[str] = []
    for element in find_all(meta, "pub-date"):
        year, month, day = find_text(element, "year"), find_text(element, "month"), find_text(element, "day")
        if year and (month is None or month.isdigit()):
            dates.append("-".join(filter(None, (year, month, day))))
        elif year:
            dates.append(f"{day or ''} {month} {year}")
        elif date := element.get("iso-8601-date") or text_of(element):
            dates.append(date)
    return dates


def _identifiers(journal: Element | None, meta: Element | None) -> list[tuple[str, str]]:
    schemes = {"doi": "doi", "pmid": "pmid", "pmc": "pmcid", "pmcid": "pmcid", "publisher-id": None}
    identifiers: list[tuple[str, str]] = []
    for element in find_all(meta, "article-id"):
        kind, value = element.get("pub-id-type") or "", text_of(element)
        scheme = "wos" if value.upper().startswith("WOS:") else schemes.get(kind)
        if scheme == "pmcid" and value.isdigit():
            value = f"PMC{value}"
        if scheme:
            identifiers.append((scheme, value))
    children = (child for holder in (journal, meta) if holder is not None for child in holder)
    identifiers += [("serial", text_of(child)) for child in children if local_name(child) in ("issn", "isbn")]
    return identifiers
