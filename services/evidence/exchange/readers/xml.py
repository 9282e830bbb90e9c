"""Cuts XML into its records, and reads each as a small document of its own: nothing is expanded, fetched or deep."""

import html
import re
from collections.abc import Iterator

from lxml import etree

from services.evidence.exchange.readers.cutting import WIDEST_TOKEN, Cutter
from services.evidence.exchange.readers.records import LONGEST_RECORD, Record, Start, decoded

Element = etree._Element  # pyright: ignore[reportPrivateUsage]  lxml gives the class no public name

LONGEST_COMMENT = LONGEST_RECORD
"""Bytes. What stands in a longer one, or in one that never ends, is read as if it were none."""

_ENCODING = re.compile(rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#[xX][0-9A-Fa-f]+);)(\w{1,40});")
_BARE = re.compile(r"&(?!\w{1,40};|#\d{1,7};|#[xX][0-9A-Fa-f]{1,6};)")
_CONTROL = re.compile(r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));")
_COMMENT = re.compile(rb"<!--|-->")
_PREFIX = re.compile(r"[<\s/]([A-Za-z_][\w.-]{0,40}):[A-Za-z_]", re.ASCII)


def tokens(*names: str) -> re.Pattern[bytes]:
    """The beginnings and ends of records that are one of these elements, and the beginnings of comments."""
    name = "|".join(names)
    return re.compile(rf"<!--|<(?:\w{{1,20}}:)?(?:{name})(?=[\s>/])|</(?:\w{{1,20}}:)?(?:{name})\s{{0,8}}>".encode())


def before(beginning: bytes, token: re.Pattern[bytes]) -> bytes:
    """What comes before the first record, where that is not far."""
    at = 0
    while found := token.search(beginning, at):
        if found[0] != b"<!--":
            return beginning[: found.start()]
        at = _past_comment(beginning, found.start())
    return b""


def _past_comment(held: bytes, begin: int) -> int:
    """Behind the comment that begins there; behind its first mark alone where it does not end, or not soon."""
    found = _COMMENT.search(held, begin + 4, begin + LONGEST_COMMENT)
    return found.end() if found and found[0] == b"-->" else begin + 4


class Reader(Cutter):
    def __init__(self, start: Start, token: re.Pattern[bytes], longest: int = LONGEST_RECORD) -> None:
        super().__init__(start, token, longest)
        stated = _ENCODING.search(start.beginning)
        self._encoding = _known(stated[1].decode()) if stated else "cp1252"

    def feed(self, chunk: bytes) -> Iterator[Record]:
        self._held += chunk
        yield from self._scan(min(len(self._held) - WIDEST_TOKEN, self._open_comment()))

    def _open_comment(self) -> int:
        """In `_held`: where a comment begins whose end may be in the next chunk."""
        at = self._at
        while (begin := self._held.find(b"<!--", at)) >= 0:
            found = _COMMENT.search(self._held, begin + 4, begin + LONGEST_COMMENT)
            if found is None and len(self._held) < begin + LONGEST_COMMENT:
                return begin
            at = found.start() if found else begin + 4
        return len(self._held)

    def _step(self, found: re.Match[bytes]) -> Iterator[Record]:
        if found[0] == b"<!--":
            self._at = _past_comment(self._held, found.start())
        elif found[0].startswith(b"</"):
            yield from self._close(found.end())
        else:
            yield from self._close(found.start())
            self._open(found.start())

    def _parsed(self, record: Record, content: bytes) -> Record:
        try:
            record.fields = _element(decoded(content, self._encoding))
        except (etree.XMLSyntaxError, ValueError) as error:
            record.broken = f"It is not well-formed XML: {_first_line(error)}."
        return record


def _first_line(wrong: Exception) -> str:
    """What follows it is the text of the record."""
    return (str(wrong).splitlines() or [""])[0].split(", line")[0][:200]


def _known(encoding: str) -> str:
    try:
        "".encode(encoding)
    except (LookupError, UnicodeError):
        return "cp1252"
    return encoding


def _element(text: str) -> Element:
    """One record. The names that HTML has for characters become characters; others stay as they are written."""
    if "&" in text:
        text = _CONTROL.sub("", _ENTITY.sub(_character, text))
        text = _BARE.sub("&amp;", text)
    prefixes = "".join(
        f' xmlns:{prefix}="{prefix}"' for prefix in sorted(set(_PREFIX.findall(text)) - {"xml", "xmlns"})
    )
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, remove_pis=True,
        remove_comments=True,
    )  # fmt: skip
    return etree.fromstring(f"<r{prefixes}>{text}</r>".encode(), parser)[0]


def _character(found: re.Match[str]) -> str:
    meant = html.unescape(found[0])
    return html.escape(meant) if meant != found[0] else f"&amp;{found[1]};"


def name(element: Element) -> str:
    """Without its namespace; empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""  # pyright: ignore[reportUnnecessaryIsInstance]  comments have another tag


def all_at(element: Element | None, path: str) -> list[Element]:
    """Elements at a path of names, whatever their namespaces: `front/article-meta/abstract`."""
    found = [] if element is None else [element]
    for step in path.split("/"):
        found = [child for parent in found for child in parent if name(child) == step]
    return found


def at(element: Element | None, *paths: str) -> Element | None:
    return next((one for path in paths for one in all_at(element, path)), None)


def text(element: Element | None) -> str:
    """All text within, on one line."""
    return " ".join("".join(str(part) for part in element.itertext()).split()) if element is not None else ""


def said(element: Element | None, *paths: str) -> str | None:
    return next((words for path in paths for one in all_at(element, path) if (words := text(one))), None)


def paragraphs(element: Element | None) -> str:
    """The text of each child on a line of its own."""
    if element is None:
        return ""
    if not len(element) or (element.text or "").strip():
        return text(element)
    return "\n".join(filter(None, (paragraphs(child) if name(child) == "sec" else text(child) for child in element)))
