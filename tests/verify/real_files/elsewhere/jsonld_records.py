"""Print what pyld finds in a file of JSON-LD: jsonld_records.py FILE. It asks no other host for the vocabulary."""
# pyright: basic, reportMissingImports=false

import json
import sys
from pathlib import Path
from typing import Any

from pyld import jsonld

SCHEMA_ORG = "https://schema.org/"
AGENTS = ("Person", "Organization", "Thing")


def load(url: str, _options: object) -> dict[str, Any]:
    assert url == SCHEMA_ORG.rstrip("/")
    return {"contextUrl": None, "documentUrl": url, "document": {"@context": {"@vocab": SCHEMA_ORG}}}


def values(node: dict[str, Any], name: str) -> list[Any]:
    return node.get(SCHEMA_ORG + name, [])


def text(node: dict[str, Any], name: str) -> str:
    return next((value["@value"] for value in values(node, name)), "")


def kind_of(node: dict[str, Any]) -> str:
    (kind,) = node["@type"]
    assert kind.startswith(SCHEMA_ORG)
    return kind.removeprefix(SCHEMA_ORG)


def name_of(agent: dict[str, Any]) -> list[str]:
    """Return the parts of a name; for one in one piece, what it names instead of given names."""
    kind = kind_of(agent)
    assert kind in AGENTS, kind
    if text(agent, "familyName"):
        return [text(agent, name) for name in ("familyName", "givenName", "honorificSuffix")]
    return [text(agent, "name") or text(agent, "jobTitle"), kind if text(agent, "name") else "jobTitle", ""]


def record_of(node: dict[str, Any]) -> dict[str, Any]:
    numbers: dict[str, str] = {}
    container = next(iter(values(node, "isPartOf")), {})
    while container and kind_of(container) in ("PublicationIssue", "PublicationVolume"):
        number = "issueNumber" if kind_of(container) == "PublicationIssue" else "volumeNumber"
        numbers[number] = text(container, number)
        container = next(iter(values(container, "isPartOf")), {})
    identifiers = {text(value, "propertyID"): text(value, "value") for value in values(node, "identifier")}
    return {
        "id": node["@id"].rpartition("/")[2],
        "title": text(node, "name"),
        "authors": [name_of(agent) for agent in values(node, "creator")],
        "year": text(node, "datePublished")[:4],
        "container": text(container, "name"),
        "volume": numbers.get("volumeNumber", ""),
        "issue": numbers.get("issueNumber", ""),
        "pages": text(node, "pagination"),
        "doi": identifiers.get("doi", ""),
        "abstract": text(node, "abstract"),
        "keywords": [value["@value"] for value in values(node, "keywords")],
        "publisher": next((text(value, "name") for value in values(node, "publisher")), ""),
        "url": text(node, "url"),
    }


document = json.loads(Path(sys.argv[1]).read_bytes())
print(json.dumps([record_of(node) for node in jsonld.expand(document, {"documentLoader": load})]))
