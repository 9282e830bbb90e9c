"""The fields of an entry: bibtexparser reads them; what it cannot read is read line by line."""

import logging
import re
from collections.abc import Mapping

from bibtexparser.library import Library
from bibtexparser.model import Entry, ParsingFailedBlock, String
from bibtexparser.splitter import Splitter

Fields = dict[str, str]
_FIELD = re.compile(r"(?:^|[,\n])[ \t]*([A-Za-z][\w.:+-]{0,60})[ \t]*=[ \t]*", re.MULTILINE)
_PIECE = re.compile(
    r'\s*(?:"(?P<quoted>[^"{}]*)"|\{(?P<braced>[^{}]*)\}|(?P<macro>[^\s"{}#,=]+))\s*(?:#(?=.)|\Z)', re.DOTALL
)
_HEAD = re.compile(r"\s*\ufeff{0,2}@\s*(\w+)\s*[{(]\s*([^,={}\"]*),?")
_KEY_WITHOUT_COMMA = re.compile(r"(\s*\ufeff{0,2}@\s*\w+\s*[{(]\s*[^\s,={}\"]+)\s+(?=[A-Za-z][\w-]*\s*=)")
_NEXT_FIELD = re.compile(r"\s+([A-Za-z][\w.:+-]{0,60})\s*=\s*(?=[{\"\w])")
"""What follows a field that no comma separates from the next."""

# Its log messages quote the text of the record.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)


def parse_entry(text: str, macros: Mapping[str, str]) -> Fields:
    """Return the fields by name in lower case, with `entry` (its type) and `key`."""
    entry = _first_entry(Splitter(text).split())
    if entry is None or not entry.fields:
        corrected = _KEY_WITHOUT_COMMA.sub(r"\1, ", text, count=1)
        entry = _first_entry(Splitter(corrected).split()) if corrected != text else None
    if entry is not None and entry.fields:
        fields: Fields = {"entry": entry.entry_type.lower(), "key": entry.key}
        for field in entry.fields:
            for name, value in _separate_fields(field.key, str(field.value)):
                fields.setdefault(" ".join(name.lower().split()), expand(value, macros))
        return fields
    return _parse_lines(text, macros)


def parse_macros(text: str) -> dict[str, str]:
    """Return the abbreviations that these `@string` blocks define, which may stand on one another."""
    macros: dict[str, str] = {}
    for block in Splitter(text).split().blocks:
        macro = block.ignore_error_block if isinstance(block, ParsingFailedBlock) else block
        if isinstance(macro, String):
            macros.setdefault(macro.key.lower(), expand(str(macro.value), macros))
    return macros


def _separate_fields(name: str, value: str) -> list[tuple[str, str]]:
    """Return the field, and those that follow it without a comma between."""
    fields: list[tuple[str, str]] = []
    while "=" in value and (end := _delimited_end(value)) and (following := _NEXT_FIELD.match(value, end)):
        fields.append((name, value[:end]))
        name, value = following[1], value[following.end() :]
    return [*fields, (name, value)]


def _delimited_end(value: str) -> int | None:
    """Return the end of the value in braces or quotation marks, or of the word, with which this text begins."""
    if value[:1] not in ("{", '"'):
        word = re.match(r"\w+", value)
        return word.end() if word else None
    depth = 0
    for token in re.finditer(r'\\.|[{}"]', value):
        if token[0] == "{":
            depth += 1
        elif token[0] == "}":
            depth -= 1
        if depth == 0 and token.start() and token[0] == ("}" if value[0] == "{" else '"'):
            return token.end()
    return None


def _first_entry(library: Library) -> Entry | None:
    """Return the first entry, even if it has a field twice."""
    for block in (*library.entries, *library.failed_blocks):
        entry = block.ignore_error_block if isinstance(block, ParsingFailedBlock) else block
        if isinstance(entry, Entry):
            return entry
    return None


def _parse_lines(text: str, macros: Mapping[str, str]) -> Fields:
    head = _HEAD.match(text)
    matches = list(_FIELD.finditer(text, head.end() - 1 if head else 0))
    fields: Fields = {"entry": head[1].lower(), "key": head[2].strip()} if head and matches else {}
    ends = [*(field.start() for field in matches[1:]), len(text)]
    for field, end in zip(matches, ends, strict=False):
        value = text[field.end() : end].strip().rstrip(",").rstrip()
        if end == len(text):
            value = re.sub(r"[})]\s*\Z", "", value).rstrip().rstrip(",")
        fields.setdefault(field[1].lower(), expand(value, macros))
    return fields


def expand(value: str, macros: Mapping[str, str]) -> str:
    """Replace the abbreviations of the file in `jcs` or `"Care " # jcs`, and join the pieces."""
    value = value.strip()
    pieces: list[str] = []
    at = 0
    while piece := _PIECE.match(value, at):
        macro = piece["macro"]
        pieces.append(macros.get(macro.lower(), macro) if macro else piece["quoted"] or piece["braced"] or "")
        at = piece.end()
        if at == len(value):
            return "".join(pieces)
    return strip_delimiters(value)


def strip_delimiters(value: str) -> str:
    """Remove the braces or quotation marks around the value."""
    value = value.strip()
    if value[:1] == "{":
        return value[1:-1] if value[-1:] == "}" else value[1:]
    if value[:1] == '"':
        return value[1:-1] if value[-1:] == '"' and len(value) > 1 else value[1:]
    return value
