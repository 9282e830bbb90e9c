"""Cuts XML into records, and parses each as a small document of its own: no entity is expanded, nothing is fetched."""

import html
import re
from collections.abc import Iterator

from lxml import etree

from services.evidence.exchange.readers.cutter import MAX_TOKEN_BYTES, RecordCutter
from services.evidence.exchange.readers.encodings import decode
from services.evidence.exchange.readers.records import MAX_RECORD_BYTES, ReaderStart, SourceRecord

Element = etree._Element  # pyright: ignore[reportPrivateUsage]  lxml gives the class no public name

MAX_COMMENT_BYTES = MAX_RECORD_BYTES
"""The content of a longer comment, or of one that never ends, is read as if it were not a comment."""

_ENCODING = re.compile(rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#[xX][0-9A-Fa-f]+);)(\w{1,40});")
_BARE_AMPERSAND = re.compile(r"&(?!\w{1,40};|#\d{1,7};|#[xX][0-9A-Fa-f]{1,6};)")
_CONTROL = re.compile(r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));")
_COMMENT = re.compile(rb"<!--|-->")
_PREFIX = re.compile(r"[<\s/]([A-Za-z_][\w.-]{0,40}):[A-Za-z_]", re.ASCII)


def record_tokens(*names: str) -> re.Pattern[bytes]:
    """Return a pattern of the start and end tags of records, which are these elements, and of starts of comments."""
    name = "|".join(names)
    return re.compile(rf"<!--|<(?:\w{{1,20}}:)?(?:{name})(?=[\s>/])|</(?:\w{{1,20}}:)?(?:{name})\s{{0,8}}>".encode())


def prolog(beginning: bytes, token: re.Pattern[bytes]) -> bytes:
    """Return what comes before the first record; nothing if none begins in this part of the file."""
    at = 0
    while match := token.search(beginning, at):
        if match[0] != b"<!--":
            return beginning[: match.start()]
        at = _skip_comment(beginning, match.start())
    return b""


def _skip_comment(buffer: bytes, begin: int) -> int:
    """Return the end of the comment that begins there; the end of its `<!--` alone where it does not end in time."""
    mark = _COMMENT.search(buffer, begin + 4, begin + MAX_COMMENT_BYTES)
    return mark.end() if mark and mark[0] == b"-->" else begin + 4


class XmlReader(RecordCutter):
    """A `RecordReader` of elements. Those within comments are skipped."""

    def __init__(self, start: ReaderStart, token: re.Pattern[bytes], max_bytes: int = MAX_RECORD_BYTES) -> None:
        super().__init__(start, token, max_bytes)
        declaration = _ENCODING.search(start.beginning)
        self._encoding = _usable_encoding(declaration[1].decode()) if declaration else "cp1252"

    def feed(self, chunk: bytes) -> Iterator[SourceRecord]:
        self._buffer += chunk
        yield from self._scan(min(len(self._buffer) - MAX_TOKEN_BYTES, self._open_comment()))

    def _open_comment(self) -> int:
        """Return where in the buffer a comment begins whose end may be in the next chunk, or else the buffer's end."""
        at = self._at
        while (begin := self._buffer.find(b"<!--", at)) >= 0:
            mark = _COMMENT.search(self._buffer, begin + 4, begin + MAX_COMMENT_BYTES)
            if mark is None and len(self._buffer) < begin + MAX_COMMENT_BYTES:
                return begin
            at = mark.start() if mark else begin + 4
        return len(self._buffer)

    def _step(self, token: re.Match[bytes]) -> Iterator[SourceRecord]:
        if token[0] == b"<!--":
            self._at = _skip_comment(self._buffer, token.start())
        elif token[0].startswith(b"</"):
            yield from self._close(token.end())
        else:
            yield from self._close(token.start())
            self._open(token.start())

    def _parse(self, record: SourceRecord, content: bytes) -> SourceRecord:
        try:
            record.fields = _parse_element(decode(content, self._encoding))
        except (etree.XMLSyntaxError, ValueError) as error:
            record.error = f"It is not well-formed XML: {_first_line(error)}."
        return record


def _first_line(error: Exception) -> str:
    """Return the message without the lines that quote the text of the record."""
    return (str(error).splitlines() or [""])[0].split(", line")[0][:200]


def _usable_encoding(encoding: str) -> str:
    try:
        "".encode(encoding)
    except (LookupError, UnicodeError):
        return "cp1252"
    return encoding


def _parse_element(text: str) -> Element:
    """Parse one record. HTML's named entities become characters; unknown ones stay as they are written."""
    if "&" in text:
        text = _CONTROL.sub("", _ENTITY.sub(_character, text))
        text = _BARE_AMPERSAND.sub("&amp;", text)
    prefixes = "".join(
        f' xmlns:{prefix}="{prefix}"' for prefix in sorted(set(_PREFIX.findall(text)) - {"xml", "xmlns"})
    )
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, remove_pis=True,
        remove_comments=True,
    )  # fmt: skip
    return etree.fromstring(f"<r{prefixes}>{text}</r>".encode(), parser)[0]


def _character(entity: re.Match[str]) -> str:
    character = html.unescape(entity[0])
    return html.escape(character) if character != entity[0] else f"&amp;{entity[1]};"


def local_name(element: Element) -> str:
    """Return the element's name without its namespace; an empty string for a comment or processing instruction."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""  # pyright: ignore[reportUnnecessaryIsInstance]  a comment's tag is a function


def find_all(element: Element | None, path: str) -> list[Element]:
    """Return the elements at a path of local names, in any namespace: `front/article-meta/abstract`."""
    elements = [] if element is None else [element]
    for step in path.split("/"):
        elements = [child for parent in elements for child in parent if local_name(child) == step]
    return elements


def find(element: Element | None, *paths: str) -> Element | None:
    """Return the first element at the first of these paths that has one."""
    return next((match for path in paths for match in find_all(element, path)), None)


def text_of(element: Element | None) -> str:
    """Return all text within, on one line."""
    return " ".join("".join(str(piece) for piece in element.itertext()).split()) if element is not None else ""


def find_texts(element: Element | None, path: str) -> list[str]:
    """Return the text of every element at a path; an empty string for one without text."""
    return [text_of(match) for match in find_all(element, path)]


def find_text(element: Element | None, *paths: str) -> str | None:
    """Return the first text at the first of these paths that has one."""
    return next((text for path in paths for match in find_all(element, path) if (text := text_of(match))), None)


def paragraphs(element: Element | None) -> str:
    """Return the text of each child on a line of its own."""
    if element is None:
        return ""
    if not len(element) or (element.text or "").strip():
        return text_of(element)
    lines = (paragraphs(child) if local_name(child) == "sec" else text_of(child) for child in element)
    return "\n".join(filter(None, lines))
