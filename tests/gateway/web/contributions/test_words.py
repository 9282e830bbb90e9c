"""People change the words of their own drafts, and propose other words for what is published."""

import pytest

from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH
from tests.gateway.web.contributions.world import CARER, FROM_HERE, Site, text_of
from tests.gateway.web.work.items.items import form_values, press, shown_form
from tests.support.callers import EDITOR


@pytest.mark.parametrize(("item", "field"), [(ACCOUNT, "account"), (PRACTICE, "what_was_done")], ids=["told", "work"])
async def test_the_words_of_a_draft_are_changed_at_once(site: Site, item: dict[str, object], field: str) -> None:
    id = await site.evidence.draft(item, CARER)
    browser = await site.browser("carer")
    assert "Change your words" in await browser.text(f"/contributions/{id}")
    path = f"/contributions/{id}/words"
    values = await shown_form(browser, path) | {field: "In other words.", "from": "2021"}
    pressed = [await browser.send_form(path, **values) for _ in range(2)]
    assert {response.headers["location"] for response in pressed} == {f"/contributions/{id}?done=words"}
    changed = await site.evidence.json(CARER, "GET", f"/v1/evidence/{id}")
    assert (changed[field], changed["period"]["from"], changed["title"]) == ("In other words.", "2021", item["title"])
    assert "Your new words are saved." in await browser.text(f"/contributions/{id}?done=words")


async def test_other_words_for_what_is_published_go_to_an_editor_and_can_be_changed_until_they_answer(
    site: Site,
) -> None:
    id = await site.evidence.publish(ACCOUNT, CARER)
    browser = await site.browser("carer")
    assert "Suggest new words" in await browser.text(f"/contributions/{id}")
    path = f"/contributions/{id}/words"
    values = await shown_form(browser, path) | {"account": "Once."}
    pressed = [await browser.send_form(path, **values) for _ in range(2)]
    assert {response.headers["location"] for response in pressed} == {f"/contributions/{id}?done=proposed"}
    assert (await site.evidence.json(CARER, "GET", f"/v1/evidence/{id}"))["account"] == ACCOUNT["account"]
    assert "Below are the words that you sent to an editor" in await browser.text(path)
    assert (await shown_form(browser, path))["account"] == "Once."
    assert (await press(browser, path, account="Twice.")).headers["location"].endswith("done=proposed")
    proposals = (await site.evidence.json(CARER, "GET", "/v1/evidence/proposals"))["items"]
    assert [(entry["status"], entry["changes"][0]["after"]) for entry in proposals] == [
        ("waiting", "Twice."),
        ("replaced", "Once."),
    ]
    as_it_stands = await press(browser, path, account=ACCOUNT["account"])
    assert "You have not changed anything yet." in text_of(as_it_stands)


async def test_words_that_an_editor_answered_meanwhile_are_not_replaced(site: Site) -> None:
    id = await site.evidence.publish(ACCOUNT, CARER)
    browser = await site.browser("carer")
    path = f"/contributions/{id}/words"
    await press(browser, path, account="Once.")
    values = await shown_form(browser, path) | {"account": "Twice."}
    [proposal] = (await site.evidence.json(EDITOR, "GET", "/v1/evidence/proposals"))["items"]
    tag = await site.evidence.tag(f"/v1/evidence/proposals/{proposal['id']}")
    await site.evidence.json(EDITOR, "POST", f"/v1/evidence/proposals/{proposal['id']}/accept", If_Match=tag)
    late = await browser.send_form(path, **values)
    assert late.status_code == 412
    assert "The current version Once. What you wrote Twice." in text_of(late)
    assert (await browser.send_form(path, **form_values(late))).headers["location"].endswith("done=proposed")


async def test_a_draft_that_changed_elsewhere_keeps_what_was_typed(site: Site) -> None:
    id = await site.evidence.draft(ACCOUNT, CARER)
    browser = await site.browser("carer")
    path = f"/contributions/{id}/words"
    values = await shown_form(browser, path) | {"account": "Mine."}
    elsewhere = {"account": "From my phone.", "role": "daughter"}
    await site.evidence.json(CARER, "PATCH", f"/v1/evidence/{id}", elsewhere, If_Match="*")
    late = await browser.send_form(path, **values)
    assert (late.status_code, "Role" in text_of(late)) == (412, True)
    assert (form_values(late)["account"], form_values(late)["role"]) == ("Mine.", "daughter")
    assert (await browser.send_form(path, **form_values(late))).status_code == 303
    assert (await site.evidence.json(CARER, "GET", f"/v1/evidence/{id}"))["account"] == "Mine."


async def test_words_are_kept_when_the_session_ends_and_errors_stand_at_their_field(site: Site) -> None:
    id = await site.evidence.draft(ACCOUNT, CARER)
    browser = await site.browser("carer")
    path = f"/contributions/{id}/words"
    empty = await press(browser, path, account=" ", title="x" * 1_001)
    assert text_of(empty).count("Write what happened") == 2
    values = await shown_form(browser, path) | {"account": "A long account."}
    await site.end_sessions()
    ended = await browser.send_form(path, **values)
    assert ended.headers["location"].startswith("/sign-in")
    await site.sign_in(browser, "carer")
    assert (await shown_form(browser, path))["account"] == "A long account."


async def test_nobody_changes_the_words_of_others(site: Site) -> None:
    id = await site.evidence.publish(ACCOUNT, CARER)
    study = await site.evidence.draft(RESEARCH, CARER)
    other, carer = await site.browser("practitioner"), await site.browser("carer")
    assert (await other.get(f"/contributions/{id}/words", headers=FROM_HERE)).status_code == 404
    assert (await other.send_form(f"/contributions/{id}/words", account="x")).status_code == 404
    assert (await carer.get(f"/contributions/{study}/words", headers=FROM_HERE)).status_code == 404
