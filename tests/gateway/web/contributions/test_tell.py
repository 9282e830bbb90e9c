import asyncio
from typing import Any

import pytest

from gateway.web.saved_answers.journey import Journey
from tests.gateway.web.contributions.world import CARER, LIVED, PRACTICE, Site, text_of
from tests.gateway.world import BROWSER
from tests.support.callers import EDITOR


async def test_a_carer_tells_an_account(site: Site) -> None:
    browser = await site.browser("carer")
    await browser.answer("lived_experience", LIVED)
    preview = await browser.get("/tell/preview")
    shown = text_of(preview)
    for words in ("Thursdays by the <sea>", "For four years I did not sleep.", "under the name Mair.", "Wales"):
        assert words in shown
    assert "Thursdays by the &lt;sea&gt;" in preview.text
    assert "That the same person came each time." in await browser.text("/tell/check")
    assert await site.items() == []
    sent = await browser.send_form("/tell/check", key=await browser.key())
    (item,) = await site.items()
    assert (sent.status_code, sent.headers["location"]) == (303, f"/contributions/{item['id']}?sent=true")
    assert (item["status"], item["title"], item["country"]) == ("draft", "Thursdays by the <sea>", "GB-WLS")
    details = item["details"]
    assert details["account"].startswith("For four years I did not sleep.\nThen a sitter")
    assert details["account"].endswith("What helped, and what did not:\nThat the same person came each time.")
    assert details["period"] == {"from": "2021", "to": None}
    consent = details["consent"]
    assert (consent["to_publish"], consent["attribution"], consent["name"]) == (True, "first_name", "Mair")
    page = await browser.text(sent.headers["location"])
    assert "Thank you. We have received it." in page
    assert "An editor reads it next." in page


@pytest.mark.parametrize("number", [1, 2])
async def test_topics_are_ticked(site: Site, number: int) -> None:
    names = ["Breaks", "Sleep"][:number]
    topics = [(await site.evidence.json(EDITOR, "POST", "/v1/topics", {"name": name}))["id"] for name in names]
    browser = await site.browser("carer")
    await browser.answer("lived_experience", LIVED | {"topic": {"service": "", "topics": topics}})
    assert f"What it is about {', '.join(names)} Change" in await browser.text("/tell/check")
    assert (await browser.get("/tell/topic")).text.count(" checked") == number
    assert (await browser.send_form("/tell/check", key=await browser.key())).status_code == 303
    (item,) = await site.items()
    item = await site.evidence.json(CARER, "GET", f"/v1/evidence/{item['id']}")
    assert sorted(item["topics"]) == sorted(topics)


async def test_a_practitioner_tells_what_they_know(site: Site) -> None:
    browser = await site.browser("practitioner")
    await browser.answer("practice_knowledge", PRACTICE)
    await browser.send_form("/tell/check", key=await browser.key())
    (item,) = await site.items()
    assert (item["way_of_knowing"], item["setting"], item["country"]) == ("practice_knowledge", "home care", None)
    assert item["details"]["what_it_needs"] == "Ten minutes more."
    assert item["details"]["credit"]["name"] == "Invented Care"


async def test_what_is_not_to_be_published_needs_no_name(site: Site) -> None:
    browser = await site.browser("carer")
    await browser.send_form("/tell", way="lived_experience")
    for slug in list(LIVED)[:-2]:
        await browser.send_form(f"/tell/{slug}", **LIVED[slug])
    last = await browser.send_form("/tell/who-may-see-it", to_publish="no")
    assert last.headers["location"] == "/tell/preview"
    await browser.send_form("/tell/check", key=await browser.key())
    (item,) = await site.items()
    assert item["details"]["consent"]["to_publish"] is False
    assert item["details"]["consent"]["attribution"] == "anonymous"


@pytest.mark.parametrize(
    ("slug", "values", "error"),
    [
        ("whose-story", {}, "Choose whose story it is"),
        ("about-you", {"role": "x"}, "Choose what fits best"),
        ("what-happened", {"account": "  "}, "Write what happened, in your own words"),
        ("what-happened", {"account": "x" * 40_001}, "This is too long. Use at most 40,000 characters."),
        ("when", {"from": "soon"}, "Write a year with four digits, such as 2021, that is not in the future"),
        ("when", {"from": "2999"}, "Write a year with four digits, such as 2021, that is not in the future"),
        ("when", {"from": "2020", "to": "2019"}, "The second year must not be before the first"),
        ("title", {"title": ""}, "Give it a title, so that others can find it"),
        ("who-may-see-it", {"to_publish": "perhaps"}, "Choose who may see it"),
        ("name", {"attribution": "first_name"}, "Write the name that we may show"),
    ],
)
async def test_an_answer_that_is_not_right_is_shown_again_with_what_is_wrong(
    site: Site, slug: str, values: dict[str, Any], error: str
) -> None:
    browser = await site.browser("carer")
    await browser.send_form("/tell", way="lived_experience")
    page = await browser.send_form(f"/tell/{slug}", **values)
    assert page.status_code == 422
    assert "<title>Error: " in page.text
    assert text_of(page).count(error) == 2
    assert (await browser.get("/tell/check")).headers["location"].startswith("/tell/")


async def test_a_full_name_of_somebody_else_is_not_shown(site: Site) -> None:
    browser = await site.browser("carer")
    await browser.send_form("/tell", way="lived_experience")
    await browser.send_form("/tell/whose-story", whose="power_of_attorney")
    page = await browser.send_form("/tell/name", attribution="full_name", name="Mair Invented")
    assert page.status_code == 422
    assert "We only show a full name if the person agrees." in text_of(page)


async def test_a_changed_answer_leads_back_to_the_check(site: Site) -> None:
    browser = await site.browser("carer")
    await browser.answer("lived_experience", LIVED)
    page = await browser.get("/tell/title?change=true")
    assert 'action="/tell/title?change=true"' in page.text
    changed = await browser.send_form("/tell/title?change=true", title="Another title")
    assert changed.headers["location"] == "/tell/check"
    assert "Another title" in await browser.text("/tell/check")


async def test_a_session_that_ends_loses_nothing(site: Site) -> None:
    browser = await site.browser("carer")
    await browser.send_form("/tell", way="lived_experience")
    await browser.send_form("/tell/whose-story", **LIVED["whose-story"])
    await site.end_sessions()
    words = "A long account, written while the session ended."
    response = await browser.send_form("/tell/what-happened", account=words)
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in?next=%2Ftell%2Fwhat-happened")
    asked = await browser.get("/tell/what-happened", headers=BROWSER)
    assert asked.headers["location"].startswith("/sign-in?next=")
    await site.sign_in(browser, "carer")
    assert words in await browser.text("/tell/what-happened")


async def test_somebody_else_who_signs_in_sees_nothing_of_it(site: Site) -> None:
    browser = await site.browser("carer")
    await browser.answer("lived_experience", LIVED)
    await site.end_sessions()
    await browser.send_form("/tell/what-happened", account="Private words")
    await site.sign_in(browser, "practitioner")
    for slug in ("what-happened", "preview", "check"):
        assert (await browser.get(f"/tell/{slug}")).headers["location"] == "/tell"
    assert "Private words" not in await browser.text("/tell")
    assert "You have already started" not in await browser.text("/tell")


async def test_two_presses_at_once_send_once(site: Site) -> None:
    browser = await site.browser("carer")
    await browser.answer("lived_experience", LIVED)
    key = await browser.key()
    pressed = await asyncio.gather(*(browser.send_form("/tell/check", key=key) for _ in range(4)))
    (item,) = await site.items()
    assert {response.headers["location"] for response in pressed} == {f"/contributions/{item['id']}?sent=true"}


async def test_the_back_button_and_another_press_lead_to_the_same_result(site: Site) -> None:
    browser = await site.browser("carer")
    await browser.answer("lived_experience", LIVED)
    key = await browser.key()
    sent = await browser.send_form("/tell/check", key=key)
    again = await browser.send_form("/tell/check", key=key)
    late = await browser.send_form("/tell/title", title="A late change")
    shown = await browser.get("/tell/check")
    assert {response.headers["location"] for response in (again, late, shown)} == {sent.headers["location"]}
    assert len(await site.items()) == 1
    await browser.send_form("/tell", way="practice_knowledge")
    stale = await browser.send_form("/tell/check", key=key)
    assert stale.headers["location"].startswith("/tell/")
    assert len(await site.items()) == 1


async def test_a_crash_after_it_was_sent_changes_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def crash(*_: object) -> None:
        raise RuntimeError

    browser = await site.browser("carer")
    await browser.answer("lived_experience", LIVED)
    key = await browser.key()
    with monkeypatch.context() as patch:
        patch.setattr(Journey, "finish", crash)
        assert (await browser.send_form("/tell/check", key=key)).status_code == 500
    (item,) = await site.items()
    again = await browser.send_form("/tell/check", key=key)
    assert again.headers["location"] == f"/contributions/{item['id']}?sent=true"
    assert len(await site.items()) == 1


async def test_what_was_changed_after_such_a_crash_leads_to_what_was_sent(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object) -> None:
        raise RuntimeError

    browser = await site.browser("carer")
    await browser.answer("lived_experience", LIVED)
    with monkeypatch.context() as patch:
        patch.setattr(Journey, "finish", crash)
        await browser.send_form("/tell/check", key=await browser.key())
    await browser.send_form("/tell/title?change=true", title="Another")
    again = await browser.send_form("/tell/check", key=await browser.key())
    assert again.headers["location"] == "/contributions"
    assert len(await site.items()) == 1


async def test_what_the_api_refuses_is_said_and_nothing_is_lost(site: Site) -> None:
    browser = await site.browser("carer")
    await browser.answer("lived_experience", LIVED)
    await browser.send_form("/tell/topic?change=true", topics="01900000-0000-7000-8000-000000000000", service="")
    refused = await browser.send_form("/tell/check", key=await browser.key())
    assert refused.status_code == 422
    assert "There is a problem" in text_of(refused)
    await browser.send_form("/tell/topic?change=true", service="replacement care")
    assert (await browser.send_form("/tell/check", key=await browser.key())).status_code == 303


async def test_whoever_has_not_signed_in_begins_all_the_same(site: Site) -> None:
    browser = await site.browser()
    assert "You sign in first." in await browser.text("/tell")
    begun = await browser.send_form("/tell", way="practice_knowledge")
    assert begun.headers["location"] == "/sign-in?next=%2Ftell%2Fyour-work"
    await site.sign_in(browser, "practitioner")
    assert "What is your job?" in await browser.text("/tell/your-work")


async def test_what_was_begun_is_offered_again(site: Site) -> None:
    browser = await site.browser("carer")
    await browser.send_form("/tell", way="lived_experience")
    await browser.send_form("/tell/whose-story", whose="self")
    page = await browser.get("/tell")
    assert "You have already started" in page.text
    assert 'href="/tell/about-you"' in page.text


async def test_there_is_no_such_question(site: Site) -> None:
    browser = await site.browser("carer")
    await browser.send_form("/tell", way="lived_experience")
    assert (await browser.get("/tell/nothing")).status_code == 404
    assert (await browser.get("/tell/your-work")).headers["location"] == "/tell"
    assert (await browser.send_form("/tell", way="research")).status_code == 422
