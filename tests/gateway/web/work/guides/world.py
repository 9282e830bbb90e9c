"""Two editors at the pages of guides, and what they do there in a word."""

import re
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from gateway.identity.personas import BY_KEY
from shared.callers import Role, person
from tests.gateway.web.contributions.world import FROM_HERE, Browser, hidden, text_of

AUTHOR: Final = person(BY_KEY["evidence-editor"].id, Role.EVIDENCE_EDITOR)
REVIEWER: Final = person(BY_KEY["guide-reviewer"].id, Role.EVIDENCE_EDITOR)
WORDS: Final[dict[str, str]] = {
    "text": "Carers use breaks that they can book themselves.",
    "what_to_try": "Give ten carers a number to ring.",
    "conditions": "Where two providers have somebody free.",
    "cost_level": "low",
    "cost_words": "An hour a week of one worker.",
    "effort_level": "moderate",
    "effort_words": "Providers must share their free hours.",
    "sure": "in_plain_words",
    "confidence": "Likely: those who tried it say so.",
    "reason": "Nobody has compared it.",
}
"""The words of a complete statement, as its form has them."""


async def open_page(browser: Browser, path: str) -> httpx.Response:
    page = await browser.get(path, headers=FROM_HERE)
    assert page.status_code == 200, (path, page.status_code, page.headers.get("location"))
    return page


async def follow(browser: Browser, response: httpx.Response) -> httpx.Response:
    """Open the page to which a form has led."""
    assert response.status_code == 303, text_of(response)
    return await open_page(browser, response.headers["location"])


async def begin_guide(browser: Browser, title: str = "Breaks that carers book", **more: Any) -> str:
    """Return the path of a new guide."""
    page = await open_page(browser, "/staff/guides/new")
    topics = re.findall(r'name="topics"[^>]*value="([^"]+)"', page.text)
    values = {"summary": "What helps.", "review_on": "2100-01-01", "language": "en", "topics": topics[:1]}
    created = await browser.send_form("/staff/guides/new", key=hidden(page, "key"), title=title, **(values | more))
    assert created.status_code == 303, text_of(created)
    return urlsplit(created.headers["location"]).path


async def write_statement(browser: Browser, path: str, **values: Any) -> httpx.Response:
    """Send the form of a statement at this path as it is, with these values."""
    page = await open_page(browser, path)
    return await browser.send_form(path, shown=hidden(page, "shown"), **({"do": "leave"} | values))


async def add_statement(browser: Browser, guide: str, item: str, **more: Any) -> str:
    """Add a complete statement that cites the item; return its path."""
    added = await write_statement(browser, f"{guide}/statements/new", **(WORDS | {"do": "stay", "cite": item} | more))
    assert added.status_code == 303, text_of(added)
    return urlsplit(added.headers["location"]).path


async def press(browser: Browser, path: str, action: str, **values: Any) -> httpx.Response:
    """Press a button of the page at this path, with the hidden fields of its form."""
    page = await open_page(browser, path)
    form = re.search(rf'<form method="post" action="{path}/{action}".*?</form>', page.text, re.DOTALL)
    assert form is not None, text_of(page)
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
    fields = {name: value.replace("&#34;", '"').replace("&quot;", '"') for name, value in fields.items()}
    return await browser.send_form(f"{path}/{action}", **(fields | values))
