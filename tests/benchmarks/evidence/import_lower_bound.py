"""The least that an import can cost here: no record is cleaned, checked, compared, or told of in an audit trail.

The file is kept in the database until it is read, so that a killed worker goes on; rispy parses it; the records are
copied bare into the tables with their events; they are read back, since the index follows the database; and tantivy is
given their words.
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
from services.evidence.exchange.imports.api import CHUNK
from services.evidence.library.items.identifiers import fingerprint
from shared.events.contracts.evidence import EvidencePublished
from shared.persistence.tables import new_id

PART = 1_000
ITEM = ("id", "way_of_knowing", "state", "title", "summary", "language", "own", "fingerprint", "identified")
NAME = ("scheme", "value", "item_id")
SENT = ("event_id", "topic", "key", "type", "source", "sequence", "data")

if TYPE_CHECKING:
    Connection = asyncpg.Connection[Any]
Records = list[dict[str, Any]]


@dataclass
class Spent:
    """Seconds of processor time of this process and of PostgreSQL, by step."""

    of_postgres: Callable[[], float]
    steps: dict[str, float] = field(default_factory=dict[str, float])

    @asynccontextmanager
    async def on(self, step: str) -> AsyncGenerator[None]:
        began, before = time.process_time(), self.of_postgres()
        yield
        self.steps[step] = time.process_time() - began + self.of_postgres() - before


async def least(url: str, content: str, of_postgres: Callable[[], float]) -> dict[str, float]:
    """Seconds of processor time of one record, by step."""
    spent = Spent(of_postgres)
    connection: Connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    async with spent.on("file"):
        await _keep(connection, content.encode())
    async with spent.on("rispy"):
        records = cast("Records", rispy.load(io.StringIO(content)))
    ids: list[UUID] = []
    async with spent.on("copy"):
        for begin in range(0, len(records), PART):
            ids += await _copy(connection, records[begin : begin + PART])
    async with spent.on("read back"):
        for begin in range(0, len(ids), PART):
            wanted = "SELECT id, title, summary, own FROM items WHERE id = ANY($1)"
            for row in await connection.fetch(wanted, ids[begin : begin + PART]):
                orjson.loads(row["own"])
    await connection.close()
    async with spent.on("tantivy"):
        _index(records)
    return {step: seconds / len(records) for step, seconds in spent.steps.items()}


async def _keep(connection: "Connection", content: bytes) -> None:
    import_id = new_id()
    await connection.execute("CREATE TABLE kept_files (LIKE import_chunks INCLUDING ALL)")
    for begin in range(0, len(content), CHUNK):
        part = content[begin : begin + CHUNK]
        await connection.execute("INSERT INTO kept_files VALUES ($1, $2, $3)", import_id, begin, part)
    for begin in range(0, len(content), CHUNK):
        await connection.fetchval("SELECT content FROM kept_files WHERE begin = $1", begin)
    await connection.execute("DELETE FROM kept_files")


async def _copy(connection: "Connection", records: Records) -> list[UUID]:
    now = datetime.now(UTC)
    items = [(new_id(), *_item(record), now) for record in records]
    ids: list[UUID] = [item[0] for item in items]
    async with connection.transaction():
        await connection.copy_records_to_table("items", columns=(*ITEM, "published_at"), records=items)
        names = [("doi", record["doi"], item) for record, item in zip(records, ids, strict=True)]
        await connection.copy_records_to_table("identifiers", columns=NAME, records=names)
        await connection.copy_records_to_table("outbox", columns=SENT, records=map(_sent, ids))
    return ids


def _item(record: dict[str, Any]) -> tuple[Any, ...]:
    own = {name: value for name, value in record.items() if name not in ("title", "abstract")}
    mark = fingerprint(record["title"], record["year"], record["authors"], None, None, None)
    return "research", "published", record["title"], record["abstract"], "en", orjson.dumps(own).decode(), mark, True


def _sent(item_id: UUID) -> tuple[Any, ...]:
    kind = EvidencePublished
    told = orjson.dumps({"item_id": item_id, "way_of_knowing": "research", "topic_ids": []})
    return new_id(), kind.topic, item_id, kind.event_type, "/evidence", 1, told


def _index(records: Records) -> None:
    made = tantivy.SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw")
    index = tantivy.Index(made.add_text_field("words", tokenizer_name=PLAIN).build())
    index.register_tokenizer(PLAIN, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    writer = index.writer(50_000_000, 1)
    for record in records:
        words = " ".join((record["title"], record["abstract"], *record["authors"], *record["keywords"]))
        writer.add_document(tantivy.Document.from_dict({"id": str(new_id()), "words": words}))
    writer.commit()
