from typing import Any

from gateway.web.pages.reference import render_reference

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
    html = bytes(render_reference({"paths": {"/v1/imports": {"get": OPERATION}}}).body).decode()
    assert "With <code>format=original</code> a file." in html
    assert "<code>format</code> (query): <code>csv</code>: a table &amp; more.<br>" in html
    assert "<code>limit</code> (query, required)</dd>" in html
    assert "List &lt;rejects&gt;" in html
    assert "200 As <code>json</code>." in html
    assert "`" not in html
