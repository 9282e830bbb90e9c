"""Plain text from fields in which other programs wrote HTML or JATS, without markup that a page would run."""

import html
import re

MAX_LINE_LENGTH = 300
MAX_NESTED_ESCAPES = 3
"""How often text is unescaped: a title that has passed through two programs is escaped twice."""

# What browsers never show as text is removed with its content, up to the end of the text if it is not closed.
_HIDDEN = re.compile(
    r"<(script|style|template|iframe|object|noscript)\b[^<>]*>.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S
)
_BREAK = re.compile(r"<(?:/?(?:p|div|h[1-6]|li|tr|jats:p|jats:title|jats:sec|sec|title)|br)\b[^<>]*>", re.I)
_TAG = re.compile(r"<(?:[A-Za-z/!?][^<>]*)>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,30});")
# A tag without an end becomes one when somebody pastes the text into a page.
_OPENING = re.compile(r"<(?=[A-Za-z/!?])")


def short_line(value: str) -> str:
    """Return the text on one line, cut to 300 characters."""
    if "<" in value or "&" in value:
        value = strip_markup(value)
    return " ".join(value.split())[:MAX_LINE_LENGTH]


def single_line(value: str) -> str:
    """Return the whole text on one line."""
    if "<" in value or "&" in value:
        value = strip_markup(value)
    return " ".join(value.split())


def paragraphs(value: str) -> str:
    """Return the text with each of its paragraphs on a line of its own."""
    if "<" in value or "&" in value:
        lines = map(str.strip, strip_markup(value, paragraph="\n").split("\n"))
        value = "\n".join(filter(None, lines))
    return value.strip()


def unescape(value: str) -> str:
    """Replace entities by their characters, even if they were escaped several times."""
    for _ in range(MAX_NESTED_ESCAPES):
        if "&" not in value:
            break
        value = _ENTITY.sub(lambda entity: html.unescape(entity[0]), value)
    return value


def strip_markup(value: str, *, paragraph: str = " ") -> str:
    """Return the text without tags and without the content of hidden elements. A plain `p < 0.05` stays.

    `paragraph` separates what was in different block elements.
    """
    for _ in range(MAX_NESTED_ESCAPES):
        value = unescape(value)
        if "<" not in value:
            return value
        value = _HIDDEN.sub(" ", value)
        stripped = _TAG.sub("", _BREAK.sub(paragraph, value))
        if stripped == value:
            break
        value = stripped
    return _OPENING.sub("< ", value)
