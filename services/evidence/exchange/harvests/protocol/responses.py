"""Parses responses of OAI-PMH providers defensively: they may be broken or hostile."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from lxml import etree

from services.evidence.exchange.readers.xml.elements import Element, local_name

OAI: Final = "{http://www.openarchives.org/OAI/2.0/}"
MAX_RECORD_CHARACTERS: Final = 1024 * 1024
MAX_IDENTIFIER_BYTES: Final = 2_000
MAX_TAGS: Final = 1_000_000
"""Tags and attributes in one response: 32 MB of the shortest ones would take a gigabyte of memory."""
FIRST_YEAR: Final = 2001
"""The year in which OAI-PMH was published: no datestamp is older."""
BROKEN: Final = "The source's response is not well-formed XML."
_DATESTAMP: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?")
_CONTROLS: Final = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcef]|1[0-9a-f]));", re.I
)
"""Characters that XML does not allow, plain and escaped: the most common fault of real providers."""
_RECORD: Final = re.compile(r"<((?:[\w.-]{1,50}:)?record)[\s>]")
_ROOT: Final = re.compile(r"<((?:[\w.-]{1,50}:)?OAI-PMH)\b[^<>]{0,4000}>")
_LIST: Final = re.compile(r"<((?:[\w.-]{1,50}:)?ListRecords)\b[^<>]{0,4000}>")
_IDENTIFIER: Final = re.compile(r"<(?:[\w.-]{1,50}:)?identifier>([^<>&]{1,4000})<")


class InvalidResponse(Exception):
    """This is not a response of the protocol. The text says why."""


class MalformedXml(InvalidResponse):
    """This is not well-formed XML."""


@dataclass(frozen=True, slots=True)
class HarvestedRecord:
    """One record as it came. `metadata` is its lxml element, if there is one."""

    identifier: str | None
    deleted: bool
    raw: str
    metadata: Element | None = None
    broken: bool = False
    """Whether its own XML is not well-formed."""


@dataclass(frozen=True, slots=True)
class ListRecordsResponse:
    """A page of a list, or an error of the protocol."""

    response_date: str | None
    records: list[HarvestedRecord] = field(default_factory=list[HarvestedRecord])
    resumption_token: str | None = None
    complete_list_size: int | None = None
    error: str | None = None
    error_text: str = ""


def parse_list_records(content: bytes) -> ListRecordsResponse:
    """Return the response to ListRecords. If a record is not well-formed, the others are read all the same.

    Raises InvalidResponse.
    """
    try:
        return _parse_page(_parse_root(content))
    except MalformedXml:
        return _parse_page_by_records(_repaired(content))


def _parse_page(root: Element) -> ListRecordsResponse:
    response_date = _datestamp(root.findtext(f"{OAI}responseDate"))
    error = root.find(f"{OAI}error")
    if error is not None:
        return ListRecordsResponse(response_date, error=error.get("code") or "unknown", error_text=_line(error.text))
    list_element = root.find(f"{OAI}ListRecords")
    if list_element is None:
        raise InvalidResponse("The source's response is not a list of records.")
    token = list_element.find(f"{OAI}resumptionToken")
    return ListRecordsResponse(
        response_date,
        list(_records(list_element)),
        (token.text or "").strip() or None if token is not None else None,
        _number(token.get("completeListSize")) if token is not None else None,
    )


def has_day_granularity(content: bytes) -> bool:
    """Return whether datestamps are days, according to the response to Identify. Raises InvalidResponse."""
    identify = _parse_root(content).find(f"{OAI}Identify")
    if identify is None:
        raise InvalidResponse("The source's response to Identify is not one of OAI-PMH.")
    return (identify.findtext(f"{OAI}granularity") or "").strip() == "YYYY-MM-DD"


def parse_record(raw: str) -> HarvestedRecord:
    """Return a record that was stored as it came. Raises InvalidResponse."""
    return _record(_parse_xml(raw.encode()))


def _parse_page_by_records(text: str) -> ListRecordsResponse:
    """Parse a page that is not well-formed: the list without its records must be, and each record is parsed alone."""
    root = _ROOT.search(text)
    listing = _LIST.search(text, root.end()) if root else None
    if root is None or listing is None:
        raise MalformedXml(BROKEN)
    pieces, rest = _split(text, listing.end())
    begin, end = f"{root[0]}{listing[0]}", f"</{listing[1]}></{root[1]}>"
    return replace(
        _parse_page(_parse_root(rest.encode())), records=[_parse_piece(piece, begin, end) for piece in pieces]
    )


def _split(text: str, start: int) -> tuple[list[str], str]:
    """Return the records, and the text without them, in linear time."""
    pieces: list[str] = []
    rest = [text[:start]]
    while (match := _RECORD.search(text, start)) is not None:
        closing = f"</{match[1]}>"
        end = text.find(closing, match.end())
        if end < 0:
            break
        rest.append(text[start : match.start()])
        pieces.append(text[match.start() : end + len(closing)])
        start = end + len(closing)
    return pieces, "".join((*rest, text[start:]))


def _parse_piece(piece: str, begin: str, end: str) -> HarvestedRecord:
    try:
        (record,) = _parse_page(_parse_root(f"{begin}{piece}{end}".encode())).records
    except MalformedXml:
        match = _IDENTIFIER.search(piece)
        return HarvestedRecord(
            _identifier(match[1] if match else ""), deleted=False, raw=piece[:MAX_RECORD_CHARACTERS], broken=True
        )
    return record


def _repaired(content: bytes) -> str:
    """Return the text, with replacement characters for what is not UTF-8, the only encoding of OAI-PMH."""
    text = _CONTROLS.sub(b"", content).decode("utf-8-sig", "replace")
    return re.sub(r"^\s*<\?xml.*?\?>", "", text, count=1, flags=re.S)


def _parse_root(content: bytes) -> Element:
    root = _parse_xml(content)
    if root.tag != f"{OAI}OAI-PMH":
        raise InvalidResponse("The source's response is not OAI-PMH 2.0. Check its address.")
    return root


def _parse_xml(content: bytes) -> Element:
    """Parse without entities, other documents or deep trees."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise InvalidResponse("The source's response declares a document type. OAI-PMH has none, so it was not read.")
    if content.count(b"<") + content.count(b"=") > MAX_TAGS:
        raise InvalidResponse(
            "The source's response is too large. Harvest the source set by set, or ask its people for smaller pages."
        )
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(_CONTROLS.sub(b"", content), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MalformedXml(BROKEN) from error


def _records(list_element: Element) -> Iterator[HarvestedRecord]:
    for record in list_element.iterchildren(f"{OAI}record"):
        yield _record(record)


def _record(element: Element) -> HarvestedRecord:
    raw = etree.tostring(element, encoding="unicode", with_tail=False)[:MAX_RECORD_CHARACTERS]
    header = element.find(f"{OAI}header")
    if header is None:
        return HarvestedRecord(None, deleted=False, raw=raw)
    metadata = element.find(f"{OAI}metadata")
    children = [] if metadata is None else [child for child in metadata if local_name(child)]
    return HarvestedRecord(
        _identifier(header.findtext(f"{OAI}identifier") or ""),
        header.get("status") == "deleted",
        raw,
        children[0] if children else None,
    )


def _identifier(text: str) -> str | None:
    """Return the identifier; None if it is empty or too long for an index."""
    identifier = text.strip()
    return identifier if 0 < len(identifier.encode()) <= MAX_IDENTIFIER_BYTES else None


def _datestamp(text: str | None) -> str | None:
    """Return the datestamp; None if it is not one, or is older than the protocol."""
    stripped = (text or "").strip()
    if not _DATESTAMP.fullmatch(stripped):
        return None
    try:
        return stripped if datetime.fromisoformat(stripped).year >= FIRST_YEAR else None
    except ValueError:
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def _line(text: str | None) -> str:
    return " ".join((text or "").split())[:200]
