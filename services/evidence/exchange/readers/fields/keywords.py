"""Keywords, of which programs write one or many into a field."""

import re

_COMMA_WITHOUT_SPACE = re.compile(r"(?<=[^\W\d_]),(?=[^\W\d_])")
_SEPARATOR = re.compile(r"[;\n,]")
_MIN_COMMAS = 2
"""Of a record's only field of keywords. A single one may belong to a heading: `Aged, 80 and over`."""


def split_keywords(values: list[str]) -> list[str]:
    """Return the keywords in these values."""
    if not _SEPARATOR.search("".join(values)):
        return values
    keywords: list[str] = []
    for value in values:
        if ";" in value or "\n" in value:
            keywords += re.split(r"[;\n]", value)
        elif len(values) == 1 and value.count(",") >= _MIN_COMMAS:
            keywords += value.split(",")
        else:
            keywords += _COMMA_WITHOUT_SPACE.split(value)
    return keywords
