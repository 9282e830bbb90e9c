"""The fields of what is sent and received, for the API reference."""

import json
from html import escape
from typing import Any, Final

from gateway.web.html import inline_html

REFERENCE_PREFIX: Final = "#/components/schemas/"
LIMITS: Final = {
    "maxLength": "up to {:.12g} characters",
    "maxItems": "up to {} items",
    "minimum": "at least {:.12g}",
    "maximum": "at most {:.12g}",
}
"""How limits of a value are told, by the keyword of JSON Schema."""

Schema = dict[str, Any]


def render_schemas(schemas: dict[str, Schema]) -> str:
    """Return a section with the fields of each schema of an OpenAPI document; its anchor is `schema-` and its name."""
    cards = "".join(_card(name, schema) for name, schema in sorted(schemas.items()))
    return f"""
<section aria-labelledby="schemas"><h2 id="schemas">Fields of bodies and responses</h2>
<p>What is not called required may be left out. Further fields are refused in a request, and may be added to
responses.</p>
{cards}</section>
"""


def describe_type(schema: Schema) -> str:
    """Return the type as HTML: a link to a schema, values to choose from, a format or a plain type."""
    if reference := str(schema.get("$ref", "")).removeprefix(REFERENCE_PREFIX):
        return f'<a href="#schema-{escape(reference)}"><code>{escape(reference)}</code></a>'
    if values := schema.get("enum") or ([schema["const"]] if "const" in schema else []):
        return " or ".join(f"<code>{escape(str(value))}</code>" for value in values)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(map(describe_type, choices)))
    limits = "".join(f", {text.format(schema[keyword])}" for keyword, text in LIMITS.items() if keyword in schema)
    if schema.get("type") == "array":
        return f"list of {describe_type(schema.get('items', {}))}{limits}"
    if "contentMediaType" in schema:
        return "file"
    return escape(str(schema.get("format") or schema.get("type") or "any value")) + limits


def _card(name: str, schema: Schema) -> str:
    required = schema.get("required", [])
    properties: dict[str, Schema] = schema.get("properties", {})
    fields = "".join(_field(field, definition, field in required) for field, definition in properties.items())
    example = schema.get("example")
    parts = (
        f"<p>{inline_html(schema['description'])}</p>" if "description" in schema else "",
        f"<ul>{fields}</ul>" if fields else f"<p>{describe_type(schema)}</p>",
        f"<p>For example <code>{escape(json.dumps(example, ensure_ascii=False))}</code></p>" if example else "",
    )
    return f"""
<details class="card" id="schema-{escape(name)}"><summary><h3><code>{escape(name)}</code></h3></summary>
{"".join(parts)}</details>
"""


def _field(name: str, schema: Schema, required: bool) -> str:
    term = f"<code>{escape(name)}</code> ({describe_type(schema)}{', required' if required else ''})"
    description = f": {inline_html(schema['description'])}" if "description" in schema else ""
    return f"<li>{term}{description}</li>"
