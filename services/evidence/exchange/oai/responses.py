"""The protocol's responses as XML."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from services.evidence.exchange.oai import rules
from services.evidence.exchange.oai.metadata.formats import FORMATS, MetadataFormat
from services.evidence.exchange.oai.metadata.records import LibraryIdentity, OaiRecord, RecordHeader, TopicTree
from services.evidence.exchange.oai.xml import element, escape_text, nested, quote_attribute

PROLOG = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">'
)
DOMAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9\-]*(\.[a-zA-Z][a-zA-Z0-9\-]*)+")
"""A domain as the schema of `oai` identifiers defines it. A demonstration on one machine may have none."""
WAY_SET_NAMES = {
    "research": "Research",
    "lived_experience": "Lived experience",
    "practice_knowledge": "Practice knowledge",
}


def write_second(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(rules.SECOND_FORMAT)


def envelope(base_url: str, responded_at: datetime, arguments: Mapping[str, str], elements: Iterable[str]) -> bytes:
    """Return the whole document. `arguments`: those of the request, or none if they are not valid."""
    attributes = "".join(f" {name}={quote_attribute(value)}" for name, value in arguments.items())
    request = f"<request{attributes}>{escape_text(base_url)}</request>"
    date = f"<responseDate>{write_second(responded_at)}</responseDate>"
    return f"{PROLOG}{date}{request}{''.join(elements)}</OAI-PMH>".encode()


def error_element(error: rules.ProtocolError) -> str:
    return element("error", error.message, code=error.code)


def identify(library: LibraryIdentity, earliest: datetime) -> str:
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
            element("adminEmail", library.email),
            element("earliestDatestamp", write_second(earliest)),
            element("deletedRecord", "persistent"),
            element("granularity", "YYYY-MM-DDThh:mm:ssZ"),
            nested("description", [scheme] if DOMAIN.fullmatch(library.namespace) else []),
        ],
    )


def list_metadata_formats() -> str:
    return nested(
        "ListMetadataFormats",
        (
            nested(
                "metadataFormat",
                [
                    element("metadataPrefix", metadata_format.prefix),
                    element("schema", metadata_format.schema),
                    element("metadataNamespace", metadata_format.namespace),
                ],
            )
            for metadata_format in FORMATS.values()
        ),
    )


def fixed_sets() -> list[str]:
    """Return the sets that do not depend on the topics."""
    ways = [set_element(f"way:{way}", name) for way, name in WAY_SET_NAMES.items()]
    return [set_element("way", "Ways of knowing"), *ways, set_element("topic", "Topics")]


def set_element(spec: str, name: str) -> str:
    return nested("set", [element("setSpec", spec), element("setName", name)])


def topic_set(topic_id: UUID, tree: TopicTree) -> str:
    return set_element(topic_spec(topic_id, tree), tree[topic_id].name)


def topic_spec(topic_id: UUID, tree: TopicTree) -> str:
    """Return the path from the top of the tree to the topic: each prefix of it is a set that holds the next."""
    path: list[str] = []
    current: UUID | None = topic_id
    while current is not None and str(current) not in path:
        path.insert(0, str(current))
        current = tree[current].parent_id if current in tree else None
    return ":".join(("topic", *path))


def header_element(header: RecordHeader, tree: TopicTree, library: LibraryIdentity) -> str:
    specs = [f"way:{header.way_of_knowing}", *(topic_spec(topic_id, tree) for topic_id in header.topics)]
    return nested(
        "header",
        [
            element("identifier", f"oai:{library.namespace}:{header.id}"),
            element("datestamp", write_second(header.stamped_at)),
            *(element("setSpec", spec) for spec in specs),
        ],
        status=None if header.is_published else "deleted",
    )


def record_element(
    record: OaiRecord, tree: TopicTree, metadata_format: MetadataFormat, library: LibraryIdentity
) -> str:
    """Return the record; a deleted one without metadata."""
    header, description = record
    children = [header_element(header, tree, library)]
    if header.is_published and description is not None:
        names = [tree[topic_id].name for topic_id in header.topics if topic_id in tree]
        children.append(nested("metadata", [metadata_format.write(header, description, names, library)]))
    return nested("record", children)


def resumption_token(token: str, read: int, size: int | None) -> str:
    """Return the element, which is empty at the end of a list of several pages. `read`: how many came before."""
    attribute = f' completeListSize="{size}"' if size else ""
    return f'<resumptionToken{attribute} cursor="{read}">{escape_text(token)}</resumptionToken>'


def verb_element(verb: str, children: Sequence[str]) -> str:
    return nested(verb, children)
