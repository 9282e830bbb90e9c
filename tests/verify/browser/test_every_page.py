"""Every kind of page, for strangers and people who have signed in: valid, accessible, small, usable by keyboard."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from tests.support.platform import Platform
from tests.verify.browser.conftest import DESK, PHONE, PageVisit, record_foreign_request
from tests.verify.browser.site import find_pages, kind_of
from tests.verify.browser.test_pages import violations, wider_than_the_window
from tests.verify.programs import npm_file, program

PEOPLE = ("stranger", "carer", "practitioner", "evidence-editor", "guide-reviewer", "administrator")
MAX_FIRST_BYTES, MAX_NEXT_BYTES = 40_000, 15_000
SESSION_COOKIE = "impact_session"
MAX_CONTROLS = 600
NAMED_ROLES = frozenset({"image", "img", "SvgRoot", "figure", "graphics-document", "Canvas", "region", "dialog"})
"""Of the accessibility tree: roles that need a name though they are no controls."""


@pytest.fixture(scope="module")
def pages(platform: Platform) -> dict[str, dict[str, str]]:
    """Return the HTML of one page of each kind by path, for each of the people; of later people, kinds of their own."""
    seen_kinds: set[str] = set()
    by_person: dict[str, dict[str, str]] = {}
    for person in PEOPLE:
        cookies = {SESSION_COOKIE: platform.impact("token", person)} if person != "stranger" else {}
        with httpx.Client(base_url=platform.url, cookies=cookies, timeout=30) as client:
            reachable_pages = find_pages(client)
            if person == "stranger":
                reachable_pages |= items_with_notices(client)
        by_person[person] = {path: html for path, html in reachable_pages.items() if kind_of(path) not in seen_kinds}
        seen_kinds |= {kind_of(path) for path in reachable_pages}
    return by_person


def items_with_notices(client: httpx.Client) -> dict[str, str]:
    """Return the pages of items of which something became: one was retracted, another is out of date."""
    items = client.get("/v1/evidence", params={"limit": 200}).json()["items"]
    by_nature = {item["retraction"]["nature"]: f"/evidence/{item['id']}" for item in items if item["retraction"]}
    assert {"retraction", "superseded"} <= by_nature.keys()
    return {path: client.get(path).text for path in by_nature.values()}


@pytest.fixture
def context(chromium: Browser, platform: Platform, person: str) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": DESK[0], "height": DESK[1]}, locale="en-GB", color_scheme="light")
    if person != "stranger":
        context.add_cookies([{"name": SESSION_COOKIE, "value": platform.impact("token", person), "url": platform.url}])
    yield context
    context.close()


def test_there_are_pages_for_everybody(pages: dict[str, dict[str, str]]) -> None:
    kinds = {person: sorted({kind_of(path) for path in html_by_path}) for person, html_by_path in pages.items()}
    print(json.dumps(kinds, indent=1))
    assert len(kinds["stranger"]) >= 10


def test_every_page_is_valid_html(pages: dict[str, dict[str, str]], tmp_path: Path) -> None:
    for person, html_by_path in pages.items():
        for number, (path, html) in enumerate(html_by_path.items()):
            (tmp_path / f"{person}-{number}.html").write_text(f"{html}<!-- {path} -->")
    command = [
        program("java"),
        "-jar",
        str(npm_file("vnu-jar/build/dist/vnu.jar")),
        "--errors-only",
        "--format",
        "json",
    ]
    completed = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=False)
    messages = json.loads(completed.stderr)["messages"]
    assert [_described(message) for message in messages] == []


@pytest.mark.parametrize("person", PEOPLE)
def test_every_page_is_accessible_at_each_size_in_light_and_dark(
    context: BrowserContext, platform: Platform, pages: dict[str, dict[str, str]], person: str
) -> None:
    page = context.new_page()
    visit = PageVisit(page, platform.url)
    page.on("console", lambda message: visit.console.append(f"{message.type}: {message.text}"))
    page.on("request", lambda request: record_foreign_request(visit, urlsplit(platform.url).netloc, request.url))
    problems: list[str] = []
    for path in pages[person]:
        for (width, height), scheme in ((DESK, "light"), (PHONE, "dark")):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            visit.open(path)
            page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
            problems += [f"{path} {scheme}: {violation}" for violation in violations(page)]
            problems += [f"{path} {width}: wider: {element}" for element in wider_than_the_window(page)]
            if page.locator("h1").count() != 1 or not page.title().endswith(" - IMPACT"):
                problems.append(f"{path}: one heading and a title")
    assert problems + visit.console == []
    assert visit.foreign_requests == []


@pytest.mark.parametrize("person", ["stranger"])
def test_every_page_is_accessible_with_very_large_text_on_a_phone(
    context: BrowserContext, platform: Platform, pages: dict[str, dict[str, str]], person: str
) -> None:
    context.add_cookies([{"name": "impact_preferences", "value": "text=very-large", "url": platform.url}])
    page = context.new_page()
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    problems: list[str] = []
    for path in pages[person]:
        page.goto(platform.url + path)
        problems += [f"{path}: wider: {element}" for element in wider_than_the_window(page)]
        problems += [f"{path}: {violation}" for violation in violations(page)]
        problems += [f"{path}: overlaps: {text}" for text in overlapping_texts(page)]
    assert problems == []


@pytest.mark.parametrize("person", PEOPLE)
def test_every_control_and_picture_has_a_name_and_controls_are_reached_by_keyboard(
    context: BrowserContext, platform: Platform, pages: dict[str, dict[str, str]], person: str
) -> None:
    page = context.new_page()
    session = context.new_cdp_session(page)
    problems: list[str] = []
    for path in pages[person]:
        page.goto(platform.url + path)
        problems += [f"{path}: {problem}" for problem in unnamed_parts(session)]
        controls = focusable(page)
        problems += [f"{path}: not reached: {element}" for element in controls - tab_through(page)]
    assert problems == []


@pytest.mark.parametrize("person", ["stranger"])
def test_a_first_page_and_the_next_are_small(
    chromium: Browser, platform: Platform, pages: dict[str, dict[str, str]], person: str
) -> None:
    sizes: dict[str, tuple[int, int]] = {}
    for path in pages[person]:
        context = chromium.new_context()
        page = context.new_page()
        first = transferred_bytes(page, platform.url + path)
        sizes[path] = (first, transferred_bytes(page, f"{platform.url}{path}{'&' if '?' in path else '?'}again=1"))
        context.close()
    print("\n".join(f"{first:7} {following:7} {path}" for path, (first, following) in sizes.items()))
    assert {path: size for path, size in sizes.items() if size[0] > MAX_FIRST_BYTES or size[1] > MAX_NEXT_BYTES} == {}


def _described(message: dict[str, Any]) -> str:
    """Return the path of the page, which stands at the end of its file, with what the validator says of it."""
    path = Path(urlsplit(str(message["url"])).path).read_text().rpartition("<!-- ")[2].removesuffix(" -->")
    return f"{path}: {message['message']} {message.get('extract', '')}"


def transferred_bytes(page: Page, url: str) -> int:
    """Open the address. Returns how many bytes came: of the page and of all that it loads, with their headers."""
    received: list[int] = []
    session = page.context.new_cdp_session(page)

    def count(event: dict[str, Any]) -> None:
        received.append(event["encodedDataLength"])

    session.on("Network.loadingFinished", count)
    session.send("Network.enable")
    page.goto(url, wait_until="networkidle")
    session.detach()
    return sum(received)


def unnamed_parts(session: CDPSession) -> list[str]:
    """Return the controls of the accessibility tree that have no name or role, and the pictures that have no name."""
    session.send("Accessibility.enable")
    tree = cast("dict[str, Any]", session.send("Accessibility.getFullAXTree"))
    problems: list[str] = []
    for node in tree["nodes"]:
        properties: dict[str, Any] = {item["name"]: item["value"].get("value") for item in node.get("properties", ())}
        role = node["role"]["value"]
        is_control = properties.get("focusable") and role != "RootWebArea"
        if node.get("ignored") or not (is_control or role in NAMED_ROLES):
            continue
        if not node.get("name", {}).get("value") or role in ("generic", "none"):
            problems.append(f"{role} without a name")
    return problems


def overlapping_texts(page: Page) -> list[str]:
    """Return the texts of pictures that run over another or out of their picture."""
    page.evaluate((Path(__file__).parent / "controls.js").read_text())
    return page.evaluate("pictures.overlapping()")


def focusable(page: Page) -> set[str]:
    """Return the places of all links, fields and buttons that can be seen."""
    page.evaluate((Path(__file__).parent / "controls.js").read_text())
    return set(page.evaluate("controls.all()"))


def tab_through(page: Page) -> set[str]:
    """Return the places of all that the Tab key reaches, from the top of the page.

    It stays for a while in a field for a date, which has a place for the day, the month and the year.
    """
    places: list[str] = []
    for _ in range(MAX_CONTROLS):
        page.keyboard.press("Tab")
        place = page.evaluate("controls.focused()")
        if not place or place in places[:-1]:
            break
        if places[-1:] != [place]:
            places.append(place)
    return set(places)
