"""The layout of every page, and helpers that write HTML."""

import base64
import hashlib
import re
from html import escape
from typing import Final

from starlette.responses import HTMLResponse

from shared.http.caching import NO_STORE

STYLE: Final = """
:root { color-scheme: light dark; --ink: #14213d; --paper: #fff; --soft: #eef1f6; --link: #0b4f9e; --line: #8a94a6;
  --focus: #b36b00; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f1f4f9; --paper: #10151f; --soft: #1d2533; --link: #8ec1ff; --line: #6d7890;
    --focus: #ffb454; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.125rem/1.55 system-ui, sans-serif; }
header, main, footer { max-width: 46rem; margin: 0 auto; padding: 1rem; overflow-wrap: break-word; }
header { border-bottom: 2px solid var(--line); }
header nav ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 1rem 0; }
h2 { font-size: 1.3rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1.05rem; margin: 1.25rem 0 .25rem; }
summary { padding: .6rem 0; }
summary h3 { display: inline; }
a { color: var(--link); text-underline-offset: .15em; }
nav a { display: inline-block; padding: .5rem 0; }
button { min-height: 44px; }
a:focus-visible, button:focus-visible, summary:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
button { font: inherit; font-weight: 600; padding: .6rem 1.4rem; border: 0; border-radius: .4rem; cursor: pointer;
  background: var(--link); color: var(--paper); }
code { font: .95em ui-monospace, monospace; background: var(--soft); padding: .1em .3em; overflow-wrap: anywhere; }
dl { margin: 0; } dt { font-weight: 600; margin-top: .6rem; } dd { margin: 0 0 .25rem; }
.skip { position: absolute; left: -100vw; } .skip:focus { position: static; }
.card { background: var(--soft); border-radius: .5rem; padding: .25rem 1rem; margin: 1rem 0; }
.method { font-weight: 700; }
footer { border-top: 1px solid var(--line); margin-top: 3rem; font-size: 1rem; }
"""
_style_hash: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_style_hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def render_page(title: str, body: str, *, status: int = 200) -> HTMLResponse:
    """Return a page. `title` is plain text, `body` is HTML: escape what goes into it. No cache keeps it."""
    headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
    html = f"""<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} - IMPACT</title>
<style>{STYLE}</style>
</head>
<body>
<a class="skip" href="#content">Skip to main content</a>
<header><nav aria-label="Main"><ul>
<li><a href="/">IMPACT</a></li>
<li><a href="/docs">API reference</a></li>
<li><a href="/status">Status</a></li>
</ul></nav></header>
<main id="content">
<h1>{escape(title)}</h1>
{body}
</main>
<footer><p>IMPACT: Improving Adult Care Together. Good support is about having a life.</p></footer>
</body>
</html>
"""
    return HTMLResponse(html, status, {**headers, **NO_STORE.headers})


def link_list(links: tuple[tuple[str, str], ...]) -> str:
    """Return a list of links, each a path and its text."""
    return "<ul>" + "".join(f'<li><a href="{escape(path)}">{escape(text)}</a></li>' for path, text in links) + "</ul>"


def inline_html(text: str) -> str:
    """Return plain text as HTML, with what stands in backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def wants_html(accept: str) -> bool:
    """Return whether a browser asks: its Accept header names HTML, which that of programs does not."""
    return "text/html" in accept
