from typing import Any

from gateway.web.reference import render

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
    shown = bytes(render({"paths": {"/v1/imports": {"get": OPERATION}}}).body).decode()
    assert "With <code>format=original</code> a file." in shown
    assert "<code>format</code> (query): <code>csv</code>: a table &amp; more.<br>" in shown
    assert "<code>limit</code> (query, needed)</dd>" in shown
    assert "List &lt;rejects&gt;" in shown
    assert "200 As <code>json</code>." in shown
    assert "`" not in shown
