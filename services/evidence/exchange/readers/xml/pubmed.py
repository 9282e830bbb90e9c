"""PubMed's XML: one article, or a set of them."""

import re

from services.evidence.exchange.readers.fields.page_ranges import article_number, expand_page_range
from services.evidence.exchange.readers.fields.publication_types import design_of, kind_of
from services.evidence.exchange.readers.records import ParsedFields, ReaderStart
from services.evidence.exchange.readers.xml.elements import (
    Element,
    XmlReader,
    find,
    find_all,
    find_text,
    find_texts,
    local_name,
    prolog,
    record_tokens,
    text_of,
)

_TOKENS = record_tokens("PubmedArticle", "PubmedBookArticle")


def create_reader(start: ReaderStart) -> XmlReader:
    return XmlReader(start, _TOKENS)


def file_header(beginning: bytes) -> bytes:
    """Return what comes before the first record."""
    return prolog(beginning, _TOKENS)


def parse_fields(record: Element) -> ParsedFields:
    """Return the fields of one `<PubmedArticle>` or `<PubmedBookArticle>`."""
    article = find(record, "MedlineCitation/Article", "BookDocument")
    journal = find(article, "Journal")
    issue = find(journal, "JournalIssue")
    book = find(article, "Book")
    types = find_texts(article, "PublicationTypeList/PublicationType") + find_texts(article, "PublicationType")
    title = find_text(article, "ArticleTitle", "VernacularTitle")
    kind = kind_of(types, in_journal=journal is not None)
    pages = expand_page_range(find_text(article, "Pagination/MedlinePgn", "Pagination/StartPage"))
    book_title = find_text(book, "BookTitle")
    is_chapter = book is not None and title not in (None, book_title)
    container = book_title if is_chapter else find_text(book, "CollectionTitle")
    return {
        "title": _original_title(title or book_title),
        "summary": "\n".join(filter(None, map(_abstract_section, find_all(article, "Abstract/AbstractText")))),
        "kind": kind if book is None else "chapter" if is_chapter else "book",
        "design": design_of(types),
        "authors": _names(article, "authors") or _names(book, "authors"),
        "editors": _names(article, "editors") + _names(book, "editors"),
        "published_in": find_text(journal, "Title", "ISOAbbreviation") or container,
        "dates": _dates([*find_all(issue, "PubDate"), *find_all(book, "PubDate")], find_all(article, "ArticleDate")),
        "volume": find_text(issue, "Volume"),
        "issue": find_text(issue, "Issue"),
        "pages": pages or article_number(*_article_numbers(article)),
        "publisher": find_text(book, "Publisher/PublisherName"),
        "keywords": [
            *find_texts(record, "MedlineCitation/MeshHeadingList/MeshHeading/DescriptorName"),
            *find_texts(record, "MedlineCitation/KeywordList/Keyword"),
            *find_texts(article, "KeywordList/Keyword"),
        ],
        "language": find_text(article, "Language"),
        "identifiers": _identifiers(record, article),
        "links": [],
        "labels": types,
        "extensions": [
            note for note in find_texts(record, "MedlineCitation/GeneralNote") if note.startswith("impact:")
        ],
    }


def _article_numbers(article: Element | None) -> list[str]:
    return [text_of(location) for location in find_all(article, "ELocationID") if location.get("EIdType") == "pii"]


def _original_title(title: str | None) -> str | None:
    """Remove the brackets that PubMed puts around a translated title."""
    match = re.fullmatch(r"\[(.+?)\.?\]\.?", title or "")
    return match[1] if match else title


def _abstract_section(section: Element) -> str:
    label = section.get("Label")
    text = text_of(section)
    return f"{label}: {text}" if label and label.upper() != "UNLABELLED" and text else text


def _names(holder: Element | None, role: str) -> list[str]:
    """Return the names in the lists of this role. One that states none is of authors; in a book, of editors."""
    usual = "editors" if holder is not None and local_name(holder) == "Book" else "authors"
    authors = (
        author
        for authors in find_all(holder, "AuthorList")
        if authors.get("Type", usual) == role
        for author in find_all(authors, "Author")
    )
    return [name for author in authors if (name := _name(author))]


def _name(author: Element) -> str | None:
    last = find_text(author, "LastName")
    if last is None:
        return find_text(author, "CollectiveName")
    return ", ".join(filter(None, (last, find_text(author, "ForeName", "Initials"), find_text(author, "Suffix"))))


def _dates(published: list[Element], electronic: list[Element]) -> list[str]:
    first = [_date(element) or find_text(element, "MedlineDate") for element in published[:1]]
    return [date for date in (*first, *map(_date, electronic)) if date]


def _date(element: Element) -> str | None:
    year, month, day = find_text(element, "Year"), find_text(element, "Month"), find_text(element, "Day")
    if year and month and month.isdigit():
        return "-".join(filter(None, (year, month, day)))
    return " ".join(filter(None, (day, month, year))) if year else None


def _identifiers(record: Element, article: Element | None) -> list[tuple[str, str]]:
    schemes = {"doi": "doi", "pubmed": "pmid", "pmc": "pmcid"}
    elements = find_all(record, "PubmedData/ArticleIdList/ArticleId") + find_all(article, "ArticleIdList/ArticleId")
    return [
        *((schemes[kind], text_of(id_)) for id_ in elements if (kind := id_.get("IdType") or "") in schemes),
        *(("doi", text_of(id_)) for id_ in find_all(article, "ELocationID") if id_.get("EIdType") == "doi"),
        *(("pmid", pmid) for pmid in find_texts(record, "MedlineCitation/PMID")[:1]),
        *(("pmid", pmid) for pmid in find_texts(article, "PMID")[:1]),
        *(("serial", issn) for issn in find_texts(article, "Journal/ISSN")),
        *(("serial", isbn) for isbn in find_texts(article, "Book/Isbn")),
    ]
