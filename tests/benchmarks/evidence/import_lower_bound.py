"""The lower bound of the cost of an import: records are not cleaned, validated, compared or audited.

The file is stored in the database until it is read, so that another worker can continue; rispy parses it; the records
are copied into the tables with their events; they are read back, since the index is built from the database; and
tantivy indexes their text.
"""

import io
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import asyncpg
import orjson
import rispy
import tantivy

from services.evidence.discovery.search.index.layout import PLAIN
from services.evidence.exchange.file_jobs.uploads import CHUNK_BYTES
from services.evidence.library.items.identifiers.rules import fingerprint
from shared.events.contracts.evidence import EvidencePublished
from shared.persistence.tables import new_id

BATCH_RECORDS = 1_000
ITEM_COLUMNS = (
    "id",
    "way_of_knowing",
    "status",
    "title",
    "summary",
    "language",
    "details",
    "fingerprint",
    "identified",
)
IDENTIFIER_COLUMNS = ("scheme", "value", "item_id")
OUTBOX_COLUMNS = ("event_id", "topic", "key", "type", "source", "sequence", "data")

if TYPE_CHECKING:
    Connection = asyncpg.Connection[Any]
Records = list[dict[str, Any]]


@dataclass
class CpuTimes:
    """Processor time of this process and of PostgreSQL in seconds, by step."""

    postgres_cpu_seconds: Callable[[], float]
    steps: dict[str, float] = field(default_factory=dict[str, float])

    @asynccontextmanager
    async def measure(self, step: str) -> AsyncGenerator[None]:
        started, postgres_before = time.process_time(), self.postgres_cpu_seconds()
        yield
        self.steps[step] = time.process_time() - started + self.postgres_cpu_seconds() - postgres_before


async def measure_lower_bound(url: str, content: str, postgres_cpu_seconds: Callable[[], float]) -> dict[str, float]:
    """Return the processor time of one record in seconds, by step."""
    cpu_times = CpuTimes(postgres_cpu_seconds)
    connection: Connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    async with cpu_times.measure("file"):
        await _store_file(connection, content.encode())
    async with cpu_times.measure("rispy"):
        records = cast("Records", rispy.load(io.StringIO(content)))
    ids: list[UUID] = []
    async with cpu_times.measure("copy"):
        for start in range(0, len(records), BATCH_RECORDS):
            ids += await _copy(connection, records[start : start + BATCH_RECORDS])
    async with cpu_times.measure("read back"):
        for start in range(0, len(ids), BATCH_RECORDS):
            statement = "SELECT id, title, summary, details FROM items WHERE id = ANY($1)"
            for row in await connection.fetch(statement, ids[start : start + BATCH_RECORDS]):
                orjson.loads(row["details"])
    await connection.close()
    async with cpu_times.measure("tantivy"):
        _index(records)
    return {step: seconds / len(records) for step, seconds in cpu_times.steps.items()}


async def _store_file(connection: "Connection", content: bytes) -> None:
    import_id = new_id()
    await connection.execute("CREATE TABLE stored_files (LIKE import_chunks INCLUDING ALL)")
    for start in range(0, len(content), CHUNK_BYTES):
        chunk = content[start : start + CHUNK_BYTES]
        await connection.execute("INSERT INTO stored_files VALUES ($1, $2, $3)", import_id, start, chunk)
    for start in range(0, len(content), CHUNK_BYTES):
        await connection.fetchval("SELECT content FROM stored_files WHERE begin = $1", start)
    await connection.execute("DELETE FROM stored_files")


async def _copy(connection: "Connection", records: Records) -> list[UUID]:
    now = datetime.now(UTC)
    items = [(new_id(), *_item(record), now) for record in records]
    ids: list[UUID] = [item[0] for item in items]
    async with connection.transaction():
        await connection.copy_records_to_table("items", columns=(*ITEM_COLUMNS, "published_at"), records=items)
        names = [("doi", record["doi"], item) for record, item in zip(records, ids, strict=True)]
        await connection.copy_records_to_table("identifiers", columns=IDENTIFIER_COLUMNS, records=names)
        await connection.copy_records_to_table("outbox", columns=OUTBOX_COLUMNS, records=map(_outbox_row, ids))
    return ids


def _item(record: dict[str, Any]) -> tuple[Any, ...]:
    details = {name: value for name, value in record.items() if name not in ("title", "abstract")}
    item_fingerprint = fingerprint(record["title"], record["year"], record["authors"], None, None, None)
    return (
        "research",
        "published",
        record["title"],
        record["abstract"],
        "en",
        orjson.dumps(details).decode(),
        item_fingerprint,
        True,
    )


def _outbox_row(item_id: UUID) -> tuple[Any, ...]:
    event = EvidencePublished
    payload = orjson.dumps({"item_id": item_id, "way_of_knowing": "research", "topic_ids": []})
    return new_id(), event.topic, item_id, event.event_type, "/evidence", 1, payload


def _index(records: Records) -> None:
    schema = tantivy.SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw")
    index = tantivy.Index(schema.add_text_field("words", tokenizer_name=PLAIN).build())
    index.register_tokenizer(PLAIN, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    writer = index.writer(50_000_000, 1)
    for record in records:
        text = " ".join((record["title"], record["abstract"], *record["authors"], *record["keywords"]))
        writer.add_document(tantivy.Document.from_dict({"id": str(new_id()), "words": text}))
    writer.commit()
