"""The fields of an entry by the names that may hold them, in BibTeX and in biblatex."""

import re

from services.evidence.exchange.readers.bibtex.entries import Fields, strip_delimiters
from services.evidence.exchange.readers.bibtex.latex import strip_latex
from services.evidence.exchange.readers.fields import identifiers as free_text
from services.evidence.exchange.readers.fields import person_names
from services.evidence.exchange.readers.fields.page_ranges import expand_page_range
from services.evidence.exchange.readers.records import ParsedFields

KINDS = {
    "article": "journal_article",
    **dict.fromkeys(("book", "proceedings", "collection", "reference", "mvbook", "periodical"), "book"),
    **dict.fromkeys(("inbook", "incollection", "suppbook", "inreference"), "chapter"),
    **dict.fromkeys(("techreport", "report", "manual", "unpublished"), "report"),
    **dict.fromkeys(("phdthesis", "mastersthesis", "thesis", "bachelorthesis"), "thesis"),
    **dict.fromkeys(("inproceedings", "conference"), "conference_paper"),
    **dict.fromkeys(("online", "electronic", "www"), "web_page"),
    "dataset": "dataset",
}
_BETWEEN_COMMAS = re.compile(r"(?:\([^()]*\)|[^,\n])+")
"""A comma within brackets does not separate."""
_NAME_PARTS = re.compile(r"(?:family|given|prefix|suffix)\s*=")
_BETWEEN_COMMAS_OUTSIDE_BRACES = re.compile(r"(?:\{[^{}]*\}|[^,{}])+")


def split_names(value: str) -> list[str]:
    """Split a list of names at ` and ` outside braces. A name that contains an `and` is written in braces."""
    names: list[str] = []
    depth, begin = 0, 0
    value = " ".join(value.split())
    for token in re.finditer(r"[{}]| and ", value):
        if token[0] == "{":
            depth += 1
        elif token[0] == "}":
            depth -= 1
        elif depth <= 0:
            names.append(value[begin : token.start()])
            begin = token.end()
    names = [_parse_name(name.strip()) for name in (*names, value[begin:])]
    return [name for name in names if name and name.lower() != "others"]


def _parse_name(value: str) -> str:
    if _NAME_PARTS.match(value):
        return _join_name_parts(value)
    name = strip_latex(value).strip()
    return name if value.startswith("{") and value.endswith("}") else person_names.invert_given_first(name)


def _join_name_parts(value: str) -> str:
    """Return `van der Okoro, Ada, Jr.` for biblatex's `family=Okoro, given=Ada, prefix=van der, suffix=Jr.`."""
    pairs = (part.partition("=") for part in _BETWEEN_COMMAS_OUTSIDE_BRACES.findall(value))
    parts = {name.strip().lower(): strip_latex(text).strip(' "') for name, _, text in pairs}
    family = " ".join(filter(None, (parts.get("prefix"), parts.get("family"))))
    return ", ".join(filter(None, (family, parts.get("given"), parts.get("suffix"))))


def parse_fields(fields: Fields) -> ParsedFields:
    """Return the fields of an entry by the names that may hold them, the best first."""

    def first_value(*names: str) -> str | None:
        return next((strip_latex(fields[name]) for name in names if fields.get(name, "").strip()), None)

    year = first_value("year")
    extension = fields.get("x-impact", "")
    kind = KINDS.get(fields.get("entry", ""), "other")
    title = _with_subtitle(first_value("title"), first_value("subtitle"))
    book = _with_subtitle(first_value("booktitle", "maintitle"), first_value("booksubtitle"))
    journal = _with_subtitle(first_value("journal", "journaltitle"), first_value("journalsubtitle"))
    if kind == "book":  # a whole book is in a series, and some programs repeat its title
        title, book = title or book, book if title and book != title else None
    return {
        "title": title,
        "summary": first_value("abstract"),
        "kind": kind,
        "authors": split_names(fields.get("author", "")),
        "editors": split_names(fields.get("editor", "")),
        "published_in": journal or book or first_value("series", "howpublished"),
        "dates": [date for date in (year, first_value("date"), _date(year, fields)) if date],
        "volume": first_value("volume"),
        "issue": first_value("number", "issue"),
        "pages": _pages(first_value("pages", "article-number", "art_number", "eid", "articleno")),
        "publisher": first_value("publisher", "school", "institution", "organization"),
        "keywords": _keywords(first_value("keywords", "key words", "author_keywords", "keyword") or ""),
        "language": first_value("language", "langid"),
        "identifiers": _identifiers(fields),
        "links": [fields[name].replace("\\", "") for name in ("url", "link", "howpublished") if name in fields]
        + _eprint_links(fields),
        "labels": [fields["type"]] if "type" in fields else [],
        "extensions": [strip_delimiters(extension) if extension.startswith("{{") else extension] if extension else [],
    }


def _with_subtitle(title: str | None, subtitle: str | None) -> str | None:
    if not title or not subtitle or subtitle.casefold() in title.casefold():
        return title
    return f"{title}{' ' if title[-1] in ':?!.' else ': '}{subtitle}"


def _date(year: str | None, fields: Fields) -> str | None:
    month = fields.get("month")
    if not (year and month):
        return None
    number = month.strip()
    return f"{year}-{number}" if number.isdigit() else f"{fields.get('day', '')} {month} {year}"


def _pages(value: str | None) -> str | None:
    return expand_page_range(re.sub(r" ?(?:-+|\u2013|\u2014) ?", "-", " ".join(value.split()))) if value else None


def _keywords(value: str) -> list[str]:
    keywords = re.split(r"[;\n]", value) if ";" in value else _BETWEEN_COMMAS.findall(value)
    return [keyword for keyword in keywords if keyword.strip()]


def _identifiers(fields: Fields) -> list[tuple[str, str]]:
    identifiers: list[tuple[str, str]] = []
    eprint, eprint_type = fields.get("eprint", ""), _eprint_type(fields)
    if "10." in (doi := fields.get("doi", "")):
        identifiers.append(("doi", doi.replace("\\", "").replace("{", "").replace("}", "")))
    elif eprint_type == "doi":
        identifiers.append(("doi", eprint))
    elif doi := free_text.doi_of_link([fields.get("url", "").replace("\\", "")]) or free_text.doi_of_note(
        [fields.get("note", "").replace("\\", "")]
    ):
        identifiers.append(("doi", doi))
    for name in ("pmid", "pmcid"):
        identifiers += [(name, fields[name])] if name in fields else []
    if scheme := {"pubmed": "pmid", "pmid": "pmid", "pmc": "pmcid", "pmcid": "pmcid"}.get(eprint_type):
        identifiers.append((scheme, eprint))
    key = fields.get("key", "")
    if key[:5].upper() == "PMID:":
        identifiers.append(("pmid", key[5:]))
    if note := re.search(r"PMID:\s*(\d+)", fields.get("note", "")):
        identifiers.append(("pmid", note[1]))
    for value in (fields.get("unique-id", "").strip("{}"), key):
        if value.strip()[:4].upper() == "WOS:":
            identifiers.append(("wos", value.strip()))
    for name in ("issn", "isbn", "eissn"):
        identifiers += [("serial", serial) for serial in re.split(r"[;,/]", fields.get(name, "")) if serial.strip()]
    return identifiers


def _eprint_type(fields: Fields) -> str:
    return (fields.get("eprinttype") or fields.get("archiveprefix") or "").strip().lower()


def _eprint_links(fields: Fields) -> list[str]:
    is_arxiv = _eprint_type(fields) == "arxiv" and fields.get("eprint")
    return [f"https://arxiv.org/abs/{fields['eprint'].strip()}"] if is_arxiv else []
