"""Text as a person reads it: what other programs wrote as HTML becomes plain words, and nothing in it can run."""

import html
import re

LONGEST_LINE = 300

# What browsers never show as text goes with its content, to the end of the text where it is not closed.
_HIDDEN = re.compile(
    r"<(script|style|template|iframe|object|noscript)\b[^<>]*>.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S
)
_BREAK = re.compile(r"<(?:/?(?:p|div|h[1-6]|li|tr|jats:p|jats:title|jats:sec|sec|title)|br)\b[^<>]*>", re.I)
_TAG = re.compile(r"<(?:[A-Za-z/!?][^<>]*)>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,30});")
# A tag that never closes still opens one where somebody pastes the text into a page.
_OPENING = re.compile(r"<(?=[A-Za-z/!?])")
DEPTH = 3
"""How often entities are found within entities: a title that went through two programs is escaped twice."""


def line(value: str) -> str:
    """One line, of at most 300 characters."""
    if "<" in value or "&" in value:
        value = without_markup(value)
    return " ".join(value.split())[:LONGEST_LINE]


def words(value: str) -> str:
    """One line of any length."""
    if "<" in value or "&" in value:
        value = without_markup(value)
    return " ".join(value.split())


def prose(value: str) -> str:
    """Paragraphs."""
    if "<" in value or "&" in value:
        lines = map(str.strip, without_markup(value, paragraph="\n").split("\n"))
        value = "\n".join(filter(None, lines))
    return value.strip()


def unescaped(value: str) -> str:
    """With the characters that entities stand for."""
    for _ in range(DEPTH):
        if "&" not in value:
            break
        value = _ENTITY.sub(lambda found: html.unescape(found[0]), value)
    return value


def without_markup(value: str, *, paragraph: str = " ") -> str:
    """Without tags; what was hidden is left out, and what was a paragraph stays apart. A mere `p < 0.05` stays."""
    for _ in range(DEPTH):
        value = unescaped(value)
        if "<" not in value:
            return value
        value = _HIDDEN.sub(" ", value)
        stripped = _TAG.sub("", _BREAK.sub(paragraph, value))
        if stripped == value:
            break
        value = stripped
    return _OPENING.sub("< ", value)
