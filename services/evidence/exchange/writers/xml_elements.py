"""XML elements as text. No tree is built, since the text is sent at once."""

import re
from collections.abc import Iterable
from functools import cache
from html import escape

from services.evidence.exchange.writers.exported_item import single_line


class Xml(str):
    """Text that is XML already; any other text is escaped when it becomes the content of an element."""

    __slots__ = ()


def element(name: str, *content: str | None, **attributes: str) -> Xml:
    """Return an element with this content. The attribute `xml_lang` becomes `xml:lang`, `pub_id_type` `pub-id-type`."""
    body = "".join([part if isinstance(part, Xml) else _escape(single_line(part)) for part in content if part])
    if not attributes:
        return Xml(f"<{name}>{body}</{name}>")
    written = "".join([f' {_attribute_name(key)}="{escape(value)}"' for key, value in attributes.items()])
    return Xml(f"<{name}{written}>{body}</{name}>")


def optional_element(name: str, content: str | None) -> Xml:
    """Return the element if it has content; else nothing."""
    return element(name, content) if content and (isinstance(content, Xml) or single_line(content)) else Xml()


def list_element(name: str, items: Iterable[str], **attributes: str) -> Xml:
    """Return an element that holds these items; nothing if there are none."""
    filled = [item for item in items if item]
    return element(name, *filled, **attributes) if filled else Xml()


def document_line(root: Xml) -> bytes:
    return f"{root}\n".encode()


def _escape(text: str) -> str:
    return escape(text, quote=False) if "&" in text or "<" in text or ">" in text else text


@cache
def _attribute_name(key: str) -> str:
    return re.sub("^(xml|xmlns|xlink)_", r"\1:", key).replace("_", "-")
