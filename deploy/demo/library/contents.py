"""What the files of the library hold. All of it is invented, and everything planted says so to whoever reads it."""

import re
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

FOLDER = Path(__file__).parent
NOTES = {"en": "Invented for this demonstration.", "cy": "Dyfeisiwyd ar gyfer yr arddangosiad hwn."}
"""The last words of each summary, by language."""
PUBLISHER = NOTES["en"]
"""Of every study, so that references that leave the library say it too."""
WRAPPED = ("account", "text")
"""Texts of paragraphs. Those of Easy Read have a line for each sentence, which stays."""
DOI_PREFIX = "10.5555/impact.library."

Entry = dict[str, Any]


@cache
def _load(name: str) -> Any:  # noqa: ANN401  what a file of YAML holds
    return _unwrapped(yaml.safe_load((FOLDER / f"{name}.yaml").read_text()))


def _unwrapped(value: Any, name: str = "") -> Any:  # noqa: ANN401  what a file of YAML holds
    """Return the value with each paragraph of its long texts on one line: files wrap them to be read."""
    if isinstance(value, str) and name in WRAPPED:
        return re.sub(r"(?<!\n)\n(?!\n)", " ", value)
    if isinstance(value, list):
        return [_unwrapped(item) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: _unwrapped(item, key) for key, item in cast("dict[str, Any]", value).items()}
    return value


def entries(name: str) -> list[Entry]:
    """Return the entries of a file that holds a list."""
    return _load(name)


def document(name: str) -> Entry:
    """Return a file that holds one document."""
    return _load(name)


def noted(summary: str, language: str = "en") -> str:
    """Return the summary with the note that it is invented."""
    return f"{summary.strip()} {NOTES[language]}"


def without(entry: Entry, *names: str) -> Entry:
    """Return the entry without the fields that are for planting alone."""
    return {name: value for name, value in entry.items() if name not in names}
