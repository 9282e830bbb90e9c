"""The answers of the protocol as XML."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.evidence.exchange.oai import rules
from services.evidence.exchange.oai.metadata import FORMATS, Format, Library
from services.evidence.exchange.oai.xml import attribute, element, nested, text

TopicsAbove = Mapping[UUID, tuple[str, UUID | None]]
BEGINNING = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">'
)
DOMAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9\-]*(\.[a-zA-Z][a-zA-Z0-9\-]*)+")
"""What the scheme of `oai` identifiers calls a domain; a machine of a demonstration may have none."""
WAY_NAMES = {
    "research": "Research",
    "lived_experience": "Lived experience",
    "practice_knowledge": "Practice knowledge",
}


def second(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(rules.SECOND)


def envelope(base_url: str, at: datetime, asked: Mapping[str, str], parts: Iterable[str]) -> bytes:
    """`asked`: the arguments, to be shown where they were understood."""
    told = "".join(f" {name}={attribute(value)}" for name, value in asked.items())
    request = f"<request{told}>{text(base_url)}</request>"
    return f"{BEGINNING}<responseDate>{second(at)}</responseDate>{request}{''.join(parts)}</OAI-PMH>".encode()


def error(refused: rules.Refused) -> str:
    return element("error", refused.sentence, code=refused.code)


def identify(library: Library, email: str, earliest: datetime) -> str:
    example = f"oai:{library.namespace}:00000000-0000-7000-8000-000000000001"
    scheme = nested(
        "oai-identifier",
        [
            element("scheme", "oai"),
            element("repositoryIdentifier", library.namespace),
            element("delimiter", ":"),
            element("sampleIdentifier", example),
        ],
        **{
            "xmlns": "http://www.openarchives.org/OAI/2.0/oai-identifier",
            "xsi:schemaLocation": "http://www.openarchives.org/OAI/2.0/oai-identifier "
            "http://www.openarchives.org/OAI/2.0/oai-identifier.xsd",
        },
    )
    return nested(
        "Identify",
        [
            element("repositoryName", library.name),
            element("baseURL", f"{library.public_url}/oai"),
            element("protocolVersion", "2.0"),
            element("adminEmail", email),
            element("earliestDatestamp", second(earliest)),
            element("deletedRecord", "persistent"),
            element("granularity", "YYYY-MM-DDThh:mm:ssZ"),
            nested("description", [scheme] if DOMAIN.fullmatch(library.namespace) else []),
        ],
    )


def formats() -> str:
    return nested(
        "ListMetadataFormats",
        (
            nested(
                "metadataFormat",
                [
                    element("metadataPrefix", found.prefix),
                    element("schema", found.schema),
                    element("metadataNamespace", found.namespace),
                ],
            )
            for found in FORMATS.values()
        ),
    )


def fixed_sets() -> list[str]:
    """Those that are there whatever the topics are."""
    ways = [one_set(f"way:{way}", name) for way, name in WAY_NAMES.items()]
    return [one_set("way", "Ways of knowing"), *ways, one_set("topic", "Topics")]


def one_set(spec: str, name: str) -> str:
    return nested("set", [element("setSpec", spec), element("setName", name)])


def topic_set(topic_id: UUID, above: TopicsAbove) -> str:
    return one_set(topic_spec(topic_id, above), above[topic_id][0])


def topic_spec(topic_id: UUID, above: TopicsAbove) -> str:
    """The way to a topic from the top of the tree, each part of it a set that holds the next."""
    path: list[str] = []
    here: UUID | None = topic_id
    while here is not None and str(here) not in path:
        path.insert(0, str(here))
        here = above[here][1] if here in above else None
    return ":".join(("topic", *path))


def header(row: Any, above: TopicsAbove, library: Library) -> str:
    specs = [f"way:{row.way_of_knowing}", *(topic_spec(topic, above) for topic in row.topics)]
    return nested(
        "header",
        [
            element("identifier", f"oai:{library.namespace}:{row.id}"),
            element("datestamp", second(row.stamped_at)),
            *(element("setSpec", spec) for spec in specs),
        ],
        status=None if row.shown else "deleted",
    )


def record(row: Any, above: TopicsAbove, format: Format, library: Library) -> str:
    parts = [header(row, above, library)]
    if row.shown:
        names = [above[topic][0] for topic in row.topics if topic in above]
        parts.append(nested("metadata", [format.write(row, names, library)]))
    return nested("record", parts)


def token(value: str, read: int, size: int | None) -> str:
    """Empty where it ends a list of several pages. `read`: how many came before this page."""
    told = f' completeListSize="{size}"' if size else ""
    return f'<resumptionToken{told} cursor="{read}">{text(value)}</resumptionToken>'


def listed(verb: str, parts: Sequence[str]) -> str:
    return nested(verb, parts)
