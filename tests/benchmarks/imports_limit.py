"""The least that an import can cost: records parsed by rispy, copied bare into the same tables, given to tantivy.

Nothing is received, kept until it is read, cleaned, checked, compared, or read back for the index.
"""

import io
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import asyncpg
import orjson
import rispy
import tantivy

from services.evidence.items.identifiers import fingerprint
from services.evidence.search.layout import PLAIN
from shared.contracts.evidence import EvidencePublished
from shared.tables import new_id

PART = 1_000
ITEM = ("id", "way_of_knowing", "state", "title", "summary", "language", "own", "fingerprint", "identified")
NAME = ("scheme", "value", "item_id")
SENT = ("event_id", "topic", "key", "type", "source", "sequence", "data")


async def least(url: str, content: str, spent: Callable[[], float]) -> dict[str, float]:
    """Seconds of processor time of a record; `spent` tells those of PostgreSQL."""
    began = time.process_time()
    records = cast("list[dict[str, Any]]", rispy.load(io.StringIO(content)))
    took = {"rispy": time.process_time() - began}
    connection: asyncpg.Connection[Any] = await asyncpg.connect(url.replace("+asyncpg", ""))
    began, before = time.process_time(), spent()
    for begin in range(0, len(records), PART):
        await _copy(connection, records[begin : begin + PART])
    took |= {"copy": time.process_time() - began, "PostgreSQL": spent() - before}
    await connection.close()
    began = time.process_time()
    _index(records)
    return {name: each / len(records) for name, each in (took | {"tantivy": time.process_time() - began}).items()}


async def _copy(connection: "asyncpg.Connection[Any]", records: list[dict[str, Any]]) -> None:
    now = datetime.now(UTC)
    items = [(new_id(), *_item(record), now) for record in records]
    async with connection.transaction():
        await connection.copy_records_to_table("items", columns=(*ITEM, "published_at"), records=items)
        names = [("doi", record["doi"], item[0]) for record, item in zip(records, items, strict=True)]
        await connection.copy_records_to_table("identifiers", columns=NAME, records=names)
        await connection.copy_records_to_table("outbox", columns=SENT, records=map(_sent, (item[0] for item in items)))


def _item(record: dict[str, Any]) -> tuple[Any, ...]:
    own = {name: value for name, value in record.items() if name not in ("title", "abstract")}
    mark = fingerprint(record["title"], record["year"], record["authors"], None, None, None)
    return "research", "published", record["title"], record["abstract"], "en", orjson.dumps(own).decode(), mark, True


def _sent(item_id: UUID) -> tuple[Any, ...]:
    kind = EvidencePublished
    told = orjson.dumps({"item_id": item_id, "way_of_knowing": "research", "topic_ids": []})
    return new_id(), kind.topic, item_id, kind.event_type, "/evidence", 1, told


def _index(records: list[dict[str, Any]]) -> None:
    made = tantivy.SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw")
    index = tantivy.Index(made.add_text_field("words", tokenizer_name=PLAIN).build())
    index.register_tokenizer(PLAIN, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    writer = index.writer(50_000_000, 1)
    for words in _texts(records):
        writer.add_document(tantivy.Document.from_dict({"id": str(new_id()), "words": words}))
    writer.commit()


def _texts(records: list[dict[str, Any]]) -> Iterator[str]:
    for record in records:
        yield " ".join((record["title"], record["abstract"], *record["authors"], *record["keywords"]))
