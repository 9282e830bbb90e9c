"""The metadata formats by their prefix."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from services.evidence.exchange.oai.metadata import datacite, dublin_core
from services.evidence.exchange.oai.metadata.records import LibraryIdentity, RecordDescription, RecordHeader


@dataclass(frozen=True, slots=True)
class MetadataFormat:
    """A format, and how a record's metadata is written in it."""

    prefix: str
    schema: str
    namespace: str
    write: Callable[[RecordHeader, RecordDescription, Sequence[str], LibraryIdentity], str]


FORMATS: Final[dict[str, MetadataFormat]] = {
    "oai_dc": MetadataFormat("oai_dc", dublin_core.SCHEMA, dublin_core.NAMESPACE, dublin_core.write_dublin_core),
    "oai_datacite": MetadataFormat("oai_datacite", datacite.SCHEMA, datacite.NAMESPACE, datacite.write_datacite),
}
