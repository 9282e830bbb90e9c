import re
from typing import Any

import pytest

from gateway.web.layout.page import WebPage
from gateway.web.layout.preferences import Preferences
from gateway.web.pages.reference import render_reference
from gateway.web.pages.schemas import describe_type
from shared.callers import Caller
from tests.gateway.world import Gateway

PAGE = WebPage("/docs", "", Preferences(), Caller(), "https://impact.example", demo=False)

OPERATION: dict[str, Any] = {
    "tags": ["Imports"],
    "summary": "List <rejects>",
    "description": "With `format=original` a file.",
    "parameters": [
        {"name": "format", "in": "query", "description": "`csv`: a table & more."},
        {"name": "limit", "in": "query", "required": True},
    ],
    "responses": {"200": {"description": "As `json`."}},
}


def test_parameters_are_described_and_code_is_code() -> None:
    html = bytes(render_reference(PAGE, {"paths": {"/v1/imports": {"get": OPERATION}}}).body).decode()
    assert "With <code>format=original</code> a file." in html
    assert "<code>format</code> (query): <code>csv</code>: a table &amp; more.<br>" in html
    assert "<code>limit</code> (query, required)</dd>" in html
    assert "List &lt;rejects&gt;" in html
    assert "200 As <code>json</code>." in html
    assert "`" not in html


def test_what_is_sent_and_received_is_described_field_by_field() -> None:
    claim = {"$ref": "#/components/schemas/NewClaim"}
    operation = {
        "tags": ["Claims"],
        "requestBody": {"content": {"application/json": {"schema": claim}}},
        "responses": {
            "201": {"description": "Successful Response", "content": {"application/json": {"schema": claim}}}
        },
    }
    schema = {
        "description": "A draft & more.",
        "properties": {"on": {"type": "string", "format": "date", "description": "The `day`."}, "note": {}},
        "required": ["on"],
        "example": {"on": "2026-11-10"},
    }
    document = {"paths": {"/v1/claims": {"post": operation}}, "components": {"schemas": {"NewClaim": schema}}}
    html = bytes(render_reference(PAGE, document).body).decode()
    link = '<a href="#schema-NewClaim"><code>NewClaim</code></a>'
    assert f"<dt>Request body</dt><dd>application/json {link}</dd>" in html
    assert f"<dt>Responses</dt><dd>201 application/json {link}</dd>" in html
    assert "Successful Response" not in html
    assert '<details class="card" id="schema-NewClaim">' in html
    assert "<li><code>on</code> (date, required): The <code>day</code>.</li>" in html
    assert "<li><code>note</code> (any value)</li>" in html
    assert "A draft &amp; more." in html
    assert "For example <code>{&quot;on&quot;: &quot;2026-11-10&quot;}</code>" in html


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"anyOf": [{"type": "string", "maxLength": 9}, {"type": "null"}]}, "string, up to 9 characters or null"),
        ({"type": "integer", "minimum": 1, "maximum": 1e9}, "integer, at least 1, at most 1000000000"),
        ({"type": "array", "items": {"type": "string"}, "maxItems": 3}, "list of string, up to 3 items"),
        ({"enum": ["yes", "<no>"], "type": "string"}, "<code>yes</code> or <code>&lt;no&gt;</code>"),
        ({"const": "GBP"}, "<code>GBP</code>"),
        ({"type": "object"}, "object"),
        ({"type": "string", "contentMediaType": "application/octet-stream"}, "file"),
    ],
)
def test_types_are_told_in_words(schema: dict[str, Any], text: str) -> None:
    assert describe_type(schema) == text


async def test_every_link_within_the_reference_leads_somewhere(gateway: Gateway) -> None:
    html = (await gateway.http.get("/docs")).text
    anchors = set(re.findall(r' id="([^"]+)"', html))
    targets = set(re.findall(r' href="#([^"]+)"', html))
    assert "schema-NewApiClient" in targets
    assert targets <= anchors
