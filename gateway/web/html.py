"""Helpers that write HTML."""

import re
from html import escape

from markupsafe import Markup


def link_list(links: tuple[tuple[str, str], ...]) -> str:
    """Return a list of links, each a path and its text."""
    return "<ul>" + "".join(f'<li><a href="{escape(path)}">{escape(text)}</a></li>' for path, text in links) + "</ul>"


def inline_html(text: str) -> str:
    """Return plain text as HTML, with what stands in backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def wants_html(accept: str) -> bool:
    """Return whether a browser asks: its Accept header names HTML, which that of programs does not."""
    return "text/html" in accept


def keep_elements(html: str, *names: str) -> Markup:
    """Return HTML of the API with these elements alone, without attributes: every other tag is left out."""
    allowed = "|".join(map(re.escape, names))
    return Markup(re.sub(rf"<(?!/?(?:{allowed})>)[^>]*>", "", html))  # noqa: S704  the API has escaped the rest
