"""An editor writes items and changes them: nothing typed is lost, nothing of somebody else is overwritten unseen."""

import asyncio
from typing import Any

import pytest

from shared.persistence.tables import new_id
from tests.evidence.exchange.imports.test_work_parser import exported
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH
from tests.gateway.web.contributions.world import CARER, FROM_HERE, Site, text_of
from tests.gateway.web.work.items.items import form_values, press, shown_form
from tests.support.callers import EDITOR

STUDY: dict[str, Any] = {
    "title": "Breaks for carers: a trial",
    "authors": "Okoro, Ada B.\r\nLind, B.\r\n",
    "kind": "journal_article",
    "design": "quantitative",
    "published_on": "2021-05",
    "published_in": "Journal of Invented Studies",
    "volume": "4",
    "issue": "2",
    "pages": "11-19",
    "publisher": "Invented Press",
    "editors": "",
    "identifiers": "https://doi.org/10.5555/ABC.1\r\nPMID 123",
    "url": "https://journal.example/1",
    "summary": "A trial of regular breaks.",
    "keywords": "carers\r\nbreaks",
    "population": "Unpaid carers",
    "sample": "Six councils",
    "participants": "412",
    "intervention": "A break each week",
    "service": "replacement care",
    "from": "2018",
    "to": "2019-06",
    "involvement": "Carers chose what was measured.",
    "country": "GB-WLS",
    "setting": "home care",
    "language": "cy",
}


async def test_research_is_added_with_all_its_fields(site: Site) -> None:
    topic = await site.evidence.topic("Breaks")
    browser = await site.browser("evidence-editor")
    added = await press(browser, "/staff/evidence/new?way=research", **STUDY, topics=[topic])
    assert added.status_code == 303, text_of(added)
    path = added.headers["location"].removeprefix("/staff").partition("?")[0]
    item = await site.evidence.json(EDITOR, "GET", f"/v1{path}")
    expected: dict[str, Any] = {name: value for name, value in STUDY.items() if name not in ("from", "to")} | {
        "authors": ["Okoro, Ada B.", "Lind, B."],
        "editors": [],
        "identifiers": [{"scheme": "doi", "value": "10.5555/abc.1"}, {"scheme": "pmid", "value": "123"}],
        "keywords": ["carers", "breaks"],
        "participants": 412,
        "period": {"from": "2018", "to": "2019-06"},
        "topics": [topic],
        "status": "draft",
    }
    assert {name: item[name] for name in expected} == expected
    page = await browser.get(added.headers["location"], headers=FROM_HERE)
    assert "It is saved as a draft." in text_of(page)
    unchanged = await press(browser, f"/staff{path}/edit")
    assert unchanged.headers["location"].endswith("?done=nothing")


async def test_a_second_press_adds_nothing(site: Site) -> None:
    browser = await site.browser("evidence-editor")
    values = await shown_form(browser, "/staff/evidence/new?way=research") | {"title": "A study"}
    pressed = await asyncio.gather(*(browser.send_form("/staff/evidence/new?way=research", **values) for _ in range(3)))
    assert {response.status_code for response in pressed} == {303}
    assert len({response.headers["location"] for response in pressed}) == len(await site.items()) == 1


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"title": " "}, "Write a title"),
        ({"title": "x" * 1_001}, "This is too long. Use at most 1,000 characters."),
        ({"participants": "many"}, "Write a number in figures, such as 412"),
        ({"identifiers": "something"}, "Begin each line with the kind of identifier, such as DOI or ISBN"),
        ({"identifiers": "DOI nonsense"}, "This is not a valid DOI"),
        ({"published_on": "in May"}, "Give a year, a month or a day"),
        ({"from": "soon"}, "Give a year, a month or a day"),
        ({"from": "2020", "to": "2019"}, "The period ends before it begins"),
        ({"url": "not an address"}, "We do not understand this."),
    ],
)
async def test_what_is_wrong_is_said_at_the_field_and_nothing_is_lost(
    site: Site, values: dict[str, str], error: str
) -> None:
    browser = await site.browser("evidence-editor")
    page = await press(browser, "/staff/evidence/new?way=research", **{**STUDY, **values})
    assert page.status_code == 422
    assert text_of(page).count(error) == 2, text_of(page)
    shown = form_values(page)
    assert (shown["keywords"], shown["summary"]) == ("carers\nbreaks", STUDY["summary"])
    assert await site.items() == []


async def test_a_work_that_is_there_already_is_named(site: Site) -> None:
    there = await site.evidence.publish(RESEARCH)
    browser = await site.browser("evidence-editor")
    page = await press(browser, "/staff/evidence/new?way=research", **STUDY)
    assert page.status_code == 422
    assert there in text_of(page)


async def test_an_account_is_recorded_for_somebody_by_what_allows_it_alone(site: Site) -> None:
    browser = await site.browser("evidence-editor")
    words = {"title": "A week away", "account": "I slept.", "speaks_as": "unpaid_carer"}
    path = "/staff/evidence/new?way=lived_experience"
    named = await press(browser, path, **words, basis="power_of_attorney", attribution="full_name", name="Mair")
    assert "We only show a full name if the person agrees." in text_of(named)
    agreed = {"basis": "the_persons_agreement", "attribution": "first_name", "name": "Mair"}
    assert (await press(browser, path, **words, **agreed)).status_code == 303
    assert (await press(browser, path, **{**words, "title": "Another"}, basis="")).status_code == 303
    first, second = [item["details"]["consent"] for item in await site.items()]
    assert (first["to_publish"], first["given_by"], first["basis"], first["name"]) == (
        True,
        "someone_acting_for_them",
        "the_persons_agreement",
        "Mair",
    )
    assert (second["to_publish"], second["name"]) == (False, None)


async def test_practice_knowledge_is_recorded_with_its_credit(site: Site) -> None:
    browser = await site.browser("evidence-editor")
    values = {"title": "One call", "role": "social worker", "what_was_done": "One number.", "setting": ""}
    path = "/staff/evidence/new?way=practice_knowledge"
    missing = await press(browser, path, **values)
    assert text_of(missing).count("Say where it was done, such as home care") == 2
    values |= {"setting": "council team", "attribution": "organisation", "name": "Invented Council"}
    assert (await press(browser, path, **values)).status_code == 303
    [item] = await site.items()
    assert item["details"]["credit"]["name"] == "Invented Council"


async def test_of_two_editors_the_later_sees_what_changed_and_loses_nothing(site: Site) -> None:
    item = await site.evidence.publish(RESEARCH)
    path = f"/staff/evidence/{item}/edit"
    first, second = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    mine, theirs = await shown_form(first, path), await shown_form(second, path)
    theirs |= {"title": "Their title", "volume": "12", "setting": "care home"}
    assert (await second.send_form(path, **theirs)).status_code == 303
    conflict = await first.send_form(path, **mine | {"title": "My title", "issue": "7"})
    assert conflict.status_code == 412
    shown = text_of(conflict)
    assert "Somebody changed this while you were writing. Nothing of yours is saved yet." in shown
    assert shown.index("The current version Their title") < shown.index("What you wrote My title")
    merged = form_values(conflict)
    assert (merged["title"], merged["issue"], merged["volume"], merged["setting"]) == (
        "My title",
        "7",
        "12",
        "care home",
    )
    assert (await site.evidence.json(EDITOR, "GET", f"/v1/evidence/{item}"))["title"] == "Their title"
    assert (await first.send_form(path, **merged)).headers["location"].endswith("done=changed")
    saved = await site.evidence.json(EDITOR, "GET", f"/v1/evidence/{item}")
    assert (saved["title"], saved["issue"], saved["volume"], saved["setting"]) == ("My title", "7", "12", "care home")


async def test_a_double_click_on_save_is_one_change_and_no_conflict(site: Site) -> None:
    item = await site.evidence.publish(RESEARCH)
    path = f"/staff/evidence/{item}/edit"
    browser = await site.browser("evidence-editor")
    values = await shown_form(browser, path) | {"title": "Another title"}
    pressed = await asyncio.gather(*(browser.send_form(path, **values) for _ in range(3)))
    assert {response.headers.get("location") for response in pressed} == {f"/staff/evidence/{item}?done=changed"}
    assert (await site.evidence.json(EDITOR, "GET", f"/v1/evidence/{item}"))["edition"] == 2


async def test_what_was_typed_is_there_after_the_session_ended(site: Site) -> None:
    item = await site.evidence.publish(RESEARCH)
    browser = await site.browser("evidence-editor")
    new = STUDY | {"identifiers": ""}
    for path, keep in ((f"/staff/evidence/{item}/edit", {}), ("/staff/evidence/new?way=research", new)):
        values = {**await shown_form(browser, path), **keep, "summary": "A long text, written while the session ended."}
        await site.end_sessions()
        ended = await browser.send_form(path, **values)
        assert (ended.status_code, ended.headers["location"].partition("?")[0]) == (303, "/sign-in")
        await site.sign_in(browser, "evidence-editor")
        shown = await shown_form(browser, path)
        assert shown["summary"] == values["summary"]
        assert shown.get("etag") == values.get("etag")
        assert (await browser.send_form(path, **shown)).status_code == 303


async def test_a_persons_words_are_proposed_and_the_rest_changes_at_once(site: Site) -> None:
    item = await site.evidence.publish(ACCOUNT, CARER)
    path = f"/staff/evidence/{item}/edit"
    browser = await site.browser("evidence-editor")
    assert "If you change the words, that is a proposal" in await browser.text(path)
    values = await shown_form(browser, path) | {"account": "I slept at last.", "country": "GB-WLS"}
    pressed = [await browser.send_form(path, **values) for _ in range(2)]
    assert pressed[0].headers["location"].endswith("done=proposed")
    assert "is a proposal. It takes effect when the person" in await browser.text(pressed[0].headers["location"])
    shown = await site.evidence.json(EDITOR, "GET", f"/v1/evidence/{item}")
    assert (shown["account"], shown["country"]) == (ACCOUNT["account"], "GB-WLS")
    assert pressed[1].status_code in (303, 412)
    proposals = await site.evidence.json(EDITOR, "GET", f"/v1/evidence/proposals?item={item}")
    assert len(proposals["items"]) == 1


async def test_words_that_wait_are_replaced_only_when_that_is_chosen(site: Site) -> None:
    item = await site.evidence.publish(ACCOUNT, CARER)
    path = f"/staff/evidence/{item}/edit"
    browser, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    first = await shown_form(browser, path) | {"account": "Once."}
    assert (await browser.send_form(path, **first)).status_code == 303
    again = await browser.send_form(path, **first)
    assert again.headers["location"].endswith("done=proposed")
    second = await shown_form(browser, path) | {"account": "Twice."}
    refused = await browser.send_form(path, **second)
    assert refused.status_code == 409
    assert "New wording that an editor proposed is waiting for an answer." in text_of(refused)
    [waiting] = (await site.evidence.json(EDITOR, "GET", f"/v1/evidence/proposals?item={item}"))["items"]
    assert waiting["changes"][0]["after"] == "Once."
    theirs = await shown_form(other, path) | {"account": "Another's.", "replace": waiting["id"]}
    not_theirs = await other.send_form(path, **theirs)
    assert not_theirs.status_code == 403
    assert "Only whoever made this proposal can replace it" not in text_of(refused)
    replaced = await browser.send_form(path, **form_values(refused) | {"replace": waiting["id"]})
    assert replaced.headers["location"].endswith("done=proposed")
    proposals = (await site.evidence.json(EDITOR, "GET", f"/v1/evidence/proposals?item={item}"))["items"]
    assert [(entry["status"], entry["changes"][0]["after"]) for entry in proposals] == [
        ("waiting", "Twice."),
        ("replaced", "Once."),
    ]


async def test_an_account_that_a_file_brought_is_changed_at_once_and_nobody_agreed_to_it(site: Site) -> None:
    await site.evidence.import_file(exported(ACCOUNT, new_id()))
    [item] = await site.items()
    browser = await site.browser("evidence-editor")
    page = await browser.text(f"/staff/evidence/{item['id']}")
    assert "Nobody has given consent yet." in page
    assert "Nobody has agreed to publish it yet." in page
    path = f"/staff/evidence/{item['id']}/edit"
    assert "is a proposal" not in await browser.text(path)
    assert (await press(browser, path, account="Put right.")).headers["location"].endswith("done=changed")


async def test_the_practice_of_a_named_person_is_theirs(site: Site) -> None:
    credited = PRACTICE | {"credit": {"attribution": "person", "name": "Jo Example"}}
    item = await site.evidence.publish(credited, CARER)
    browser = await site.browser("evidence-editor")
    changed = await press(browser, f"/staff/evidence/{item}/edit", what_happened="Less waiting.")
    assert changed.headers["location"].endswith("done=proposed")
