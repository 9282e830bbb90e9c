"""A problem as the page that a browser shows in place of its JSON."""

from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from gateway.web.html import inline_html, link_list, render_page


def render_problem(problem: Mapping[str, Any], request_id: str) -> HTMLResponse:
    """Return what went wrong and what can be done, for people. `problem` is the body of the response (RFC 9457)."""
    title = str(problem.get("title") or "This did not work")
    errors = "".join(
        f"<li><code>{escape(str(error.get('pointer', '')))}</code> {inline_html(str(error.get('detail', '')))}</li>"
        for error in problem.get("errors", ())
    )
    explanation = urlsplit(str(problem.get("type", ""))).path
    links = [("/", "Go to the front page"), ("/docs", "Look for an address in the API reference")]
    if explanation.startswith("/problems/"):
        links.append((explanation, "Read about problems of this kind"))
    body = f"""
<p>{inline_html(str(problem.get("detail", "")))}</p>
{f"<ul>{errors}</ul>" if errors else ""}
{link_list(tuple(links))}
<p>If you ask somebody for help, give them this number: <code>{escape(request_id)}</code></p>
"""
    return render_page(title, body, status=int(problem["status"]))
