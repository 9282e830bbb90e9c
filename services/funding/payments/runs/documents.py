"""XML of banks: read without a network, an entity or a document type, and checked against the ISO 20022 schemas."""

from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree as untyped

from shared.problems import Invalid

etree: Any = untyped
"""lxml ships no types: this is the only module that touches it untyped; an Element is Any."""

Element = Any
SCHEMAS = Path(__file__).parent / "schemas"


class DocumentUnreadable(Invalid):
    title = "This file could not be read"
    detail = "It is not well-formed XML in UTF-8. Send the bank's file exactly as it came. Nothing was changed."


class DocumentUnsafe(Invalid):
    title = "This file is not what a bank sends"
    detail = "It declares a document type or entities, which payment files never do. Nothing of it was taken."


class DocumentNotConforming(Invalid):
    title = "This file does not follow the standard"
    detail = (
        "It is not the kind of message that is taken here (pain.002.001.12 or pain.002.001.03). Nothing was changed."
    )


def parse(content: bytes) -> Element:
    """The root of a document. Raises DocumentUnreadable or DocumentUnsafe; entities are refused, never expanded."""
    try:
        told = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentUnreadable from error
    if "<!DOCTYPE" in told.upper() or "<!ENTITY" in told.upper():
        raise DocumentUnsafe
    # The encoding is given, so that a declared one cannot hide a document type from the look above.
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
        root = etree.fromstring(told.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocumentUnreadable from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentUnsafe
    return root


def namespace_of(root: Element) -> str:
    return etree.QName(root).namespace or ""


def complaints(root: Element, message: str) -> list[str]:
    """What the schema of `pain.001.001.09` and so on says against this document, without its values."""
    schema = _schema(message)
    if schema.validate(root):
        return []
    return [f"line {error.line}: {error.type_name.removeprefix('SCHEMAV_').lower()}" for error in schema.error_log]


def messages_known() -> frozenset[str]:
    return frozenset(path.stem for path in SCHEMAS.glob("*.xsd"))


@cache
def _schema(message: str) -> Any:
    return etree.XMLSchema(etree.parse(SCHEMAS / f"{message}.xsd", etree.XMLParser(no_network=True)))
