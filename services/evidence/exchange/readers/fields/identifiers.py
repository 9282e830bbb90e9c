"""Identifiers of a work in fields that are not meant for them. Those of other works in the same field do not count."""

import re
from collections.abc import Iterable

_WHOLE_DOI = re.compile(
    r"(?i)(?:https?://(?:dx\.)?doi\.org/|(?:doi\b|digital object identifier)[:\s]*)*(10\.\d{4,9}/\S+)"
)
_BEGINNING = r"(?im)^\s*(?:(?>(?:doi|PMID|PMCID)\b[: ]*+\S++ ++))*"
"""Of a line of a note: other identifiers, which say what they are, may stand before: `PMID: 123; DOI: 10.5555/a`."""
_MARKED_DOI = re.compile(
    _BEGINNING + r"(?:doi\b[:\s]*(?:https?://(?:dx\.)?doi\.org/)?|https?://(?:dx\.)?doi\.org/)(10\.\d{4,9}/\S+)"
)
_DOI_IN_URL = re.compile(
    r"/(?:doi|article|chapter|book)/(?:(?:abs|full|pdf|epdf|epub|pdfdirect|book|ref)/)?(10\.\d{4,9}/[^\s?#&]+)"
)
_END_OF_ARTICLE = re.compile(
    r"/(?:abstract|full|fulltext|pdf|epdf|abs|html|meta|references|summary)?(?:\.html?)?\Z|\.pdf\Z"
)
_PUBMED_URL = re.compile(r"(?:ncbi\.nlm\.nih\.gov/(?:pubmed/)?(\d{1,9})/?\Z|\APM:(\d{1,9})\Z)")
_MARKED_PMID = re.compile(_BEGINNING + r"(?:PMID|PubMed(?:\s?(?:ID|PMID))?)\s*:?\s*(\d{5,9})\b")
_MARKED_PMCID = re.compile(_BEGINNING + r"(?:PMCID\s*:?\s*)?(PMC\d{4,9})\b")


def doi_of_field(values: Iterable[str]) -> str | None:
    """Return the DOI that is all there is in one of these fields."""
    return next((match[1] for value in values if "10." in value and (match := _WHOLE_DOI.fullmatch(value))), None)


def doi_of_note(values: Iterable[str]) -> str | None:
    """Return the DOI with which a line of a note begins, if it says that it is one."""
    return next((match[1] for value in values if "10." in value and (match := _MARKED_DOI.search(value))), None)


def doi_of_link(links: Iterable[str]) -> str | None:
    """Return the DOI in one of these URLs: of doi.org, or of a publisher whose pages are named by it."""
    for link in links:
        if "doi.org/" in link:
            return link
        if "/10." in link and (match := _DOI_IN_URL.search(link)):
            return _END_OF_ARTICLE.sub("", match[1])
    return None


def pmids_of_links(links: Iterable[str]) -> list[str]:
    """Return the PubMed numbers of PubMed's own URLs, and of `PM:123`, as Reference Manager writes them."""
    return [
        match[1] or match[2]
        for link in links
        if ("nih" in link or "PM:" in link) and (match := _PUBMED_URL.search(link))
    ]


def numbers_of_note(values: Iterable[str]) -> list[tuple[str, str]]:
    """Return the PubMed and PubMed Central numbers with which a line of a note begins."""
    identifiers: list[tuple[str, str]] = []
    for value in values:
        if "PM" in value or "ub" in value:
            identifiers += [("pmid", match[1]) for match in _MARKED_PMID.finditer(value)]
            identifiers += [("pmcid", match[1]) for match in _MARKED_PMCID.finditer(value)]
    return identifiers
