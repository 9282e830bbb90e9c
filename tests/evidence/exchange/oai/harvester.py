"""What a harvester does: asks, checks the answer against the protocol's schema, and walks on by tokens."""

from functools import cache
from typing import Any

from lxml import etree

from services.evidence.exchange.oai.commands import stamp_all
from tests.evidence.world import EvidenceWorld, data
from tests.support.callers import NOBODY

OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
OAI_DC = "{http://www.openarchives.org/OAI/2.0/oai_dc/}"
ELEMENTS = frozenset(
    {"title", "creator", "subject", "description", "publisher", "contributor", "date", "type"}
    | {"format", "identifier", "source", "language", "relation", "coverage", "rights"}
)
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
NAMESPACE = "testserver"


@cache
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(data("pyoai", "src", "oaipmh", "tests", "OAI-PMH.xsd"))))


def parsed(content: bytes) -> Any:
    """The answer, which must be as the protocol's schema has it, and its Dublin Core as that is defined."""
    root = etree.fromstring(content)
    schema().assertValid(root)
    for metadata in root.iter(f"{OAI_DC}dc"):
        check_dublin_core(metadata)
    return root


def check_dublin_core(metadata: Any) -> None:
    """Any of the fifteen elements, any number of times, with text alone and perhaps a language."""
    assert set(metadata.attrib) == {XSI}
    assert len(metadata) > 0
    for element in metadata:
        assert element.tag.startswith(DC), element.tag
        assert element.tag.removeprefix(DC) in ELEMENTS, element.tag
        assert set(element.attrib) <= {LANGUAGE}
        assert len(element) == 0
        assert element.text.strip()


async def stamped(world: EvidenceWorld) -> None:
    await stamp_all(world.database)


async def ask(world: EvidenceWorld, **arguments: str) -> Any:
    """`from_` stands for `from`."""
    parameters = {name.rstrip("_"): value for name, value in arguments.items()}
    async with world.client_for(NOBODY) as http:
        response = await http.get("/oai", params=parameters)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/xml")
    return parsed(response.content)


async def error_code(world: EvidenceWorld, **arguments: str) -> str:
    """The code of the error that this must be."""
    return code_of(await ask(world, **arguments))


def code_of(root: Any) -> str:
    errors = root.findall(f"{OAI}error")
    assert len(errors) == 1, etree.tostring(root)
    assert errors[0].text
    return errors[0].get("code")


async def all_records(world: EvidenceWorld, verb: str = "ListRecords", **arguments: str) -> list[Any]:
    """Headers or records of all pages."""
    elements: list[Any] = []
    root = await ask(world, verb=verb, **arguments)
    while True:
        elements += root.iter(f"{OAI}{'record' if verb == 'ListRecords' else 'header'}")
        token = root.find(f".//{OAI}resumptionToken")
        if token is None or not token.text:
            return elements
        root = await ask(world, verb=verb, resumptionToken=token.text)


def ids(records: list[Any]) -> list[str]:
    """Of items, without what says that they are this library's."""
    identifiers = [record.find(f".//{OAI}identifier").text for record in records]
    assert all(value.startswith(f"oai:{NAMESPACE}:") for value in identifiers)
    return [value.rpartition(":")[2] for value in identifiers]


def dublin_core(record: Any, name: str) -> list[str]:
    return [element.text for element in record.iter(f"{DC}{name}")]


def identifier(item_id: str) -> str:
    return f"oai:{NAMESPACE}:{item_id}"
