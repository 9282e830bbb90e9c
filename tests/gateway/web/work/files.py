"""Forms with a file, as a browser sends them."""

from typing import Any

import httpx
from sqlalchemy import text

from tests.gateway.web.contributions.world import FROM_HERE, Browser, Site, hidden

RIS = b"TY  - JOUR\nTI  - Breaks that carers want\nDO  - 10.5555/one\nER  - \n"
BAD = b"TY  - JOUR\nAB  - Caf\xe9 au lait\nPY  - 2020\nER  - \n"


async def send(
    browser: Browser, content: bytes, name: str = "refs.ris", path: str = "/staff/imports", **fields: Any
) -> httpx.Response:
    """Choose a file on the page with the form, and press the button; `key` is that of an earlier press."""
    key = fields.pop("key", None) or hidden(await browser.get(path, headers=FROM_HERE), "key")
    data = {"key": key, **({"publish": "no", "format": ""} if path == "/staff/imports" else {}), **fields}
    return await browser.post(f"{path}/file", data=data, files={"file": (name, content)}, headers=FROM_HERE)


async def imported(site: Site, browser: Browser, content: bytes, **fields: Any) -> str:
    """Return the path of the page of an import that was read."""
    response = await send(browser, content, **fields)
    assert response.status_code == 303, response.text
    await site.evidence.read_all()
    return response.headers["location"]


async def execute(site: Site, statement: str) -> None:
    """Change something in the evidence service's database, as time or another process does."""
    async with site.evidence.database.engine.begin() as connection:
        await connection.execute(text(statement))
