"""XML written as text, in which no character can do harm."""

import re
from collections.abc import Iterable

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no place for, not even escaped (its production 2)."""


def text(value: str) -> str:
    """As the content of an element."""
    return NOT_XML.sub("", value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def attribute(value: str) -> str:
    """With its quotation marks around."""
    kept = text(value).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
    return f'"{kept}"'


def element(name: str, content: str | None, **attributes: str | None) -> str:
    """With text in it; nothing at all where there is no text. `lang` stands for `xml:lang`."""
    if content is None or not content.strip():
        return ""
    return nested(name, [text(content)], **attributes)


def nested(name: str, parts: Iterable[str], **attributes: str | None) -> str:
    """With elements in it; nothing at all where there are none."""
    content = "".join(parts)
    if not content:
        return ""
    told = "".join(
        f" {'xml:lang' if key == 'lang' else key}={attribute(value)}" for key, value in attributes.items() if value
    )
    return f"<{name}{told}>{content}</{name}>"
