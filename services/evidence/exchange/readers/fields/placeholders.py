"""What programs write into a field that has no value, and what stands in the place of a title or abstract to come."""

import re

PLACEHOLDERS = frozenset(
    {
        *(
            "None",
            "NONE",
            "none",
            "null",
            "NULL",
            "Null",
            "nan",
            "NaN",
            "NAN",
            "NA",
            "N/A",
            "n/a",
            "#N/A",
            "N.A.",
            "<NA>",
        ),
        *("n.a.", "undefined", "-", "--", "---", "\u2013", "\u2014", "?", ".", "[]", "{}", "()", '""', "''", "NaT"),
        *("Not available", "not available", "Not Available", "Not specified", "not specified", "Not Specified"),
        *("No abstract available", "No abstract available.", "[No abstract available]", "[No Abstract Available]"),
        *("No Abstract", "No abstract", "no abstract", "No Pagination Specified", "No-Specified", "No Specified"),
        *("[no author]", "[No author]", "[No authors listed]", "No authors listed", "[No author name available]"),
        *("ahead-of-print", "ahead of print", "Ahead-of-print", "Ahead of print", "Ahead of Print", "AHEAD-OF-PRINT"),
        *("online first", "Online First", "Online first", "OnlineFirst", "in press", "In press", "In Press"),
        *("early access", "Early Access", "Early access", "Advance online publication", "advance online publication"),
        *("Publish Ahead of Print", "Publish ahead of print", "forthcoming", "Forthcoming", "Unknown", "UNKNOWN"),
    }
)
"""In the case in which they are written: `Na` is a surname."""

_WORDS = re.compile(r"\w+")
_NO_TEXT = frozenset(
    {
        *("no title", "no title available", "title not available", "title unavailable", "title unknown", "untitled"),
        *("unknown title", "without title", "untitled document", "new document", "placeholder", "placeholder title"),
        *("no abstract", "no abstract available", "abstract not available", "no description", "description"),
        *("test", "test title", "test record", "test item", "test page", "testing", "this is a test", "test test"),
        *("lorem ipsum", "tbd", "tba", "to be announced", "to be confirmed", "to be determined", "none", "null", "nil"),
        *("na", "n a", "nan", "undefined", "unav", "unknown", "unkn", "page not found", "not found", "404 not found"),
    }
)


def is_placeholder_text(text: str) -> bool:
    """Return whether a title or an abstract says nothing: `[No title]`, `Untitled`, `Test`, `Lorem ipsum ...`."""
    words = " ".join(_WORDS.findall(text[:200].lower()))
    return words in _NO_TEXT or words.startswith("lorem ipsum dolor") or text in PLACEHOLDERS
