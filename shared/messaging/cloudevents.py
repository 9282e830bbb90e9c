"""Events on the wire: CloudEvents 1.0 in Kafka's binary mode. Attributes are headers (`ce_*`), the value is JSON."""

from datetime import datetime
from uuid import UUID

from shared.event_log.protocol import Headers, Record
from shared.events.event import Envelope

SPECVERSION = ("ce_specversion", b"1.0")
CONTENT_TYPE = ("content-type", b"application/json")


class MalformedEvent(Exception):
    """A record is not an event in this format. The message says why, without the content."""


def headers(
    event_id: bytes,
    source: bytes,
    event_type: bytes,
    time: bytes,
    key: bytes,
    sequence: bytes,
    traceparent: bytes | None,
) -> Headers:
    """Return the attributes of one event as headers."""
    attributes = [
        SPECVERSION,
        ("ce_id", event_id),
        ("ce_source", source),
        ("ce_type", event_type),
        ("ce_time", time),
        ("ce_partitionkey", key),
        ("ce_sequence", sequence),
        CONTENT_TYPE,
    ]
    if traceparent:
        attributes.append(("ce_traceparent", traceparent))
    return attributes


def envelope_of(record: Record) -> Envelope:
    """Parse the attributes of a record. Raises MalformedEvent."""
    attributes = dict(record.headers)
    try:
        if attributes["ce_specversion"] != b"1.0":
            raise MalformedEvent("not CloudEvents 1.0")
        traceparent = attributes.get("ce_traceparent")
        return Envelope(
            id=UUID(attributes["ce_id"].decode()),
            source=attributes["ce_source"].decode(),
            type=attributes["ce_type"].decode(),
            time=datetime.fromisoformat(attributes["ce_time"].decode()),
            key=UUID(attributes["ce_partitionkey"].decode()),
            sequence=int(attributes["ce_sequence"]),
            traceparent=traceparent.decode() if traceparent else None,
        )
    except KeyError as error:
        raise MalformedEvent(f"the attribute {error} is missing") from None
    except ValueError as error:
        raise MalformedEvent(f"an attribute has the wrong form ({type(error).__name__})") from None
