from typing import Any, get_args

import httpx
import pytest

from gateway.web.layout.environment import ENVIRONMENT
from services.evidence.library.items.tables import ItemStatus
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH
from tests.gateway.web.contributions.world import CARER, FROM_HERE, Browser, Site, hidden, text_of
from tests.support.callers import EDITOR


async def add_item(site: Site, item: dict[str, Any] = ACCOUNT) -> str:
    """Return the id of an item of the carer."""
    return (await site.evidence.json(CARER, "POST", "/v1/evidence", item))["id"]


async def answer(browser: Browser, id: str, decision: str, **values: str) -> httpx.Response:
    """Press yes or no on the page as it is."""
    page = await browser.get(f"/contributions/{id}", headers=FROM_HERE)
    (proposal,) = [part.partition('"')[0] for part in page.text.split(f"/contributions/{id}/proposals/")[1:]]
    values = {"etag": hidden(page, "etag"), "key": hidden(page, "key"), **values}
    return await browser.send_form(f"/contributions/{id}/proposals/{proposal}", decision=decision, **values)


def test_every_state_of_what_somebody_told_has_a_name() -> None:
    parts = ENVIRONMENT.get_template("contributions/templates/parts.html").make_module({"_": str})
    for status in get_args(ItemStatus):
        assert "</strong>" in getattr(parts, "state")({"status": status})  # noqa: B009  a macro, which the type does not know


async def test_everybody_sees_their_own(site: Site) -> None:
    id = await add_item(site)
    carer, other = await site.browser("carer"), await site.browser("practitioner")
    assert "My first week away" in await carer.text("/contributions")
    assert "You have not shared anything yet." in await other.text("/contributions")
    assert (await other.get(f"/contributions/{id}")).status_code == 404
    stranger = await site.browser()
    assert (await stranger.get("/contributions", headers=FROM_HERE)).headers["location"].startswith("/sign-in")
    moved = await carer.get("/v1/contributions?limit=5", headers=FROM_HERE)
    assert (moved.status_code, moved.headers["location"]) == (303, "/contributions")


async def test_a_proposal_is_shown_as_old_and_new_and_accepted_once(site: Site) -> None:
    id = await add_item(site)
    await site.propose(id, title="My first week of rest")
    browser = await site.browser("carer")
    assert "An editor suggests a change to your words. Say yes or no." in await browser.text("/contributions")
    page = await browser.get(f"/contributions/{id}")
    assert "My first week <del>away</del>" in page.text
    assert "My first week <ins>of rest</ins>" in page.text
    accepted = await answer(browser, id, "accept")
    assert (accepted.status_code, accepted.headers["location"]) == (303, f"/contributions/{id}?done=accept")
    after = await browser.text(accepted.headers["location"])
    assert "My first week of rest" in after
    assert "You said yes to an editor's suggestion." in after


async def test_a_proposal_is_declined_with_a_reason(site: Site) -> None:
    id = await add_item(site)
    await site.propose(id, title="Rest")
    browser = await site.browser("carer")
    declined = await answer(browser, id, "decline", reason="It was not only rest")
    assert declined.headers["location"].endswith("done=decline")
    assert "It was not only rest" in await browser.text(f"/contributions/{id}")
    (proposal,) = (await site.evidence.json(EDITOR, "GET", f"/v1/evidence/proposals?item={id}"))["items"]
    assert (proposal["status"], proposal["reason"]) == ("declined", "It was not only rest")


async def test_a_yes_is_for_the_words_that_were_shown(site: Site) -> None:
    id = await add_item(site)
    await site.propose(id, title="Rest")
    browser = await site.browser("carer")
    page = await browser.get(f"/contributions/{id}")
    (proposal,) = [part.partition('"')[0] for part in page.text.split(f"/contributions/{id}/proposals/")[1:]]
    await site.replace(proposal, title="Something else")
    values = {"etag": hidden(page, "etag"), "key": hidden(page, "key"), "decision": "accept"}
    late = await browser.send_form(f"/contributions/{id}/proposals/{proposal}", **values)
    assert late.status_code == 422
    assert "Something else" in text_of(late)
    (item,) = await site.items()
    assert item["title"] == "My first week away"


async def test_a_session_that_ended_keeps_the_reason(site: Site) -> None:
    id = await add_item(site)
    await site.propose(id, title="Rest")
    browser = await site.browser("carer")
    await site.end_sessions()
    response = await browser.send_form(f"/contributions/{id}/proposals/{id}", decision="decline", reason="It is mine")
    assert response.headers["location"] == f"/sign-in?next=%2Fcontributions%2F{id}"
    await site.sign_in(browser, "carer")
    assert "It is mine" in await browser.text(f"/contributions/{id}")


async def test_the_consent_is_narrowed_at_once(site: Site) -> None:
    id = await add_item(site)
    await site.publish(id)
    browser = await site.browser("carer")
    page = await browser.get(f"/contributions/{id}/consent")
    values = {"etag": hidden(page, "etag"), "to_publish": "yes", "attribution": "anonymous", "name": "Mary"}
    changed = await browser.send_form(f"/contributions/{id}/consent", **values)
    assert changed.headers["location"] == f"/contributions/{id}?done=consent"
    (item,) = await site.items()
    assert (item["status"], item["details"]["consent"]["name"]) == ("published", None)
    stale = await browser.send_form(f"/contributions/{id}/consent", **values)
    assert stale.status_code == 422


async def test_to_end_publication_is_asked_once_more(site: Site) -> None:
    id = await add_item(site)
    await site.publish(id)
    browser = await site.browser("carer")
    page = await browser.get(f"/contributions/{id}/consent")
    values = {"etag": hidden(page, "etag"), "to_publish": "no", "attribution": "anonymous"}
    asked = await browser.send_form(f"/contributions/{id}/consent", **values)
    assert asked.headers["location"] == f"/contributions/{id}/withdraw"
    assert (await site.items())[0]["status"] == "published"


async def test_a_name_is_needed_where_one_is_shown(site: Site) -> None:
    id = await add_item(site)
    browser = await site.browser("carer")
    page = await browser.send_form(
        f"/contributions/{id}/consent", etag="*", to_publish="yes", attribution="full_name", name=" "
    )
    assert page.status_code == 422
    assert "Write the name that we may show" in text_of(page)


async def test_practice_knowledge_has_a_credit(site: Site) -> None:
    id = await add_item(site, PRACTICE)
    browser = await site.browser("carer")
    page = await browser.get(f"/contributions/{id}/consent")
    assert "to_publish" not in page.text
    values = {"etag": hidden(page, "etag"), "attribution": "organisation", "name": "Invented Council"}
    assert (await browser.send_form(f"/contributions/{id}/consent", **values)).status_code == 303
    assert (await site.items())[0]["details"]["credit"]["name"] == "Invented Council"


async def test_a_session_that_ended_keeps_the_consent_that_was_chosen(site: Site) -> None:
    id = await add_item(site)
    browser = await site.browser("carer")
    await site.end_sessions()
    path = f"/contributions/{id}/consent"
    response = await browser.send_form(path, to_publish="yes", attribution="full_name", name="Mary Invented")
    assert response.headers["location"] == f"/sign-in?next=%2Fcontributions%2F{id}%2Fconsent"
    await site.sign_in(browser, "carer")
    assert 'value="Mary Invented"' in (await browser.get(path)).text


@pytest.mark.parametrize("published", [False, True])
async def test_it_is_taken_back_for_good(site: Site, published: bool) -> None:
    id = await add_item(site)
    if published:
        await site.publish(id)
    browser = await site.browser("carer")
    asked = await browser.get(f"/contributions/{id}/withdraw")
    assert "We erase your words and your name." in text_of(asked)
    assert ("Nobody can read it here any more" in asked.text) == published
    assert (await site.items())[0]["status"] != "withdrawn"
    key = hidden(asked, "key")
    pressed = [await browser.send_form(f"/contributions/{id}/withdraw", key=key) for _ in range(2)]
    assert {response.headers["location"] for response in pressed} == {f"/contributions/{id}?done=withdrawn"}
    (item,) = await site.items()
    assert (item["status"], item["details"]) == ("withdrawn", {})
    assert "It is taken back, and your words are erased." in await browser.text(f"/contributions/{id}?done=withdrawn")
    assert "Something that you took back" in await browser.text("/contributions")


async def test_nobody_takes_back_what_is_not_theirs(site: Site) -> None:
    id = await add_item(site)
    await site.publish(id)
    other, stranger = await site.browser("practitioner"), await site.browser()
    assert (await other.get(f"/contributions/{id}/withdraw")).status_code == 404
    assert (await other.send_form(f"/contributions/{id}/withdraw", key="x")).status_code == 404
    editor = await site.browser("evidence-editor")
    assert (await editor.send_form(f"/contributions/{id}/withdraw", key="x")).status_code == 404
    sent = await stranger.send_form(f"/contributions/{id}/withdraw")
    assert sent.headers["location"].startswith("/sign-in")
    assert (await site.items())[0]["status"] == "published"


async def test_research_has_neither_consent_nor_credit(site: Site) -> None:
    id = await add_item(site, RESEARCH)
    browser = await site.browser("carer")
    assert (await browser.get(f"/contributions/{id}/consent")).status_code == 404


SMUGGLED = '"1"\r\nhost: a\r\n\r\nPOST /v1/other HTTP/1.1\r\nhost: a'


@pytest.mark.parametrize(
    "values",
    [{"etag": SMUGGLED}, {"key": SMUGGLED}, {"etag": '"1"\nif-match: *'}, {"etag": "\u0142"}, {"key": "x" * 201}],
)
async def test_a_hidden_field_cannot_begin_another_header_or_request(site: Site, values: dict[str, str]) -> None:
    id = await site.evidence.draft(ACCOUNT, CARER)
    browser = await site.browser("carer")
    refused = await browser.send_form(f"/contributions/{id}/withdraw", **values)
    assert refused.status_code == 400
    assert "Part of this form was not valid" in text_of(refused)
    assert (await site.items())[0]["status"] == "draft"
