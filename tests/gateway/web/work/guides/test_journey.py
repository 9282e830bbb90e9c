import re

from tests.evidence.world import ACCOUNT, PRACTICE
from tests.gateway.web.contributions.world import FROM_HERE, Site, hidden, text_of
from tests.gateway.web.work.guides.world import (
    WORDS,
    add_statement,
    begin_guide,
    follow,
    open_page,
    press,
    write_statement,
)


async def test_a_guide_from_nothing_to_published_by_two_editors(site: Site) -> None:
    await site.evidence.topic()
    item = await site.evidence.publish(PRACTICE)
    author, reviewer = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    guide = await begin_guide(author)
    assert "Add at least one statement." in await author.text(guide)
    await add_statement(author, guide, item)
    page = await open_page(author, guide)
    assert "One number for every provider of replacement care." in page.text, "the words of the item, to open"
    submitted = await follow(author, await press(author, guide, "submit"))
    assert "It is waiting for review." in text_of(submitted)
    assert "Breaks that carers book" in await reviewer.text("/staff/guides?status=review")
    published = await follow(reviewer, await press(reviewer, guide, "publish"))
    assert "The guide is published." in text_of(published)
    public = guide.removeprefix("/staff")
    assert WORDS["what_to_try"] in await (await site.browser()).text(public)


async def test_a_guide_is_returned_with_reasons_and_corrected(site: Site) -> None:
    await site.evidence.topic()
    author, reviewer = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    guide = await begin_guide(author)
    statement = await add_statement(author, guide, await site.evidence.publish(PRACTICE))
    await press(author, guide, "submit")
    asked = await open_page(reviewer, f"{guide}/return")
    empty = await reviewer.send_form(f"{guide}/return", key=hidden(asked, "key"), because=" ")
    assert (empty.status_code, "Say what it needs" in text_of(empty)) == (422, True)
    values = {"key": hidden(asked, "key"), "because": "Say where it holds."}
    pressed = [await reviewer.send_form(f"{guide}/return", **values) for _ in range(2)]
    assert [response.headers["location"] for response in pressed] == [f"{guide}?done=returned"] * 2
    assert "A reviewer returned it: Say where it holds." in await author.text(guide)
    await write_statement(author, statement, **WORDS | {"conditions": "In towns."})
    page = await author.text(guide)
    assert "A reviewer returned it" not in page
    assert "In towns." in page
    await press(author, guide, "submit")
    assert (await press(reviewer, guide, "publish")).status_code == 303


async def test_nobody_publishes_what_they_wrote_in(site: Site) -> None:
    await site.evidence.topic()
    author, reviewer = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    guide = await begin_guide(author)
    statement = await add_statement(author, guide, await site.evidence.publish(PRACTICE))
    await press(author, guide, "submit")
    refused = await author.send_form(f"{guide}/publish", key="pressed-anyway", etag="*")
    assert refused.status_code == 403
    assert "You wrote in this edition. Ask another evidence editor" in text_of(refused)
    assert "goes back to its authors" in await reviewer.text(statement)
    await write_statement(reviewer, statement, **WORDS | {"conditions": "In towns."})
    assert "Send it for review" in await reviewer.text(guide), "a change takes it back from review"
    await press(author, guide, "submit")
    assert (await reviewer.send_form(f"{guide}/publish", key="pressed-anyway", etag="*")).status_code == 403


async def test_whoever_wrote_in_a_guide_reads_who_publishes_it_in_place_of_a_button(site: Site) -> None:
    await site.evidence.topic()
    author, reviewer = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    guide = await begin_guide(author)
    await add_statement(author, guide, await site.evidence.publish(PRACTICE))
    await press(author, guide, "submit")
    shown = {browser: await open_page(browser, guide) for browser in (author, reviewer)}
    assert [f'action="{guide}/publish"' in page.text for page in shown.values()] == [False, True]
    assert "another evidence editor reads it and publishes it" in text_of(shown[author])
    assert "another evidence editor reads it and publishes it" not in text_of(shown[reviewer])


async def test_only_what_was_read_is_published(site: Site) -> None:
    await site.evidence.topic()
    author, reviewer = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    guide = await begin_guide(author)
    statement = await add_statement(author, guide, await site.evidence.publish(PRACTICE))
    await press(author, guide, "submit")
    page = await open_page(reviewer, guide)
    await write_statement(author, statement, **WORDS | {"conditions": "In towns."})
    await press(author, guide, "submit")
    values = {name: hidden(page, name) for name in ("key", "etag")}
    late = await reviewer.send_form(f"{guide}/publish", **values)
    assert late.status_code == 412
    assert "Somebody has changed it since you opened this page." in text_of(late)
    assert "In towns." in text_of(late)


async def test_a_published_guide_is_written_anew_confirmed_and_withdrawn(site: Site) -> None:
    await site.evidence.topic()
    author, reviewer = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    guide = await begin_guide(author)
    statement = await add_statement(author, guide, await site.evidence.publish(PRACTICE))
    await press(author, guide, "submit")
    await press(reviewer, guide, "publish")
    begun = await follow(reviewer, await press(reviewer, guide, "edition"))
    assert "Version 2, to replace the published one" in text_of(begun)
    await write_statement(reviewer, statement, **WORDS | {"text": "Carers need breaks."})
    preview, public = await reviewer.text(f"{guide}/preview"), await author.text(guide.removeprefix("/staff"))
    assert ("Carers need breaks." in preview, "Carers need breaks." in public) == (True, False)
    asked = await open_page(reviewer, f"{guide}/discard")
    pressed = [await reviewer.send_form(f"{guide}/discard", etag=hidden(asked, "etag")) for _ in range(2)]
    assert [response.headers["location"] for response in pressed] == [f"{guide}?done=discarded"] * 2
    page = await open_page(reviewer, f"{guide}/confirm")
    past = await reviewer.send_form(f"{guide}/confirm", key=hidden(page, "key"), review_on="2020-01-01")
    assert "Give a day that is in the future." in text_of(past)
    odd = await reviewer.send_form(f"{guide}/confirm", key=hidden(page, "key"), review_on="soon")
    assert "Write the date as year, month and day" in text_of(odd)
    await follow(
        reviewer, await reviewer.send_form(f"{guide}/confirm", key=hidden(page, "key"), review_on="2101-02-03")
    )
    assert "3 February 2101" in await reviewer.text(guide)
    await follow(reviewer, await press(reviewer, guide, "take-over"))
    assert "Breaks that carers book" in await reviewer.text("/staff/guides?mine=true")
    assert "Breaks that carers book" not in await author.text("/staff/guides?mine=true")
    key = hidden(await open_page(reviewer, f"{guide}/withdraw"), "key")
    pressed = [await reviewer.send_form(f"{guide}/withdraw", key=key) for _ in range(2)]
    assert {response.status_code for response in pressed} == {303}
    assert "Breaks that carers book" in await reviewer.text(pressed[0].headers["location"])
    assert (await author.get(guide)).status_code == 410


async def test_a_double_press_begins_one_guide(site: Site) -> None:
    author = await site.browser("evidence-editor")
    key = hidden(await open_page(author, "/staff/guides/new"), "key")
    pressed = [await author.send_form("/staff/guides/new", key=key, title="Breaks") for _ in range(2)]
    assert pressed[0].headers["location"] == pressed[1].headers["location"]
    assert (await author.text("/staff/guides?status=draft&mine=true")).count("Breaks") == 1


async def test_the_details_of_a_guide_are_kept_where_somebody_else_changed_it(site: Site) -> None:
    author, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    guide = await begin_guide(author)
    page = await open_page(author, f"{guide}/details")
    theirs = await open_page(other, f"{guide}/details")
    await other.send_form(f"{guide}/details", etag=hidden(theirs, "etag"), title="Their title", language="en")
    values = {"title": "My title", "summary": "My summary", "language": "cy"}
    late = await author.send_form(f"{guide}/details", etag=hidden(page, "etag"), **values)
    assert late.status_code == 412
    assert 'value="My title"' in late.text
    assert "Their title" in text_of(late)
    saved = [await author.send_form(f"{guide}/details", etag=hidden(late, "etag"), **values) for _ in range(2)]
    assert [response.headers["location"] for response in saved] == [f"{guide}?done=saved"] * 2
    assert "My title" in await author.text(guide)


async def test_a_guide_that_is_begun_outlasts_the_session(site: Site) -> None:
    author = await site.browser("evidence-editor")
    page = await open_page(author, "/staff/guides/new")
    await site.end_sessions()
    sent = await author.send_form(
        "/staff/guides/new", key=hidden(page, "key"), title="Breaks at night", summary="Long."
    )
    assert sent.headers["location"] == "/sign-in?next=%2Fstaff%2Fguides%2Fnew"
    await site.sign_in(author, "evidence-editor")
    again = await open_page(author, "/staff/guides/new")
    assert 'value="Breaks at night"' in again.text
    assert "Long." in again.text


async def test_guides_are_listed_by_status_and_topic(site: Site) -> None:
    topic, other = await site.evidence.topic(), await site.evidence.topic("Housing")
    author = await site.browser("evidence-editor")
    await begin_guide(author, "A night off", topics=[topic])
    await begin_guide(author, "A home", topics=[other])
    page = await author.text(f"/staff/guides?status=draft&topic={other}")
    assert ("A home" in page, "A night off" in page) == (True, False)
    refused = await author.get("/staff/guides?status=odd")
    assert refused.status_code == 422
    moved = await author.get("/v1/guides?status=review", headers=FROM_HERE)
    assert moved.headers["location"] == "/staff/guides?status=review"


async def test_guides_in_work_are_for_editors(site: Site) -> None:
    guide = await begin_guide(await site.browser("evidence-editor"))
    carer, stranger = await site.browser("carer"), await site.browser()
    for path in (guide, "/staff/guides", "/staff/guides/new", f"{guide}/details", f"{guide}/statements/new"):
        assert (await carer.get(path, headers=FROM_HERE)).status_code == 403
        assert (await stranger.get(path, headers=FROM_HERE)).headers["location"].startswith("/sign-in")
    assert (await carer.send_form(f"{guide}/submit")).status_code == 403


async def test_what_is_published_links_an_editor_to_its_work(site: Site) -> None:
    await site.evidence.topic()
    author, reviewer = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    guide = await begin_guide(author)
    await add_statement(author, guide, await site.evidence.publish(ACCOUNT))
    await press(author, guide, "submit")
    await press(reviewer, guide, "publish")
    public = guide.removeprefix("/staff")
    assert re.search(f'href="{guide}"', (await open_page(author, public)).text)
    assert f'href="{guide}"' not in (await open_page(await site.browser(), public)).text
