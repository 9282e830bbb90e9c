"""Feeds as Atom (RFC 4287), in pages (RFC 5005), with what was withdrawn as tombstones (RFC 6721)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.evidence.exchange.oai.metadata import RIGHTS, WAYS, Library, retraction_of
from services.evidence.exchange.oai.xml import attribute, element, nested
from services.evidence.library.items.attribution import credited_names
from services.evidence.library.items.signposting import address

MEDIA_TYPE = "application/atom+xml"
LONGEST_SUMMARY = 600


def feed(
    library: Library,
    title: str,
    links: Mapping[str, str],
    rows: Sequence[Any],
    names: Mapping[UUID, str],
    updated: datetime,
) -> bytes:
    """`links`: addresses by relation, `self` among them. `names`: of topics. `updated`: where there is no row."""
    first = links["first"]
    parts = [
        element("id", first),
        element("title", f"{library.name}: {title}"),
        element("updated", moment(rows[0].stamped_at if rows else updated)),
        nested("author", [element("name", library.name)]),
        *(link(relation, href, MEDIA_TYPE) for relation, href in links.items()),
        element("generator", "IMPACT"),
        *(entry(library, row, names) if row.shown else tombstone(row) for row in rows),
    ]
    namespaces = {"xmlns": "http://www.w3.org/2005/Atom", "xmlns:at": "http://purl.org/atompub/tombstones/1.0"}
    return ('<?xml version="1.0" encoding="UTF-8"?>' + nested("feed", parts, **namespaces)).encode()


def entry(library: Library, row: Any, names: Mapping[UUID, str]) -> str:
    """One item. An account is told of by title and summary, under the name that its person chose."""
    here, lang = address(library.public_url, row.id), row.language
    summary = " ".join(part for part in (retraction_of(row), row.summary[:LONGEST_SUMMARY]) if part)
    credited = credited_names(row.way_of_knowing, row.details) or [library.name]
    parts = [
        element("id", _id(row)),
        element("title", row.title, lang=lang) or "<title/>",
        element("updated", moment(row.updated_at)),
        element("published", moment(row.published_at)),
        *(nested("author", [element("name", name)]) for name in credited),
        link("alternate", here, "application/json"),
        category(f"{library.public_url}/v1/evidence?way_of_knowing=", row.way_of_knowing, WAYS[row.way_of_knowing]),
        *(
            category(f"{library.public_url}/v1/topics/", str(topic), names[topic])
            for topic in row.topics
            if topic in names
        ),
        element("rights", RIGHTS[row.way_of_knowing]),
        element("summary", summary, lang=lang),
    ]
    return nested("entry", parts)


def tombstone(row: Any) -> str:
    """That something was here, and no word of it."""
    return f"<at:deleted-entry ref={attribute(_id(row))} when={attribute(moment(row.stamped_at))}/>"


def link(relation: str, href: str, kind: str) -> str:
    return f"<link rel={attribute(relation)} href={attribute(href)} type={attribute(kind)}/>"


def category(scheme: str, term: str, label: str) -> str:
    return f"<category scheme={attribute(scheme)} term={attribute(term)} label={attribute(label)}/>"


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _id(row: Any) -> str:
    return f"urn:uuid:{row.id}"
