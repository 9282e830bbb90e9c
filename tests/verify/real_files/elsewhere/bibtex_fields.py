"""What the two readers of BibTeX share: the fields of an entry by the names of the checks, and symbols of LaTeX."""
# pyright: basic, reportMissingImports=false

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

MARK = "impact:1:"
TEX_SYMBOLS = {
    r"\textbraceleft{}": "{",
    r"\textbraceright{}": "}",
    r"\textasciicircum{}": "^",
    r"\{": "{",
    r"\}": "}",
    r"\$": "$",
}
"""Symbols of LaTeX that the decoders of these libraries do not know."""
PRIVATE_USE = {symbol: chr(0xE000 + index) for index, symbol in enumerate(TEX_SYMBOLS)}
RESTORED = {ord(PRIVATE_USE[symbol]): text for symbol, text in TEX_SYMBOLS.items()}


_TEX = re.compile(r"[\\{}~`$%&#_^]|--|''|,,|<<|>>")
"""What TeX reads as more than a letter. The decoders are slow, and called for nothing else."""


def decode(text: str, decode_latex: Callable[[str], str]) -> str:
    if not _TEX.search(text):
        return text
    for symbol, character in PRIVATE_USE.items():
        text = text.replace(symbol, character)
    return decode_latex(text).translate(RESTORED)


def record_of(fields: Mapping[str, str], plain: Callable[[str], str]) -> dict[str, Any]:
    """Return the fields but for the authors. `plain`: makes text of TeX."""

    def first(*names: str) -> str:
        return plain(next((fields[name] for name in names if name in fields), ""))

    keywords = first("keywords")
    return {
        "id": json.loads(fields["x-impact"].removeprefix(MARK))["id"],
        "title": first("title"),
        "year": first("year"),
        "container": first("journal", "booktitle", "series"),
        "volume": first("volume"),
        "issue": first("number"),
        "pages": first("pages"),
        "doi": fields.get("doi", ""),
        "abstract": first("abstract"),
        "keywords": [word for word in re.split(" *; *" if ";" in keywords else " *, *", keywords) if word],
        "publisher": first("publisher", "institution", "school"),
        "url": fields.get("url", ""),
    }
