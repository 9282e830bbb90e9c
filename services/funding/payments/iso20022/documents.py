"""XML of banks: parsed without network, entities or document types, and validated against the ISO 20022 schemas."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Protocol, cast

from lxml import etree

from shared.problems import Invalid

Element = etree._Element  # pyright: ignore[reportPrivateUsage]  lxml gives the class no public name
SCHEMAS = Path(__file__).parent / "schemas"


class SchemaError(Protocol):
    """An entry of lxml's error log, which its stubs leave out."""

    line: int
    type_name: str


class DocumentUnreadable(Invalid):
    title = "This file could not be read"
    detail = "It is not well-formed XML in UTF-8. Send the bank's file exactly as it came. Nothing was changed."


class DocumentUnsafe(Invalid):
    title = "This file declares a document type or entities"
    detail = "Payment files never do. Send the bank's file exactly as it came. Nothing was changed."


class DocumentNotConforming(Invalid):
    title = "This file does not follow the standard"
    detail = (
        "It must be a pain.002.001.03 message, or one of pain.002.001.10 to 14. See `errors`, if any. Ask the bank for "
        "one of these. Nothing was changed."
    )


def parse(content: bytes) -> Element:
    """Return the root element. Raises DocumentUnreadable, DocumentUnsafe: entities are refused, never expanded."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentUnreadable from error
    if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        raise DocumentUnsafe
    # The encoding is fixed, so that a declared one cannot hide a document type from the check above.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocumentUnreadable from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentUnsafe
    return root


def namespace_of(root: Element) -> str:
    """Return the XML namespace of an element, or an empty text."""
    return etree.QName(root).namespace or ""


def schema_errors(root: Element, message: str) -> list[str]:
    """Return how a document violates the schema of `message` (`pain.001.001.09`…), without the document's values."""
    schema = _schema(message)
    if schema.validate(root):
        return []
    errors = cast("Iterable[SchemaError]", schema.error_log)
    return [f"line {error.line}: {error.type_name.removeprefix('SCHEMAV_').lower()}" for error in errors]


def supported_messages() -> frozenset[str]:
    """Return the names of the messages whose schemas are installed."""
    return frozenset(path.stem for path in SCHEMAS.glob("*.xsd"))


@cache
def _schema(message: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMAS / f"{message}.xsd", etree.XMLParser(no_network=True)))
