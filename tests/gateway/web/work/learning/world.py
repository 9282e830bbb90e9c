"""An editor at the pages of learning pieces, and what they do there in a word."""

from typing import Any, Final
from urllib.parse import urlsplit

from tests.gateway.web.contributions.world import Browser, Site, hidden, text_of
from tests.gateway.web.work.guides.world import AUTHOR, open_page

WORDS: Final = {
    "title": "Asking about a break",
    "point": "Carers take breaks that are offered early.",
    "text": "Most carers do not ask for a break.",
    "language": "en",
}
QUESTION: Final = {
    "ask": "When do you offer it?",
    "option-1": "Late",
    "option-2": "",
    "option-3": "On the first visit",
    "right": "3",
    "why": "Before a crisis.",
}


async def begin_piece(browser: Browser, *sources: str, questions: int = 0, **more: Any) -> str:
    """Return the path of a new piece that teaches from these sources and asks so many questions."""
    page = await open_page(browser, "/staff/learning/new")
    values = WORDS | {"key": hidden(page, "key"), "source": list(sources)} | more
    created = await browser.send_form("/staff/learning/new", **values)
    assert created.status_code == 303, text_of(created)
    path = urlsplit(created.headers["location"]).path
    for number in range(questions):
        await write_part(browser, f"{path}/questions/new", **QUESTION | {"ask": f"Question {number}?"})
    return path


async def write_part(browser: Browser, path: str, **values: Any) -> None:
    """Send the form of a question or medium at this path, and see that it is saved."""
    page = await open_page(browser, path)
    saved = await browser.send_form(path, shown=hidden(page, "shown"), **values)
    assert saved.status_code == 303, text_of(saved)


async def piece_of(site: Site, path: str) -> dict[str, Any]:
    return await site.evidence.json(AUTHOR, "GET", f"/v1/learning/{path.rpartition('/')[2]}")
