"""Normalised identifiers and fingerprints of works, by which the same work is recognised."""

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
WORK_SCHEMES = frozenset({"doi", "pmid", "pmcid", "wos"})
"""Schemes that identify one work. The others identify a journal or a book, which may hold many works."""

SHORT_TITLE_WORDS = 4
_CLOSING = frozenset(")]>")
_WORDS = re.compile(r"\w+")


def normalised(scheme: str, value: str) -> str | None:
    """Return the identifier in its normalised form, or None if the text holds no such identifier."""
    text = value.strip()
    if scheme == "isbn":
        text = text.replace("-", "").replace(" ", "")
    if scheme == "doi" and "%" in text:
        text = re.sub(r"%2f", "/", text, flags=re.IGNORECASE)
    match = PATTERNS[scheme].search(text)
    if match is None:
        return None
    identifier = match[0]
    match scheme:
        case "doi":
            return _without_closing_bracket(identifier.rstrip(".,;:'\"")).lower()
        case "issn":
            digits = identifier.replace("-", "").upper()
            return f"{digits[:4]}-{digits[4:]}"
        case "wos":
            return identifier.upper() if identifier.upper().startswith("WOS:") else f"WOS:{identifier.upper()}"
        case _:
            return identifier.upper().lstrip("0") if scheme == "pmid" else identifier.upper()


def _without_closing_bracket(doi: str) -> str:
    """Return the DOI without a bracket that closed the text around it; brackets of its own stay."""
    end = len(doi)
    if doi[-1:] not in _CLOSING:
        return doi
    unmatched = {closing: doi.count(closing) - doi.count(opening) for opening, closing in ("()", "[]", "<>")}
    while end and unmatched.get(doi[end - 1], 0) > 0:
        unmatched[doi[end - 1]] -= 1
        end -= 1
        while end and doi[end - 1] in ".,;:":
            end -= 1
    return doi[:end]


def folded(text: str) -> str:
    """Return the letters and digits of the text in lower case without accents: what two databases have in common."""
    if text.isascii():
        return " ".join(_WORDS.findall(text.lower()))
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(_WORDS.findall("".join(c for c in plain if not unicodedata.combining(c))))


def surname(author: str) -> str:
    """Return the surname: `Marx` of `Marx, Karl`, `Marx K.` and `Karl Marx`."""
    before, comma, _ = author.partition(",")
    name_words = before.split()
    if comma or len(name_words) < 2:
        return before
    return " ".join(name_words[:-1]) if re.fullmatch(r"(?:[A-Z]\.?-?){1,3}", name_words[-1]) else name_words[-1]


def fingerprint(
    title: str, year: str | None, authors: Sequence[str], container: str | None, volume: str | None, pages: str | None
) -> str:
    """Return a hash that is equal for two descriptions of the same work: title, year and the first author's surname.

    A title of fewer than four words ("Editorial") is not distinctive: then journal, volume and first page count too.
    """
    name = folded(title)
    author = folded(surname(authors[0])) if authors else ""
    parts = [name, year or "", author]
    if len(name.split()) < SHORT_TITLE_WORDS:
        parts += [folded(container or ""), folded(volume or ""), folded((pages or "").split("-")[0])]
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


Name = tuple[str, str]
"""Scheme and value of an identifier."""


@dataclass(slots=True)
class KnownWorks:
    """Works of the library, by identifier and by fingerprint."""

    by_name: dict[Name, UUID] = field(default_factory=dict[Name, UUID])
    by_fingerprint: dict[str, dict[UUID, set[Name]]] = field(default_factory=dict[str, dict[UUID, set[Name]]])

    def add(self, item_id: UUID, fingerprint: str, names: Iterable[Name]) -> None:
        item_names = self.by_fingerprint.setdefault(fingerprint, {}).setdefault(item_id, set())
        for name in names:
            self.by_name.setdefault(name, item_id)
            item_names.add(name)

    def holder(self, fingerprint: str, names: Sequence[Name], *, besides: UUID | None = None) -> UUID | None:
        """Return the item that is the same work: by an identifier, or else by fingerprint if no identifier differs.

        A conference abstract and the paper that followed may share title, year and author; their DOIs differ.
        """
        for name in names:
            if (item_id := self.by_name.get(name)) not in (None, besides):
                return item_id
        for item_id, item_names in self.by_fingerprint.get(fingerprint, {}).items():
            if item_id != besides and not {scheme for scheme, _ in item_names} & {scheme for scheme, _ in names}:
                return item_id
        return None
