"""What may be asked of an export, and the styles of citations."""

from shared.problems import Invalid, NotFound, Problem

MOST_IDS = 200
MOST_REFERENCES = 100
"""Each takes milliseconds of a processor."""
MOST_AT_ONCE = 3
"""Exports under way in one process: each holds a connection to the database for as long as it takes."""

MOST_FOUND = 50_000
"""By words: what an index can put in order at once."""

STYLES = {
    "apa": ("APA, 7th edition", "apa"),
    "harvard": ("Harvard, Cite Them Right", "harvard-cite-them-right"),
    "vancouver": ("Vancouver, NLM citation sequence", "nlm-citation-sequence"),
    "mla": ("MLA", "modern-language-association"),
    "chicago": ("Chicago, author and date", "chicago-author-date"),
    "ama": ("AMA", "american-medical-association"),
    "oscola": ("OSCOLA", "oscola"),
    "ieee": ("IEEE", "ieee"),
}
"""By the name that is asked for: what people call it, and its file among the CSL styles."""


class UnknownStyle(Invalid):
    pointer = "?style"
    title = "This citation style is not known here"
    detail = f"Choose one of: {', '.join(sorted(STYLES))}."


class NothingChosen(NotFound):
    title = "None of these items is published"
    detail = "They are not published, or not any more, or never were. Check the ids, or export what fits the filters."


class ExportsBusy(Problem):
    status = 503
    title = "Several exports are under way already"
    detail = "Each gets the whole library at once. Try again in a minute, or narrow it down with filters."


class TooManyFound(Invalid):
    title = "These words find more than can be exported in their order"
    detail = f"Narrow it down to {MOST_FOUND:,} items with filters, or leave out q and take everything that fits them."
