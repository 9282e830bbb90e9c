"""What an editor wrote when their session ended, in a browser that somebody else uses after them."""

from tests.evidence.world import RESEARCH
from tests.gateway.web.contributions.world import Site
from tests.support.callers import EDITOR

WORDS = "A reason of the first editor"


async def test_a_form_that_was_sent_too_late_comes_back_to_its_sender_alone(site: Site) -> None:
    item = await site.evidence.draft(RESEARCH, EDITOR)
    browser = await site.browser("evidence-editor")
    await site.end_sessions()
    path = f"/staff/evidence/{item}/notice"
    sent = await browser.send_form(path, source=WORDS)
    assert sent.headers["location"].startswith("/sign-in?next=")
    await site.sign_in(browser, "guide-reviewer")
    assert WORDS not in (await browser.get(path)).text
    await site.sign_in(browser, "evidence-editor")
    assert WORDS in (await browser.get(path)).text


async def test_what_somebody_else_sends_too_late_is_not_added_to_it(site: Site) -> None:
    item = await site.evidence.draft(RESEARCH, EDITOR)
    browser, path = await site.browser("evidence-editor"), f"/staff/evidence/{item}/notice"
    await site.end_sessions()
    await browser.send_form(path, source=WORDS)
    await site.sign_in(browser, "guide-reviewer")
    await site.end_sessions()
    await browser.send_form(path, source="Of the second")
    await site.sign_in(browser, "guide-reviewer")
    page = (await browser.get(path)).text
    assert "Of the second" in page
    assert WORDS not in page
