"""PubMed's XML: one article, or a set of them."""

import re

from services.evidence.exchange.readers.nbib import KINDS, whole_pages
from services.evidence.exchange.readers.records import Says, Start
from services.evidence.exchange.readers.xml import Element, Reader, all_at, at, before, said, text, tokens

_TOKENS = tokens("PubmedArticle", "PubmedBookArticle")


def reader(start: Start) -> Reader:
    return Reader(start, _TOKENS)


def head(beginning: bytes) -> bytes:
    return before(beginning, _TOKENS)


def describe(record: Element) -> Says:
    article = at(record, "MedlineCitation/Article", "BookDocument")
    journal = at(article, "Journal")
    issue = at(journal, "JournalIssue")
    types = " ".join(text(one).lower() for one in all_at(article, "PublicationTypeList/PublicationType"))
    headings = all_at(record, "MedlineCitation/MeshHeadingList/MeshHeading/DescriptorName")
    words = all_at(record, "MedlineCitation/KeywordList/Keyword") + all_at(article, "KeywordList/Keyword")
    notes = map(text, all_at(record, "MedlineCitation/GeneralNote"))
    book = at(article, "Book")
    return {
        "title": _title(said(article, "ArticleTitle", "VernacularTitle") or said(book, "BookTitle")),
        "summary": "\n".join(filter(None, (_labelled(one) for one in all_at(article, "Abstract/AbstractText")))),
        "kind": "chapter" if book is not None else next((kind for word, kind in KINDS if word in types), "other"),
        "authors": [name for one in all_at(article, "AuthorList/Author") if (name := _name(one))],
        "editors": [name for one in all_at(book, "AuthorList/Author") if (name := _name(one))],
        "published_in": said(journal, "Title", "ISOAbbreviation") or said(book, "BookTitle"),
        "dates": _dates(
            next(iter((*all_at(issue, "PubDate"), *all_at(book, "PubDate"))), None), all_at(article, "ArticleDate")
        ),
        "volume": said(issue, "Volume"),
        "issue": said(issue, "Issue"),
        "pages": whole_pages(said(article, "Pagination/MedlinePgn", "Pagination/StartPage")),
        "publisher": said(book, "Publisher/PublisherName"),
        "keywords": [text(one) for one in (*headings, *words)],
        "language": said(article, "Language"),
        "identifiers": _identifiers(record, article),
        "links": [],
        "kept": [note for note in notes if note.startswith("impact:")],
    }


def _title(title: str | None) -> str | None:
    """A translated title stands in brackets."""
    found = re.fullmatch(r"\[(.+?)\.?\]\.?", title or "")
    return found[1] if found else title


def _labelled(part: Element) -> str:
    label = part.get("Label")
    words = text(part)
    return f"{label}: {words}" if label and label.upper() != "UNLABELLED" and words else words


def _name(author: Element) -> str | None:
    last = said(author, "LastName")
    if last is None:
        return said(author, "CollectiveName")
    return ", ".join(filter(None, (last, said(author, "ForeName", "Initials"), said(author, "Suffix"))))


def _dates(published: Element | None, others: list[Element]) -> list[str]:
    found = [_date(one) or said(one, "MedlineDate") for one in ([published] if published is not None else [])]
    return [date for date in (*found, *map(_date, others)) if date]


def _date(element: Element) -> str | None:
    year, month, day = said(element, "Year"), said(element, "Month"), said(element, "Day")
    if year and month and month.isdigit():
        return "-".join(filter(None, (year, month, day)))
    return " ".join(filter(None, (day, month, year))) if year else None


def _identifiers(record: Element, article: Element | None) -> list[tuple[str, str]]:
    schemes = {"doi": "doi", "pubmed": "pmid", "pmc": "pmcid"}
    stated = all_at(record, "PubmedData/ArticleIdList/ArticleId") + all_at(article, "ArticleIdList/ArticleId")
    found = [(schemes[kind], text(one)) for one in stated if (kind := one.get("IdType") or "") in schemes]
    found += [("doi", text(one)) for one in all_at(article, "ELocationID") if one.get("EIdType") == "doi"]
    found += [
        ("pmid", text(one)) for one in (at(record, "MedlineCitation/PMID"), at(article, "PMID")) if one is not None
    ]
    found += [("serial", text(one)) for one in all_at(article, "Journal/ISSN")]
    return found + [("serial", text(one)) for one in all_at(article, "Book/Isbn")]
