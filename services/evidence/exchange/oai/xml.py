"""XML as text, in which every character that XML reserves is escaped, and every one that it forbids removed."""

import re
from collections.abc import Iterable

_INVALID_CHARACTERS = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow, not even escaped (its production 2)."""
_INVALID_SEPARATORS = re.compile("[\x0b\x0c\x1c-\x1f]")
"""Those of them that separate lines, records or fields: without them, two words would become one."""


def escape_text(value: str) -> str:
    """Return the text as the content of an element."""
    valid = _INVALID_CHARACTERS.sub("", _INVALID_SEPARATORS.sub(" ", value))
    return valid.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def quote_attribute(value: str) -> str:
    """Return the text as the value of an attribute, in quotation marks."""
    escaped = escape_text(value).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
    return f'"{escaped}"'


def element(name: str, content: str | None, **attributes: str | None) -> str:
    """Return an element with text; an empty string if there is no text. `lang` stands for `xml:lang`."""
    if content is None or not content.strip():
        return ""
    return nested(name, [escape_text(content)], **attributes)


def nested(name: str, children: Iterable[str], **attributes: str | None) -> str:
    """Return an element with child elements; an empty string if there are none."""
    content = "".join(children)
    if not content:
        return ""
    written = "".join(
        f" {'xml:lang' if key == 'lang' else key}={quote_attribute(value)}"
        for key, value in attributes.items()
        if value
    )
    return f"<{name}{written}>{content}</{name}>"
