"""Atom feeds (RFC 4287), in pages (RFC 5005), with withdrawn items as tombstones (RFC 6721)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from services.evidence.exchange.oai.metadata.records import WAY_LABELS, LibraryIdentity, retraction_sentence
from services.evidence.exchange.oai.xml import element, nested, quote_attribute
from services.evidence.library.items.attribution import credited_names
from services.evidence.library.items.signposting import address, page_address
from services.evidence.library.terms import TERMS
from shared.events.contracts.evidence import WayOfKnowing

MEDIA_TYPE = "application/atom+xml"
MAX_SUMMARY_LENGTH = 600
_NAMESPACES = {"xmlns": "http://www.w3.org/2005/Atom", "xmlns:at": "http://purl.org/atompub/tombstones/1.0"}


class FeedEntry(NamedTuple):
    """An item in a feed, which may have been withdrawn. `topics`: the ids of those under which it is filed."""

    stamped_at: datetime
    is_published: bool
    id: UUID
    way_of_knowing: WayOfKnowing
    title: str
    summary: str
    language: str
    details: Mapping[str, Any]
    retraction: Mapping[str, Any] | None
    updated_at: datetime
    published_at: datetime
    topics: Sequence[UUID]
    turn: int
    """How many entries of its way of knowing come before it in the feed, and itself."""


def write_feed(
    library: LibraryIdentity,
    title: str,
    links: Mapping[str, str],
    entries: Sequence[FeedEntry],
    topic_names: Mapping[UUID, str],
    now: datetime,
) -> bytes:
    """Return the document. `links`: URLs by relation, with `self` and `first`. `now`: used if there are no entries."""
    elements = [
        element("id", links["first"]),
        element("title", f"{library.name}: {title}"),
        element("updated", _moment(max((entry.stamped_at for entry in entries), default=now))),
        nested("author", [element("name", library.name)]),
        *(_link(relation, href, MEDIA_TYPE) for relation, href in links.items()),
        element("generator", "IMPACT"),
        *(_entry(library, entry, topic_names) if entry.is_published else _tombstone(entry) for entry in entries),
    ]
    return ('<?xml version="1.0" encoding="UTF-8"?>' + nested("feed", elements, **_NAMESPACES)).encode()


def _entry(library: LibraryIdentity, entry: FeedEntry, topic_names: Mapping[UUID, str]) -> str:
    """Return one item. An account is described by title and summary, under the name that its person chose."""
    url, lang, way = address(library.public_url, entry.id), entry.language, entry.way_of_knowing
    retraction = retraction_sentence(entry.retraction)
    summary = " ".join(text for text in (retraction, entry.summary[:MAX_SUMMARY_LENGTH]) if text)
    authors = credited_names(way, entry.details) or [library.name]
    elements = [
        element("id", _urn(entry)),
        element("title", entry.title, lang=lang) or "<title/>",
        element("updated", _moment(entry.updated_at)),
        element("published", _moment(entry.published_at)),
        *(nested("author", [element("name", name)]) for name in authors),
        _link("alternate", page_address(library.public_url, entry.id), "text/html"),
        _link("related", url, "application/json"),
        _category(f"{library.public_url}/v1/evidence?way_of_knowing=", way, WAY_LABELS[way]),
        *(
            _category(f"{library.public_url}/v1/topics/", str(topic_id), topic_names[topic_id])
            for topic_id in entry.topics
            if topic_id in topic_names
        ),
        element("rights", TERMS[way]),
        element("summary", summary, lang=lang),
    ]
    return nested("entry", elements)


def _tombstone(entry: FeedEntry) -> str:
    """Return an entry that says that the item was withdrawn, and when, with none of its content."""
    when = quote_attribute(_moment(entry.stamped_at))
    return f"<at:deleted-entry ref={quote_attribute(_urn(entry))} when={when}/>"


def _link(relation: str, href: str, media_type: str) -> str:
    return f"<link rel={quote_attribute(relation)} href={quote_attribute(href)} type={quote_attribute(media_type)}/>"


def _category(scheme: str, term: str, label: str) -> str:
    return f"<category scheme={quote_attribute(scheme)} term={quote_attribute(term)} label={quote_attribute(label)}/>"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _urn(entry: FeedEntry) -> str:
    return f"urn:uuid:{entry.id}"
