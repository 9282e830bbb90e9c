"""The layout of the search index: its fields, and the document of an item or a guide.

An index on disk that was written with another layout is thrown away and built again: see `LAYOUT_HASH`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Literal

from tantivy import Document, Index, Schema, SchemaBuilder

from services.evidence.discovery.search.filters import earliest_day, latest_day
from services.evidence.discovery.search.query import language
from services.evidence.library import years as item_years
from services.evidence.library.items import attribution
from services.evidence.library.items.descriptions import WAYS
from services.evidence.library.place_filters import state_of
from shared.events.contracts.evidence import WayOfKnowing

STEMMED, PLAIN = "stemmed", "plain"
TEXT_FIELDS = {"title": STEMMED, "text": STEMMED, "names": PLAIN, "source": STEMMED}
"""Each with its tokenizer. `text` holds every word of the entry, title and names too; the others give weight to a match
and answer queries by field."""
IndexedFacet = Literal["topics", "countries", "years", "settings", "languages", "kinds", "designs"]
FACETS: dict[IndexedFacet, int] = {
    "topics": 100,
    "countries": 50,
    "years": 100,
    "settings": 50,
    "languages": 20,
    "kinds": 20,
    "designs": 10,
}
"""The fields whose values are counted, and how many values of each at most."""

MISSING_FIELD = "without"
"""The field of what an entry does not say, by these names of facets."""
MissingFacet = Literal["countries", "settings", "years"]
MISSING_FACETS: tuple[MissingFacet, ...] = ("countries", "settings", "years")
WAY_BITS: dict[WayOfKnowing, int] = {way: 1 << position for position, way in enumerate(WAYS)}
GUIDE_BIT = 8
"""In `ways_mask`, beside one bit for each way of knowing: the entry is a guide that cites these ways."""
POSITION_FIELD = "position"
MAX_YEARS = 150
"""Of one entry, so many years at most are counted and found by `year:`."""

LAYOUT_FILES = (
    Path(__file__),
    Path(language.__file__),
    Path(__file__).with_name("queries.py"),
    Path(item_years.__file__),
    Path(attribution.__file__),
)
"""The code that decides what is written to the index."""
LAYOUT_HASH = sha256(b"".join(file.read_bytes() for file in LAYOUT_FILES)).hexdigest()


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """An item or a guide as it is indexed.

    `date` and `end_date`: of an item as `library.years` says; of a guide, when it was first published here. A year, a
    month or a day, or None where it is not known. Without an end they are the same.
    """

    id: str
    ways_mask: int
    title: str
    text: str = ""
    names: str = ""
    source: str = ""
    topics: Sequence[str] = ()
    country: str | None = None
    date: str | None = None
    end_date: str | None = None
    setting: str | None = None
    language: str = "en"
    kind: str | None = None
    design: str | None = None
    identifiers: Sequence[str] = ()
    """`doi:10.5555/abc`"""
    spelling_text: str = field(default="", kw_only=True)
    """Text whose words are used to correct spelling, beside those of the title."""

    @property
    def years(self) -> list[str]:
        """Every year that it is in, of a long time the last ones."""
        if not self.date:
            return []
        first, last = int(self.date[:4]), int((self.end_date or self.date)[:4])
        return [f"{year:04}" for year in range(max(first, last - MAX_YEARS + 1), last + 1)]


def build_schema() -> Schema:
    """Return the schema of the index."""
    builder = SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name, tokenizer in TEXT_FIELDS.items():
        builder = builder.add_text_field(name, tokenizer_name=tokenizer)
    builder = builder.add_text_field("spelling", tokenizer_name=PLAIN, index_option="basic")
    for name in (*FACETS, MISSING_FIELD):
        builder = builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    builder = builder.add_text_field("tags", tokenizer_name="raw", index_option="basic")
    builder = builder.add_unsigned_field("ways_mask", indexed=True, fast=True)
    for name in ("earliest_day", "latest_day"):
        builder = builder.add_unsigned_field(name, indexed=True, fast=True)
    return builder.add_text_field(POSITION_FIELD, stored=True, tokenizer_name="raw", index_option="basic").build()


def register_tokenizers(index: Index) -> None:
    """Register the tokenizers that the schema names."""
    index.register_tokenizer(STEMMED, language.stems_analyzer())
    index.register_tokenizer(PLAIN, language.plain_analyzer())


def build_document(entry: IndexEntry, schema: Schema) -> Document:
    """Return the document of an entry. Welsh texts are tokenized and others stemmed here (`language.stem_text`)."""
    facets = {
        "topics": list(entry.topics),
        "countries": _values(entry.country),
        "years": entry.years,
        "settings": _values(entry.setting and entry.setting.lower()),
        "languages": [entry.language],
        "kinds": _values(entry.kind),
        "designs": _values(entry.design),
    }
    fields: dict[str, object] = {"id": entry.id, "ways_mask": entry.ways_mask, **facets}
    fields[MISSING_FIELD] = [name for name in MISSING_FACETS if not facets[name]]
    fields["spelling"] = language.join_apostrophes(f"{entry.title}\n{entry.spelling_text}")
    fields["tags"] = [*entry.identifiers, *tags(entry)]
    if entry.date:
        fields["earliest_day"] = day_number(earliest_day(entry.date))
        fields["latest_day"] = day_number(latest_day(entry.end_date or entry.date))
    texts = {"title": entry.title, "names": entry.names, "source": entry.source}
    rest = "\n".join((entry.text, *entry.identifiers))
    if not language.is_welsh(entry.language):
        stems = {name: language.stem_text(text) for name, text in texts.items()}
        text = " ".join((*stems.values(), language.stem_text(rest)))
        fields |= {**stems, "text": text, "names": language.join_apostrophes(entry.names)}
        return Document.from_dict(fields, schema)
    texts["text"] = "\n".join((*texts.values(), rest))
    document = Document.from_dict(fields, schema)
    for name, text in texts.items():
        if TEXT_FIELDS[name] == PLAIN:
            document.add_text(name, language.join_apostrophes(text))
        else:
            document.add_pre_tokenized_text(name, language.welsh_tokens(text))
    return document


def tags(entry: IndexEntry) -> list[str]:
    """Return the exact values that filters and queries by field match: `country:GB-NIR`, `year:2021`."""
    language_tag = entry.language.lower()
    values = [f"language:{language_tag}", f"language:{language_tag.split('-')[0]}"]
    if entry.country:
        values += [f"country:{entry.country}", f"country:{state_of(entry.country)}"]
        if entry.country == state_of(entry.country):
            values.append(f"whole:{entry.country}")
    for name in ("setting", "kind", "design"):
        if value := getattr(entry, name):
            values.append(f"{name}:{value.lower()}")
    values += [f"year:{year}" for year in entry.years]
    return list(dict.fromkeys(values))


def day_number(date: str) -> int:
    """Return `2019-03-00` as the number 20190300."""
    return int(date.replace("-", ""))


def _values(value: str | None) -> list[str]:
    return [value] if value else []
