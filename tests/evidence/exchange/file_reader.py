"""Reads a file as the worker does, and returns what became of its records."""

from typing import Any

from services.evidence.exchange.imports.part_reader import ImportPart, PartPosition
from services.evidence.exchange.readers import formats
from services.evidence.exchange.readers.records import MAX_SNIFFED_BYTES, ReaderStart
from shared.persistence.tables import new_id


def part_of(text: str, format_name: str = "", position: PartPosition | None = None) -> ImportPart:
    """All records of the file as one part."""
    content = text.encode()
    format = formats.detect_format(content[:MAX_SNIFFED_BYTES], format_name)
    part = ImportPart(position or PartPosition(new_id(), format.name, len(content), 0, 1, 0))
    context = b""
    if format.create_context_collector is not None:
        collector = format.create_context_collector()
        collector.feed(content)
        context = collector.finish()
    reader = format.create_reader(ReaderStart(content[:MAX_SNIFFED_BYTES], context=context))
    for record in (*reader.feed(content), *reader.finish()):
        part.add(record, format)
    return part.complete()


def works_of(text: str, format_name: str = "") -> list[dict[str, Any]]:
    """The works of a file of which no record is rejected, with their identifiers as `scheme:value`."""
    part = part_of(text, format_name)
    assert part.rejects == []
    works = [work.description.model_dump(exclude_defaults=True, mode="json") for work in part.works]
    for work in works:
        del work["way_of_knowing"]
        if "identifiers" in work:
            work["identifiers"] = [
                f"{identifier['scheme']}:{identifier['value']}" for identifier in work["identifiers"]
            ]
    return works


def work_of(text: str, format_name: str = "") -> dict[str, Any]:
    """The only work of a file."""
    (work,) = works_of(text, format_name)
    return work
