"""Page ranges, and the article numbers that stand in their place."""

import re

from services.evidence.exchange.readers.fields.placeholders import PLACEHOLDERS

_ARTICLE_NUMBER = re.compile(r"(?:[A-Za-z]{1,6}[-.]?)?\d{1,9}(?:[A-Za-z]|\.(?:pub)?\d{1,3})?")
_RANGE = re.compile(r"\s*(?:-|\u2010|\u2011|\u2012|\u2013|\u2014|\u2212)+\s*")
_ARTICLE = re.compile(r"(?i)\A\s*art(?:icle|\.)?\s*(?:n(?:umber|o|r)?\b\.?)?\s*:?\s*(?=\S*\d)")


def expand_page_range(pages: str | None) -> str | None:
    """Return `334-347` for `334-47`: PubMed leaves out the digits that stay the same."""
    match = re.fullmatch(r"(\d+)-(\d+)", pages or "")
    if match is None or len(match[2]) >= len(match[1]):
        return pages
    return f"{match[1]}-{match[1][: len(match[1]) - len(match[2])]}{match[2]}"


def join_pages(start: str | None, end: str | None) -> str | None:
    """Return the pages from the first to the last; the first alone if the last is unknown or the same."""
    if start in PLACEHOLDERS:
        start = None
    if end is None or end in PLACEHOLDERS or not start or "-" in start:
        return start
    return f"{start}-{end}" if start != end else start


def is_placeholder_range(pages: str) -> bool:
    """Return whether neither end of a range is a page: `NA--NA`, `none-none`, `n/a\u2013n/a`."""
    return all(end in PLACEHOLDERS or not end for end in _RANGE.split(pages))


def article_number(*texts: str | None) -> str | None:
    """Return the first of these that is an article number, without the words around it: of `Art. No. 104` the `104`."""
    for text in texts:
        if text and _ARTICLE_NUMBER.fullmatch(number := _ARTICLE.sub("", text).strip()):
            return number
    return None
