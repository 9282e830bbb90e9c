"""The citation styles, by the names under which they are requested."""

from typing import NamedTuple

from shared.problems import Invalid

MAX_REFERENCES = 100
"""In one request, since each takes milliseconds of processor time."""


class StyleFile(NamedTuple):
    """What people call a style, and its file among the CSL styles."""

    label: str
    file_name: str


STYLES = {
    "apa": StyleFile("APA, 7th edition", "apa"),
    "harvard": StyleFile("Harvard, Cite Them Right", "harvard-cite-them-right"),
    "vancouver": StyleFile("Vancouver, NLM citation sequence", "nlm-citation-sequence"),
    "mla": StyleFile("MLA", "modern-language-association"),
    "chicago": StyleFile("Chicago, author and date", "chicago-author-date"),
    "ama": StyleFile("AMA", "american-medical-association"),
    "oscola": StyleFile("OSCOLA", "oscola"),
    "ieee": StyleFile("IEEE", "ieee"),
}


class UnknownStyle(Invalid):
    pointer = "?style"
    title = "This citation style is not available"
    detail = f"Choose one of: {', '.join(sorted(STYLES))}."


def check_style(style: str) -> None:
    """Raise UnknownStyle unless it is one of `STYLES`."""
    if style not in STYLES:
        raise UnknownStyle
