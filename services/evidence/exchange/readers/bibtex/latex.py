"""Plain text from LaTeX: its accents and commands, and simple mathematics as words (`$\\geq$65` is `≥65`)."""

import logging
import re
import unicodedata
from functools import lru_cache
from typing import cast

from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import LatexWalkerError

_ACCENT = re.compile(r"""(?<!\\)\\(?:[`'^"~=.](?:\{\\?[A-Za-z]\}|[A-Za-z])|[cvuHkr]\{[A-Za-z]\})""")
_ESCAPED = re.compile(r"\\([&%#_${}])")
_NEEDS_LATEX = re.compile(r"\\(?![&%#_${}])|(?<!\\)[%$~&#]|``|''|--|[?!]`")
"""What only LaTeX's parser can read. It takes tens of milliseconds, so any other text is read without it."""
_LATEX_ERRORS = (LatexWalkerError, ValueError, LookupError, AttributeError, TypeError, RecursionError)
"""What its parser raises, for example for a command without its arguments."""
_latex = LatexNodes2Text(math_mode="verbatim", keep_comments=True, strict_latex_spaces=False)

_latex_math = LatexNodes2Text(math_mode="text", keep_comments=True, strict_latex_spaces=False)
_MATH = re.compile(
    r"(?<!\\)\$(?=\S)((?:[^$\\]|\\[^$]|\\\$){1,200}?)(?<=\S)(?<!\\)\$"
    r"|\\\((.{1,200}?)\\\)"
)
_IS_MATH = re.compile(r"[\\_^=<>]|\A[A-Za-z]{1,2}\Z|\A[\d.,+\-]*\Z")
"""Between two sums in dollars stand words."""
_SCRIPT = re.compile(r"([_^])\s*(?:\{((?:[^{}]|\{[^{}]*\})*)\}|(\\[A-Za-z]+|[^\s{}\\]))")
_SCRIPTS = {
    "_": str.maketrans("0123456789+-\u2212=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎"),
    "^": str.maketrans("0123456789+-\u2212=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾"),
}
_HAS_SIGNS_ONLY = re.compile(r"[\d+\-\u2212=()]+")
_STYLED = re.compile("[\U0001d400-\U0001d7ff]")
"""Bold and italic letters of mathematics."""
_ORDINAL = re.compile(r"st|nd|rd|th")

# Its log messages quote the text of the record.
logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)


def strip_latex(value: str) -> str:
    """Return plain text: LaTeX's accents as letters, its commands and braces removed."""
    if "$" in value or "\\(" in value:
        value = math_as_words(value)
    if "\\" in value:
        value = _ACCENT.sub(lambda accent: _letter(accent[0]), value)
    if "\\" in value and not _NEEDS_LATEX.search(value):
        value = _ESCAPED.sub(r"\1", value)
    elif "\\" in value:
        try:
            value = cast("str", _latex.latex_to_text(value))
        except _LATEX_ERRORS:
            value = value.replace("\\", "")
    if "{" in value or "}" in value:
        value = value.replace("{", "").replace("}", "")
    return value


@lru_cache(maxsize=1_000)
def _letter(accent: str) -> str:
    return cast("str", _latex.latex_to_text(accent))


def math_as_words(value: str) -> str:
    """Return the text with its simple mathematics in Unicode's signs: `H$_2$O` as `H₂O`, `2$^{nd}$` as `2nd`."""
    return _MATH.sub(lambda math: _words(math[1] or math[2]) if _IS_MATH.search(math[1] or math[2]) else math[0], value)


@lru_cache(maxsize=1_000)
def _words(math: str) -> str:
    return _math_text(_SCRIPT.sub(_script, math)).replace("{", "").replace("}", "")


def _script(match: re.Match[str]) -> str:
    text = _math_text(match[2] if match[2] is not None else match[3])
    if _HAS_SIGNS_ONLY.fullmatch(text):
        return text.translate(_SCRIPTS[match[1]])
    return text if match[1] == "^" and _ORDINAL.fullmatch(text) else f"{match[1]}{text}"


def _math_text(math: str) -> str:
    try:
        text = cast("str", _latex_math.latex_to_text(f"${math}$"))
        return _STYLED.sub(lambda letter: unicodedata.normalize("NFKC", letter[0]), text)
    except _LATEX_ERRORS:
        return math.replace("\\", "")
