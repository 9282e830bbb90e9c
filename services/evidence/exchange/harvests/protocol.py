"""What a provider of OAI-PMH answers, read with care: it may be anybody's, and may be broken or hostile."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from lxml import etree

OAI: Final = "{http://www.openarchives.org/OAI/2.0/}"
LONGEST_RECORD: Final = 1024 * 1024
"""Characters of one record that are kept and read."""
LONGEST_IDENTIFIER: Final = 2_000
"""Bytes."""
MOST_PARTS: Final = 1_000_000
"""Tags and attributes of one answer: 32 MB of the shortest ones would take a gigabyte of memory."""
FIRST_YEAR: Final = 2001
"""Of OAI-PMH."""
BROKEN: Final = "The source answered with something that is not well-formed XML."
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?")
_CONTROLS: Final = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcef]|1[0-9a-f]));", re.I
)
"""Characters that XML has no place for, plain and escaped: the commonest fault of real providers."""
_RECORD: Final = re.compile(r"<((?:[\w.-]{1,50}:)?record)[\s>]")
_ROOT: Final = re.compile(r"<((?:[\w.-]{1,50}:)?OAI-PMH)\b[^<>]{0,4000}>")
_LIST: Final = re.compile(r"<((?:[\w.-]{1,50}:)?ListRecords)\b[^<>]{0,4000}>")
_IDENTIFIER: Final = re.compile(r"<(?:[\w.-]{1,50}:)?identifier>([^<>&]{1,4000})<")


class NotAnAnswer(Exception):
    """This is not an answer of the protocol. The text says why, in plain words."""


class NotWellFormed(NotAnAnswer):
    """This is no XML."""


@dataclass(frozen=True, slots=True)
class Found:
    """One record as it came. `metadata` is its one element, and None where there is none."""

    identifier: str | None
    deleted: bool
    raw: str
    metadata: Any = None
    broken: bool = False
    """Whether its own XML is not well-formed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of a list, or an error of the protocol."""

    at: str | None
    records: list[Found] = field(default_factory=list[Found])
    token: str | None = None
    size: int | None = None
    error: str | None = None
    error_text: str = ""


def page(content: bytes) -> Answer:
    """The answer to ListRecords. Where one record is not well-formed, the others are read. Raises NotAnAnswer."""
    try:
        return _page(_root(content))
    except NotWellFormed:
        return _page_in_parts(_repaired(content))


def _page(root: Any) -> Answer:
    at = _time(root.findtext(f"{OAI}responseDate"))
    error = root.find(f"{OAI}error")
    if error is not None:
        return Answer(at, error=error.get("code") or "unknown", error_text=_line(error.text))
    listed = root.find(f"{OAI}ListRecords")
    if listed is None:
        raise NotAnAnswer("The source answered with XML that is no list of records.")
    token = listed.find(f"{OAI}resumptionToken")
    return Answer(
        at,
        list(_records(listed)),
        (token.text or "").strip() or None if token is not None else None,
        _number(token.get("completeListSize")) if token is not None else None,
    )


def granularity_is_a_day(content: bytes) -> bool:
    """Of the answer to Identify. Raises NotAnAnswer."""
    said = _root(content).find(f"{OAI}Identify")
    if said is None:
        raise NotAnAnswer("The source does not say what it is: its answer to Identify is not one of OAI-PMH.")
    return (said.findtext(f"{OAI}granularity") or "").strip() == "YYYY-MM-DD"


def reread(raw: str) -> Found:
    """A record that was kept as it came. Raises NotAnAnswer."""
    return _found(_parsed(raw.encode()))


def _page_in_parts(text: str) -> Answer:
    """A page that is not well-formed as a whole: the list without its records must be, and each record by itself."""
    root = _ROOT.search(text)
    listing = _LIST.search(text, root.end()) if root else None
    if root is None or listing is None:
        raise NotWellFormed(BROKEN)
    pieces, rest = _split(text, listing.end())
    begin, end = f"{root[0]}{listing[0]}", f"</{listing[1]}></{root[1]}>"
    return replace(_page(_root(rest.encode())), records=[_piece(piece, begin, end) for piece in pieces])


def _split(text: str, start: int) -> tuple[list[str], str]:
    """The records, and the text without them. It takes as long as the text is, whatever stands in it."""
    pieces: list[str] = []
    rest = [text[:start]]
    while (found := _RECORD.search(text, start)) is not None:
        closing = f"</{found[1]}>"
        end = text.find(closing, found.end())
        if end < 0:
            break
        rest.append(text[start : found.start()])
        pieces.append(text[found.start() : end + len(closing)])
        start = end + len(closing)
    return pieces, "".join((*rest, text[start:]))


def _piece(piece: str, begin: str, end: str) -> Found:
    try:
        (found,) = _page(_root(f"{begin}{piece}{end}".encode())).records
    except NotWellFormed:
        named = _IDENTIFIER.search(piece)
        name = named[1].strip() if named else ""
        name = name if 0 < len(name.encode()) <= LONGEST_IDENTIFIER else None
        return Found(name, deleted=False, raw=piece[:LONGEST_RECORD], broken=True)
    return found


def _repaired(content: bytes) -> str:
    """As text: what is not UTF-8 is shown as such, instead of costing the page. OAI-PMH knows no other encoding."""
    text = _CONTROLS.sub(b"", content).decode("utf-8-sig", "replace")
    return re.sub(r"^\s*<\?xml.*?\?>", "", text, count=1, flags=re.S)


def _root(content: bytes) -> Any:
    root = _parsed(content)
    if root.tag != f"{OAI}OAI-PMH":
        raise NotAnAnswer("The source answered with something that is not OAI-PMH 2.0. Check its address.")
    return root


def _parsed(content: bytes) -> Any:
    """Without entities, other documents or deep trees."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise NotAnAnswer("The source answered with a document type, which OAI-PMH has no use for: it is not read.")
    if content.count(b"<") + content.count(b"=") > MOST_PARTS:
        raise NotAnAnswer("The source answered with too much at once. Ask it for smaller pages, or harvest set by set.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(_CONTROLS.sub(b"", content), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotWellFormed(BROKEN) from error


def _records(listed: Any) -> Iterator[Found]:
    for record in listed.iterchildren(f"{OAI}record"):
        yield _found(record)


def _found(record: Any) -> Found:
    raw = etree.tostring(record, encoding="unicode", with_tail=False)[:LONGEST_RECORD]
    header = record.find(f"{OAI}header")
    if header is None:
        return Found(None, deleted=False, raw=raw)
    identifier = (header.findtext(f"{OAI}identifier") or "").strip()
    metadata = record.find(f"{OAI}metadata")
    elements = [] if metadata is None else [one for one in metadata if isinstance(one.tag, str)]
    return Found(
        identifier if 0 < len(identifier.encode()) <= LONGEST_IDENTIFIER else None,
        header.get("status") == "deleted",
        raw,
        elements[0] if elements else None,
    )


def _time(text: str | None) -> str | None:
    """None where it is no time of the protocol, or none of its years."""
    stripped = (text or "").strip()
    if not _TIME.fullmatch(stripped):
        return None
    try:
        return stripped if datetime.fromisoformat(stripped).year >= FIRST_YEAR else None
    except ValueError:
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def _line(text: str | None) -> str:
    return " ".join((text or "").split())[:200]
