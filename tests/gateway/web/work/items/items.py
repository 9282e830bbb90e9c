"""What the tests of an editor's items do in a word."""

import html
import re
from typing import Any

import httpx

from tests.gateway.web.contributions.world import FROM_HERE, Browser


def form_values(page: httpx.Response) -> dict[str, Any]:
    """Return what the form of this page would send as it stands, hidden inputs too."""
    main = page.text.partition("<main")[2]
    values: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", main):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        if name := attributes.get("name"):
            values[name] = html.unescape(attributes.get("value", ""))
    for name, content in re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', main, re.DOTALL):
        values[name] = html.unescape(content).removeprefix("\n")
    for name, options in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', main, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]* selected', options)
        values[name] = chosen[1] if chosen else ""
    return values


async def shown_form(browser: Browser, path: str) -> dict[str, Any]:
    page = await browser.get(path, headers=FROM_HERE)
    assert page.status_code == 200, page.text
    return form_values(page)


async def press(browser: Browser, path: str, **changes: Any) -> httpx.Response:
    """Open the form at this path, fill in the changes, and send it."""
    return await browser.send_form(path, **{**await shown_form(browser, path), **changes})
