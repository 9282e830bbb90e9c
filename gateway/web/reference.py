"""The API reference as a page of ours: nothing is loaded from another host, and no script is needed."""

from html import escape
from typing import Any

from starlette.responses import HTMLResponse

from gateway.openapi import METHODS, Document
from gateway.web.page import page, prose

WORDS = {
    "anyone": "anyone", "contributor": "anyone who has signed in", "evidence_editor": "evidence editors",
    "engagement_officer": "engagement officers", "facilitator": "facilitators", "funding_officer": "funding officers",
    "approver": "approvers", "finance": "finance", "administrator": "administrators", "partner": "partners",
}  # fmt: skip


def render(document: Document) -> HTMLResponse:
    tags: dict[str, list[str]] = {}
    for path, item in sorted(document["paths"].items()):
        for method, operation in item.items():
            if method in METHODS:
                tags.setdefault(operation["tags"][0], []).append(_operation(method, path, operation))
    contents = "".join(f'<li><a href="#{_anchor(tag)}">{escape(tag)}</a></li>' for tag in sorted(tags))
    sections = "".join(
        f'<section aria-labelledby="{_anchor(tag)}"><h2 id="{_anchor(tag)}">{escape(tag)}</h2>'
        f"{''.join(parts)}</section>"
        for tag, parts in sorted(tags.items())
    )
    body = f"""
<p>Every address of the API, who may call it, and what it may refuse. The same as
<a href="/openapi.json">OpenAPI 3.1</a>, from which clients can be generated.</p>
<h2>How to call it</h2>
<p>Send <code>Authorization: Bearer …</code> with a token, or <code>X-API-Key: …</code> with a partner's key. Errors are
<code>application/problem+json</code>; each says what to do next, and <a href="/problems">all are explained</a>.
Limits are told in the <code>RateLimit</code> header, long lists in pages that <code>next</code> leads through.
Send <code>Idempotency-Key</code> with a POST, and it can be repeated without harm.</p>
<nav aria-label="Contents"><ul>{contents}</ul></nav>
{sections}
"""
    return page("API reference", body)


def _anchor(tag: str) -> str:
    return escape(tag.lower().replace(" ", "-"))


def _operation(method: str, path: str, operation: Document) -> str:
    summary = prose(operation.get("summary") or "")
    described = prose(operation.get("description") or "")
    details = "".join(
        f"<dt>{term}</dt><dd>{text}</dd>"
        for term, text in (
            ("Who may", _who(operation.get("x-who-may-call", []))),
            ("Sends", _parameters(operation)),
            ("Answers", _answers(operation.get("responses", {}))),
        )
        if text
    )
    return f"""
<details class="card"><summary><h3><span class="method">{escape(method.upper())}</span> <code>{escape(path)}</code></h3>
{summary}</summary>
<p>{described}</p>
<dl>{details}</dl></details>
"""


def _who(who: list[str]) -> str:
    people = [WORDS.get(one, one) for one in who if ":" not in one]
    keys = [f"keys with <code>{escape(one)}</code>" for one in who if ":" in one]
    return ", ".join([*map(escape, people), *keys])


def _parameters(operation: Document) -> str:
    listed = [
        f"<code>{escape(p['name'])}</code> ({escape(p['in'])}{', needed' if p.get('required') else ''})"
        + (f": {prose(p['description'])}" if "description" in p else "")
        for p in operation.get("parameters", [])
        if "name" in p
    ]
    content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    for media_type, body in content.items():
        name = str(body.get("schema", {}).get("$ref", "")).rpartition("/")[2]
        listed.append(f"{escape(media_type)} {f'<code>{escape(name)}</code>' if name else ''}")
    return "<br>".join(listed)


def _answers(responses: dict[str, Any]) -> str:
    own = {status: response for status, response in responses.items() if "$ref" not in response}
    return "<br>".join(_answer(status, response) for status, response in sorted(own.items()))


def _answer(status: str, response: dict[str, Any]) -> str:
    examples = response.get("content", {}).get("application/problem+json", {}).get("examples", {})
    if not examples:
        return f"{escape(status)} {prose(response.get('description', ''))}"
    told = (
        f'<a href="/problems/{escape(slug)}">{escape(example.get("value", {}).get("title", slug))}</a>'
        for slug, example in examples.items()
    )
    return f"{escape(status)} " + ", ".join(told)
