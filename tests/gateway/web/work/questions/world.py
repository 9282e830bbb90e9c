"""Questions that wait for an editor, and what the tests of their pages do in a word."""

import html
import re
from typing import Any, Final

import httpx

from gateway.identity.personas import BY_KEY
from shared.callers import Caller, Role, person
from tests.evidence.publications.requests.request_factories import ASKER, PATH, WORDS, ask
from tests.evidence.world import RESEARCH
from tests.gateway.web.contributions.world import FROM_HERE, Browser, Site, text_of

ME: Final = person(BY_KEY["evidence-editor"].id, Role.EVIDENCE_EDITOR)
COLLEAGUE: Final = person(BY_KEY["guide-reviewer"].id, Role.EVIDENCE_EDITOR)
PUBLIC: Final = "Which breaks help a carer who lives with the person?"
ANSWER: Final = "Plan a break with the person.\nBegin with one hour at home."
WORK: Final = "/staff/questions"
__all__ = ["ANSWER", "ASKER", "COLLEAGUE", "ME", "PATH", "PUBLIC", "WORDS", "WORK", "Editor", "ask", "editor_of"]


class Editor:
    """An editor in a browser, who presses the buttons of the pages that they see."""

    def __init__(self, site: Site, browser: Browser) -> None:
        self.site, self.browser = site, browser

    async def get(self, path: str, status: int = 200) -> httpx.Response:
        page = await self.browser.get(path, headers=FROM_HERE)
        assert page.status_code == status, (path, page.status_code, page.text[-600:])
        return page

    async def text(self, path: str) -> str:
        return text_of(await self.get(path))

    async def press(self, page: httpx.Response, action: str, /, **values: Any) -> httpx.Response:
        """Send the form of the page with this address: what it holds, with these values."""
        return await self.browser.post(action, data=form_of(page, action) | values, headers=FROM_HERE)

    async def follow(self, response: httpx.Response) -> httpx.Response:
        """Open where a form led."""
        assert response.status_code == 303, (response.status_code, text_of(response)[:800])
        return await self.get(response.headers["location"])


async def editor_of(site: Site, persona: str = "evidence-editor") -> Editor:
    return Editor(site, await site.browser(persona))


def form_of(page: httpx.Response, action: str) -> dict[str, Any]:
    """Return what the form with this action holds, as a browser would send it without pressing a named button."""
    match = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page.text, re.DOTALL)
    assert match, (action, page.text[-3000:])
    values: dict[str, Any] = {}

    def add(name: str, value: str) -> None:
        before = values.get(name)
        values[name] = value if before is None else [*(before if isinstance(before, list) else [before]), value]

    for tag in re.findall(r"<input[^>]*>", match[1]):
        attributes = {name: html.unescape(value) for name, value in re.findall(r'([a-z-]+)="([^"]*)"', tag)}
        if attributes.get("type") not in ("checkbox", "radio") or " checked" in tag:
            add(attributes["name"], attributes.get("value", ""))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', match[1], re.DOTALL):
        add(name, html.unescape(text))
    return values


async def call(site: Site, caller: Caller, id: str, action: str, body: Any = None) -> Any:
    """Do something with the question by the API, as this caller."""
    return await site.evidence.json(caller, "POST", f"{PATH}/{id}/{action}", body)


async def question_of(site: Site, id: str) -> Any:
    return await site.evidence.json(ME, "GET", f"{PATH}/{id}")


async def publish_study(site: Site, **more: Any) -> str:
    """Publish a study that the search finds."""
    study = await site.evidence.publish(RESEARCH, summary="A trial of regular breaks for a daughter who cares.", **more)
    await site.evidence.indexed()
    return study
