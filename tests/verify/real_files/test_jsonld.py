"""The JSON-LD export keeps to schema.org: its terms, and shapes of SHACL with the ranges that they have there."""

import copy
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from services.evidence.exchange.writers import jsonld
from services.evidence.exchange.writers.exported_item import ExportedItem
from tests.evidence.exchange.writers.exported_items import NAMED, PRACTICE, UNNAMED, WORKS, exported_item
from tests.verify.programs import tool
from tests.verify.real_files.conftest import FilledLibrary
from tests.verify.real_files.readings import HERE, output

Node = dict[str, Any]
WHOLE = exported_item(
    500,
    title="With every field",
    summary="What it found.",
    country="GB-NIR",
    retraction={"nature": "retraction", "on": "2023-04-11", "notice": {"scheme": "doi", "value": "10.5555/n"}},
    details={
        "kind": "journal_article",
        "authors": ["Okoro, Ada B., Jr.", "World Health Organization"],
        "editors": ["Marsh, C."],
        "published_in": "Journal of Invented Studies",
        "published_on": "2021-05",
        "volume": "12",
        "issue": "3",
        "pages": "201-219",
        "publisher": "Invented Press",
        "keywords": ["carers", "breaks"],
        "period": {"from": "2018", "to": "2019-06"},
        "identifiers": [
            {"scheme": "doi", "value": "10.5555/a"},
            {"scheme": "issn", "value": "1234-567X"},
        ],
    },
)
FAULTS: dict[str, Callable[[Node], object]] = {
    "no title": lambda node: node.pop("name"),
    "an empty title": lambda node: node.update(name=""),
    "two titles": lambda node: node.update(name=["One", "Another"]),
    "a title of another type": lambda node: node.update(name=2021),
    "no type": lambda node: node.pop("@type"),
    "a type of something else": lambda node: node.update({"@type": "Recipe"}),
    "no link": lambda node: node.pop("url"),
    "a link that is none": lambda node: node.update(url="www.example.org"),
    "no language": lambda node: node.pop("inLanguage"),
    "a language by its name": lambda node: node.update(inLanguage="English (UK)"),
    "no terms of use": lambda node: node.pop("usageInfo"),
    "terms of use without words": lambda node: node["usageInfo"].pop("text"),
    "a date in words": lambda node: node.update(datePublished="May 2021"),
    "a year as a number": lambda node: node.update(datePublished=2021),
    "an author who is only a text": lambda node: node.update(creator="Ada Okoro"),
    "an author without a name": lambda node: node["creator"][0].pop("name"),
    "an author without given names": lambda node: node["creator"][0].pop("givenName"),
    "an author of no kind": lambda node: node["creator"][0].pop("@type"),
    "a thing with a family name": lambda node: node["creator"][0].update({"@type": "Thing"}),
    "a publisher who is a person": lambda node: node["publisher"].update({"@type": "Person"}),
    "a publisher without a name": lambda node: node["publisher"].pop("name"),
    "an identifier without its kind": lambda node: node["identifier"][0].pop("propertyID"),
    "an identifier of a kind unknown": lambda node: node["identifier"][0].update(propertyID="DOI"),
    "an identifier without a value": lambda node: node["identifier"][0].pop("value"),
    "an issue without a number": lambda node: node["isPartOf"].pop("issueNumber"),
    "a volume that is a number": lambda node: node["isPartOf"]["isPartOf"].update(volumeNumber=12),
    "a volume within an issue within nothing known": lambda node: node["isPartOf"]["isPartOf"]["isPartOf"].pop("name"),
    "an ISSN without its hyphen": lambda node: node["isPartOf"]["isPartOf"]["isPartOf"].update(issn="1234567X"),
    "an ISBN of an article": lambda node: node.update(isbn="9780306406157"),
    "a country by its name": lambda node: node["spatialCoverage"].update(identifier="Northern Ireland"),
    "a topic that is only a text": lambda node: node.update(about=["Breaks for carers"]),
    "a correction without words": lambda node: node["correction"].pop("text"),
    "a keyword that is a number": lambda node: node.update(keywords=["carers", 7]),
    "a dataset in no catalogue": lambda node: node.update({"@type": "Dataset"}),
    "an account that says nothing": lambda node: node.update(genre="Lived experience"),
    "a property that is not known": lambda node: node.update(journal="Journal of Invented Studies"),
}


def check(file: Path) -> dict[str, Any]:
    return output(tool("python"), HERE / "elsewhere" / "shacl_violations.py", file, HERE / "jsonld.ttl")


def document(folder: Path, nodes: Iterable[Node]) -> Path:
    file = folder / "evidence.jsonld"
    file.write_text(json.dumps({"@context": jsonld.CONTEXT, "@graph": list(nodes)}))
    return file


def test_every_item_of_real_files_has_the_shape_of_its_kind(
    filled: FilledLibrary, exported: Callable[[str], Path]
) -> None:
    assert check(exported("jsonld")) == {"items": len(filled.items), "unknown_terms": [], "violations": []}


def test_items_of_every_kind_have_their_shapes(tmp_path: Path) -> None:
    items: list[ExportedItem] = [*WORKS.values(), NAMED, UNNAMED, PRACTICE, WHOLE]
    result = check(document(tmp_path, map(jsonld.node_of, items)))
    assert result == {"items": len(items), "unknown_terms": [], "violations": []}


def test_the_shapes_refuse_what_is_missing_or_of_another_type(tmp_path: Path) -> None:
    nodes: dict[str, Node] = {}
    for number, (fault, break_node) in enumerate(FAULTS.items()):
        node = copy.deepcopy(jsonld.node_of(WHOLE))
        node["@id"] = f"{node['@id'][:-4]}{number:04}"
        break_node(node)
        nodes[fault] = node
    result = check(document(tmp_path, nodes.values()))
    refused = {focus for focus, _, _ in result["violations"]}
    assert [fault for fault, node in nodes.items() if node["@id"] not in refused] == []
    assert result["unknown_terms"] == ["https://schema.org/journal"]
