"""What stands in the index of an item or a guide, and in which form.

An index on disk that was made by another form of this file or of those it names is thrown away: see `MADE`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import tantivy
from tantivy import Document, Index, Schema, SchemaBuilder

from services.evidence.discovery.search import language
from services.evidence.discovery.search.filters import earliest, latest
from services.evidence.library.items.descriptions import WAYS

SECTOR, PLAIN = "sector", "plain"
TEXTS = {"title": SECTOR, "words": SECTOR, "names": PLAIN, "source": SECTOR}
"""`words` holds every word of the entry, title and names too; the others are for weight and for questions by field."""
FACETS = {"topics": 100, "countries": 50, "years": 100, "settings": 50, "languages": 20, "kinds": 20, "designs": 10}
"""What is counted, and how many values of each at most."""

GUIDE = 8
"""Beside one bit for each way of knowing in `voices`: this entry is a guide in which these ways speak."""
VOICE = {way: 1 << place for place, way in enumerate(WAYS)}
POSITION = "position"

MADE = sha256(
    b"".join(Path(__file__).with_name(name).read_bytes() for name in ("layout.py", "language.py", "queries.py"))
).hexdigest()


@dataclass(frozen=True, slots=True)
class Entry:
    """An item or a guide as it is to be found.

    `date`: when a work of research came out, at least its year, or None where that is not known; when an account,
    practice knowledge or a guide was first shown.
    """

    id: str
    voices: int
    title: str
    words: str = ""
    names: str = ""
    source: str = ""
    topics: Sequence[str] = ()
    country: str | None = None
    date: str | None = None
    setting: str | None = None
    language: str = "en"
    kind: str | None = None
    design: str | None = None
    identifiers: Sequence[str] = ()
    """`doi:10.5555/abc`"""
    known_by: str = field(default="", kw_only=True)
    """What spelling is corrected from, beside the title."""


def schema() -> Schema:
    made = SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name, tokenizer in TEXTS.items():
        made = made.add_text_field(name, tokenizer_name=tokenizer)
    made = made.add_text_field("spelling", tokenizer_name=PLAIN, index_option="basic")
    for name in FACETS:
        made = made.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    made = made.add_text_field("marks", tokenizer_name="raw", index_option="basic")
    made = made.add_unsigned_field("voices", indexed=True, fast=True)
    for name in ("earliest", "latest"):
        made = made.add_unsigned_field(name, indexed=True, fast=True)
    return made.add_text_field(POSITION, stored=True, tokenizer_name="raw", index_option="basic").build()


def register(index: Index) -> None:
    index.register_tokenizer(SECTOR, language.stems())
    index.register_tokenizer(PLAIN, language.plain())


def document(entry: Entry, made_for: tantivy.Schema) -> Document:
    facets = {
        "topics": list(entry.topics),
        "countries": _one(entry.country),
        "years": _one(entry.date and entry.date[:4]),
        "settings": _one(entry.setting and entry.setting.lower()),
        "languages": [entry.language],
        "kinds": _one(entry.kind),
        "designs": _one(entry.design),
    }
    fields: dict[str, object] = {"id": entry.id, "voices": entry.voices, **facets}
    fields["spelling"] = language.joined(f"{entry.title}\n{entry.known_by}")
    fields["marks"] = [*entry.identifiers, *marks(entry)]
    if entry.date:
        fields["earliest"], fields["latest"] = day(earliest(entry.date)), day(latest(entry.date))
    texts = {"title": entry.title, "names": entry.names, "source": entry.source}
    rest = "\n".join((entry.words, *entry.identifiers))
    if not language.is_welsh(entry.language):
        stems = {name: language.stemmed(text) for name, text in texts.items()}
        words = " ".join((*stems.values(), language.stemmed(rest)))
        fields |= {**stems, "words": words, "names": language.joined(entry.names)}
        return Document.from_dict(fields, made_for)
    texts["words"] = "\n".join((*texts.values(), rest))
    made = Document.from_dict(fields, made_for)
    for name, text in texts.items():
        if TEXTS[name] == PLAIN:
            made.add_text(name, language.joined(text))
        else:
            made.add_pre_tokenized_text(name, language.tokens(text))
    return made


def marks(entry: Entry) -> list[str]:
    """What filters and questions by field ask for exactly."""
    spoken = entry.language.lower()
    found = [f"language:{spoken}", f"language:{spoken.split('-')[0]}"]
    if entry.country:
        found += [f"country:{entry.country}", f"country:{entry.country[:2]}"]
    for name in ("setting", "kind", "design"):
        if value := getattr(entry, name):
            found.append(f"{name}:{value.lower()}")
    if entry.date:
        found.append(f"year:{entry.date[:4]}")
    return list(dict.fromkeys(found))


def day(date: str) -> int:
    """`2019-03-00` as the number 20190300."""
    return int(date.replace("-", ""))


def _one(value: str | None) -> list[str]:
    return [value] if value else []
