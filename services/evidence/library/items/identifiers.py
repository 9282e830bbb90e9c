"""Identifiers of works in one form each, so that the same work is the same string."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

PATTERNS = {
    "doi": re.compile(r"10\.\d{4,9}/\S+"),
    "pmid": re.compile(r"(?<!\d)\d{1,9}(?!\d)"),
    "pmcid": re.compile(r"PMC\d{1,9}", re.IGNORECASE),
    "wos": re.compile(r"(?:WOS:)?[0-9A-Z]{15}", re.IGNORECASE),
    "isbn": re.compile(r"(?<!\d)(?:97[89])?\d{9}[\dX](?!\d)", re.IGNORECASE),
    "issn": re.compile(r"(?<!\d)\d{4}-?\d{3}[\dX](?!\d)", re.IGNORECASE),
}
OF_WORKS = frozenset({"doi", "pmid", "pmcid", "wos"})
"""The others are of a journal or of a book that may hold many works."""

SHORT_TITLE_WORDS = 4
_CLOSING = frozenset(")]>")
_WORDS = re.compile(r"\w+")


def normalised(scheme: str, value: str) -> str | None:
    """The one form of an identifier, or None where the text holds no such identifier."""
    text = value.strip()
    if scheme == "isbn":
        text = text.replace("-", "").replace(" ", "")
    if scheme == "doi":
        text = re.sub(r"%2f", "/", text, flags=re.IGNORECASE)
    found = PATTERNS[scheme].search(text)
    if found is None:
        return None
    kept = found[0]
    match scheme:
        case "doi":
            return _unclosed(kept.rstrip(".,;:'\"")).lower()
        case "issn":
            digits = kept.replace("-", "").upper()
            return f"{digits[:4]}-{digits[4:]}"
        case "wos":
            return kept.upper() if kept.upper().startswith("WOS:") else f"WOS:{kept.upper()}"
        case _:
            return kept.upper().lstrip("0") if scheme == "pmid" else kept.upper()


def _unclosed(doi: str) -> str:
    """Without the bracket that closed the text around it; DOIs with brackets of their own keep them."""
    end = len(doi)
    if doi[-1:] not in _CLOSING:
        return doi
    spare = {closing: doi.count(closing) - doi.count(opening) for opening, closing in ("()", "[]", "<>")}
    while end and spare.get(doi[end - 1], 0) > 0:
        spare[doi[end - 1]] -= 1
        end -= 1
        while end and doi[end - 1] in ".,;:":
            end -= 1
    return doi[:end]


def folded(text: str) -> str:
    """Letters and digits alone, in lower case and without accents: what stays the same between two databases."""
    if text.isascii():
        return " ".join(_WORDS.findall(text.lower()))
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(_WORDS.findall("".join(c for c in plain if not unicodedata.combining(c))))


def surname(author: str) -> str:
    """Of `Marx, Karl`, `Marx K.` and `Karl Marx`: Marx."""
    before, comma, _ = author.partition(",")
    words = before.split()
    if comma or len(words) < 2:
        return before
    return " ".join(words[:-1]) if re.fullmatch(r"(?:[A-Z]\.?-?){1,3}", words[-1]) else words[-1]


def fingerprint(
    title: str, year: str | None, authors: Sequence[str], held_in: str | None, volume: str | None, pages: str | None
) -> str:
    """Equal for two descriptions of the same work: title, year and the first author's surname.

    A title of fewer than four words ("Editorial") says little: then journal, volume and first page count too.
    """
    name = folded(title)
    author = folded(surname(authors[0])) if authors else ""
    parts = [name, year or "", author]
    if len(name.split()) < SHORT_TITLE_WORDS:
        parts += [folded(held_in or ""), folded(volume or ""), folded((pages or "").split("-")[0])]
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


Name = tuple[str, str]
"""Scheme and value of an identifier."""


@dataclass(slots=True)
class KnownWorks:
    """The works that the library holds, as far as they may be the ones in question."""

    by_name: dict[Name, UUID] = field(default_factory=dict[Name, UUID])
    by_fingerprint: dict[str, dict[UUID, set[Name]]] = field(default_factory=dict[str, dict[UUID, set[Name]]])

    def add(self, item_id: UUID, fingerprint: str, names: Iterable[Name]) -> None:
        held = self.by_fingerprint.setdefault(fingerprint, {}).setdefault(item_id, set())
        for name in names:
            self.by_name.setdefault(name, item_id)
            held.add(name)

    def holder(self, fingerprint: str, names: Sequence[Name], *, besides: UUID | None = None) -> UUID | None:
        """The item that is the same work: one of its identifiers, or else its fingerprint and no other identifier.

        A conference abstract and the paper that followed may share title, year and author; their DOIs tell them apart.
        """
        for name in names:
            if (item_id := self.by_name.get(name)) not in (None, besides):
                return item_id
        for item_id, held in self.by_fingerprint.get(fingerprint, {}).items():
            if item_id != besides and not {scheme for scheme, _ in held} & {scheme for scheme, _ in names}:
                return item_id
        return None
