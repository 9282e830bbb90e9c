"""Events on the wire: CloudEvents 1.0 in Kafka's binary mode. Attributes are headers (`ce_*`), the value is JSON."""

from datetime import datetime
from uuid import UUID

from shared.event_log.protocol import Headers, Record
from shared.events.event import Envelope

SPECVERSION = ("ce_specversion", b"1.0")
CONTENT_TYPE = ("content-type", b"application/json")


class Unreadable(Exception):
    """A record that is not an event as we write them. The text says why, without its content."""


def headers(
    event_id: bytes, source: bytes, kind: bytes, time: bytes, key: bytes, sequence: bytes, traceparent: bytes | None
) -> Headers:
    """Return the attributes of one event as headers."""
    made = [
        SPECVERSION,
        ("ce_id", event_id),
        ("ce_source", source),
        ("ce_type", kind),
        ("ce_time", time),
        ("ce_partitionkey", key),
        ("ce_sequence", sequence),
        CONTENT_TYPE,
    ]
    if traceparent:
        made.append(("ce_traceparent", traceparent))
    return made


def envelope_of(record: Record) -> Envelope:
    """Parse the attributes of a record. Raises Unreadable."""
    found = dict(record.headers)
    try:
        if found["ce_specversion"] != b"1.0":
            raise Unreadable("not CloudEvents 1.0")
        traceparent = found.get("ce_traceparent")
        return Envelope(
            id=UUID(found["ce_id"].decode()),
            source=found["ce_source"].decode(),
            type=found["ce_type"].decode(),
            time=datetime.fromisoformat(found["ce_time"].decode()),
            key=UUID(found["ce_partitionkey"].decode()),
            sequence=int(found["ce_sequence"]),
            traceparent=traceparent.decode() if traceparent else None,
        )
    except KeyError as missing:
        raise Unreadable(f"the attribute {missing} is missing") from None
    except ValueError as error:
        raise Unreadable(f"an attribute has the wrong form ({type(error).__name__})") from None
