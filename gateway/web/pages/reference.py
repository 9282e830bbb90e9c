"""The API reference as one page: nothing is loaded from another host, and no script is needed."""

from html import escape
from typing import Any, Final

from starlette.responses import HTMLResponse

from gateway.openapi import METHODS, Document
from gateway.web.html import inline_html
from gateway.web.layout.page import WebPage
from gateway.web.pages.schemas import describe_type, render_schemas

CALLERS: Final = {
    "anyone": "anyone", "contributor": "anyone who has signed in", "evidence_editor": "evidence editors",
    "engagement_officer": "engagement officers", "facilitator": "facilitators", "funding_officer": "funding officers",
    "approver": "approvers", "finance": "finance officers", "administrator": "administrators", "partner": "partners",
}  # fmt: skip
"""What people call those who may call an operation, by role."""
DEFAULT_DESCRIPTION: Final = "Successful Response"
"""What FastAPI says of a response of which nothing is said."""


def render_reference(page: WebPage, document: Document) -> HTMLResponse:
    """Return the page that describes every operation of an OpenAPI document, grouped by tag."""
    by_tag: dict[str, list[str]] = {}
    for path, item in sorted(document["paths"].items()):
        for method, operation in item.items():
            if method in METHODS:
                by_tag.setdefault(operation["tags"][0], []).append(_operation(method, path, operation))
    contents = "".join(f'<li><a href="#{_anchor(tag)}">{escape(tag)}</a></li>' for tag in sorted(by_tag))
    sections = "".join(
        f'<section aria-labelledby="{_anchor(tag)}"><h2 id="{_anchor(tag)}">{escape(tag)}</h2>'
        f"{''.join(operations)}</section>"
        for tag, operations in sorted(by_tag.items())
    )
    body = f"""
{missing_notice(document)}
<p>Every operation of the API: who may call it, what it takes and what it returns. You can generate clients from
the same description in <a href="/openapi.json">OpenAPI 3.1</a>.</p>
<h2>How to call the API</h2>
<ul>
<li>Send <code>Authorization: Bearer …</code> with a token, or <code>X-API-Key: …</code> with a partner's key. A
partner who has signed in makes keys by <code>POST /v1/api-clients</code>.</li>
<li>Errors are <code>application/problem+json</code> and say what to do next. See
<a href="/problems">all problems</a>.</li>
<li>A query parameter that an address does not know is refused, and so is one sent twice that takes one value.</li>
<li>Lists come in pages: follow <code>next</code> until it is <code>null</code>.</li>
<li>Send an <code>Idempotency-Key</code> with a POST, and you can safely send it again.</li>
<li>Where money moves, send the <code>ETag</code> that you read in <code>If-Match</code>: what has changed since is left
as it is.</li>
<li>The <code>RateLimit</code> header says how many more requests you can send now.</li>
</ul>
<nav aria-label="Contents"><ul>{contents}<li><a href="#schemas">Fields of bodies and responses</a></li></ul></nav>
{sections}
{render_schemas(document.get("components", {}).get("schemas", {}))}
"""
    return page.render_html("API reference", body)


def missing_notice(document: Document) -> str:
    """Return a notice which services have not described themselves yet, or nothing where all have."""
    missing = ", ".join(document.get("x-missing-services", ()))
    return (
        f"<p><strong>Incomplete:</strong> {escape(missing)} did not answer yet. Load this page again in a few \
seconds.</p>"
        if missing
        else ""
    )


def _anchor(tag: str) -> str:
    return escape(tag.lower().replace(" ", "-"))


def _operation(method: str, path: str, operation: Document) -> str:
    summary = inline_html(operation.get("summary") or "")
    description = inline_html(operation.get("description") or "")
    details = "".join(
        f"<dt>{term}</dt><dd>{text}</dd>"
        for term, text in (
            ("Who may call it", _callers(operation.get("x-who-may-call", []))),
            ("Parameters", _parameters(operation)),
            ("Request body", _request_body(operation)),
            ("Responses", _responses(operation.get("responses", {}))),
        )
        if text
    )
    return f"""
<details class="card"><summary><h3><span class="method">{escape(method.upper())}</span> <code>{escape(path)}</code></h3>
{summary}</summary>
<p>{description}</p>
<dl>{details}</dl></details>
"""


def _callers(rights: list[str]) -> str:
    """Return the roles and scopes of which a caller needs one."""
    roles = [CALLERS.get(right, right) for right in rights if ":" not in right]
    scopes = [f"keys with the scope <code>{escape(right)}</code>" for right in rights if ":" in right]
    return ", ".join([*map(escape, roles), *scopes])


def _parameters(operation: Document) -> str:
    return "<br>".join(
        f"<code>{escape(parameter['name'])}</code>"
        f" ({escape(parameter['in'])}{', required' if parameter.get('required') else ''})"
        + (f": {inline_html(parameter['description'])}" if "description" in parameter else "")
        for parameter in operation.get("parameters", [])
        if "name" in parameter
    )


def _request_body(operation: Document) -> str:
    return _contents(operation.get("requestBody", {}).get("content", {}))


def _contents(content: dict[str, Any]) -> str:
    """Return each media type with the type of what is sent as it."""
    lines = (
        f"{escape(media_type)} {describe_type(body['schema']) if body.get('schema') else ''}".rstrip()
        for media_type, body in content.items()
    )
    return "<br>".join(lines)


def _responses(responses: dict[str, Any]) -> str:
    """Return the operation's own responses; what the gateway may answer everywhere is left out."""
    own = {status: response for status, response in responses.items() if "$ref" not in response}
    return "<br>".join(_response(status, response) for status, response in sorted(own.items()))


def _response(status: str, response: dict[str, Any]) -> str:
    content: dict[str, Any] = response.get("content", {})
    examples = content.get("application/problem+json", {}).get("examples", {})
    if not examples:
        description = response.get("description", "")
        lines = ("" if description == DEFAULT_DESCRIPTION else inline_html(description), _contents(content))
        return f"{escape(status)} " + "<br>".join(filter(None, lines))
    problems = (
        f'<a href="/problems/{escape(slug)}">{escape(example.get("value", {}).get("title", slug))}</a>'
        for slug, example in examples.items()
    )
    return f"{escape(status)} " + ", ".join(problems)
