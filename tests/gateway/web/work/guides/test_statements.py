import re
from typing import Any

import httpx

from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH
from tests.gateway.web.contributions.world import Browser, Site, hidden, text_of
from tests.gateway.web.work.guides.world import (
    AUTHOR,
    WORDS,
    add_statement,
    begin_guide,
    follow,
    open_page,
    press,
    write_statement,
)


async def draft_of(site: Site, guide: str) -> dict[str, Any]:
    return await site.evidence.json(AUTHOR, "GET", f"/v1/guides/{guide.rpartition('/')[2]}/draft")


async def texts_of(site: Site, guide: str) -> list[str]:
    return [statement["text"] for statement in (await draft_of(site, guide))["statements"]]


async def send(browser: Browser, path: str, page: httpx.Response, **values: str) -> httpx.Response:
    """Send the form of this page, as it was opened."""
    return await browser.send_form(path, shown=hidden(page, "shown"), **({"do": "leave"} | values))


async def test_a_statement_is_written_with_all_its_words(site: Site) -> None:
    author = await site.browser("evidence-editor")
    guide = await begin_guide(author)
    await write_statement(author, f"{guide}/statements/new", **WORDS)
    (statement,) = (await draft_of(site, guide))["statements"]
    assert statement["cost"] == {"level": "low", "in_words": WORDS["cost_words"]}
    assert statement["confidence"]["confidence"] == WORDS["confidence"]
    page = await open_page(author, f"{guide}/statements/{statement['id']}")
    assert all(words in page.text for words in WORDS.values())


async def test_what_a_guide_page_shows_of_a_statement_leads_to_its_field_and_back(site: Site) -> None:
    author = await site.browser("evidence-editor")
    guide = await begin_guide(author)
    words = WORDS | {"sure": "", "confidence": "", "reason": ""}
    statement = await add_statement(author, guide, await site.evidence.publish(PRACTICE), **words)
    id = statement.rpartition("/")[2]
    page = (await open_page(author, guide)).text
    assert re.search(rf'<a [^>]*href="{statement}#sure">Write it<.*?How sure we are, statement 1<', page)
    assert re.search(rf'<li><a [^>]*href="{statement}#sure">', page), "what is missing leads there, too"
    for field in ("what_to_try", "conditions", "cost_level", "effort_level"):
        assert f'href="{statement}#{field}">Change<' in page, field
    form = (await open_page(author, statement)).text
    for field in ("sure", "what_to_try", "conditions", "cost_level", "effort_level", "confidence", "reason"):
        assert f'id="{field}"' in form, field
    assert f'href="{guide}#statement-{id}"' in form
    assert "Change<" not in await (await site.browser("guide-reviewer")).text(f"{guide}/preview")


async def test_confidence_is_judged_by_cerqual_and_not_beyond_its_concerns(site: Site) -> None:
    author = await site.browser("evidence-editor")
    guide = await begin_guide(author)
    item = await site.evidence.publish(RESEARCH, design="qualitative")
    statement = await add_statement(author, guide, item)
    components = ("methodological_limitations", "coherence", "adequacy", "relevance")
    judged = {
        f"{name}_{part}": value for name in components for part, value in (("concerns", "serious"), ("reason", "Few"))
    }
    values = WORDS | judged | {"sure": "qualitative_finding", "overall": "high", "explanation": "Few people"}
    refused = await write_statement(author, statement, **values)
    assert refused.status_code == 422
    assert 'href="#overall"' in refused.text
    assert (await write_statement(author, statement, **values | {"overall": "very_low"})).status_code == 303
    incomplete = await write_statement(author, statement, **values | {"coherence_reason": ""})
    assert "Give the reason for it" in text_of(incomplete)


async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(site: Site) -> None:
    author = await site.browser("evidence-editor")
    guide = await begin_guide(author)
    values = WORDS | {"text": "x" * 601, "cost_words": "", "sure": ""}
    refused = await write_statement(author, f"{guide}/statements/new", **values)
    assert refused.status_code == 422
    for name in ("text", "cost_words", "sure"):
        assert f'href="#{name}"' in refused.text, name
    assert WORDS["what_to_try"] in refused.text
    markup = await write_statement(author, f"{guide}/statements/new", **WORDS | {"what_to_try": "<b>Ring</b>"})
    assert 'href="#what_to_try"' in markup.text
    assert await texts_of(site, guide) == []


async def test_evidence_is_searched_and_cited_beside_what_is_being_written(site: Site) -> None:
    item = await site.evidence.publish(ACCOUNT)
    await site.evidence.indexed()
    author = await site.browser("evidence-editor")
    guide = await begin_guide(author)
    path = f"{guide}/statements/new"
    searched = await write_statement(author, path, text="Not saved yet", do="search", q="week away")
    assert searched.status_code == 200
    assert "Not saved yet" in searched.text
    assert f'name="cite" value="{item}"' in searched.text
    assert await texts_of(site, guide) == [], "a search saves nothing"
    cited = await write_statement(author, path, text="Carers sleep.", cite=item, q="week away", do="stay")
    page = await follow(author, cited)
    assert "Replacement care let me sleep for the first time in a year." in page.text
    assert "Already cited" in page.text
    (statement,) = (await draft_of(site, guide))["statements"]
    assert [citation["item_id"] for citation in statement["citations"]] == [item]
    assert statement["balance"]["missing"] == ["research", "practice_knowledge"]
    path = f"{guide}/statements/{statement['id']}"
    await write_statement(author, path, text="Carers sleep.", **{f"why-{item}": "One carer slept."})
    assert (await draft_of(site, guide))["statements"][0]["citations"][0]["why"] == "One carer slept."
    removed = await follow(author, await write_statement(author, path, text="Carers sleep.", remove=item, do="stay"))
    assert "The citation is removed." in text_of(removed)


async def test_an_item_is_cited_by_its_address_or_id(site: Site) -> None:
    item, draft = await site.evidence.publish(PRACTICE), await site.evidence.draft(ACCOUNT)
    author = await site.browser("evidence-editor")
    path = f"{await begin_guide(author)}/statements/new"
    for words in (f"https://impact.example/evidence/{item}", item, item.upper()):
        searched = await write_statement(author, path, do="search", q=words)
        assert f'name="cite" value="{item}"' in searched.text
    refused = await write_statement(author, path, text="Carers sleep.", cite=draft, q=draft)
    assert refused.status_code == 422
    assert "There is no published item with this id." in text_of(refused)
    assert 'href="#q"' in refused.text


async def test_what_became_of_cited_items_is_marked(site: Site) -> None:
    author = await site.browser("evidence-editor")
    guide = await begin_guide(author)
    item, gone = await site.evidence.publish(PRACTICE), await site.evidence.publish(ACCOUNT)
    statement = await add_statement(author, guide, item)
    await write_statement(author, statement, **WORDS, cite=gone)
    changed = {"what_happened": "Families got an answer within an hour."}
    await site.evidence.json(AUTHOR, "PATCH", f"/v1/evidence/{item}", changed, If_Match="*")
    await site.evidence.json(AUTHOR, "POST", f"/v1/evidence/{gone}/withdraw")
    page = await open_page(author, statement)
    assert "<ins>within</ins>" in page.text
    assert "Remove it. Nothing can be based on it." in text_of(page)
    await write_statement(author, statement, **WORDS, **{f"current-{item}": "yes"}, remove=gone)
    (citation,) = (await draft_of(site, guide))["statements"][0]["citations"]
    assert (citation["item_id"], citation["edition"]) == (item, 2)


async def test_two_editors_write_different_statements_at_the_same_time(site: Site) -> None:
    author, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    guide, item = await begin_guide(author), await site.evidence.publish(PRACTICE)
    first = await add_statement(author, guide, item, text="First")
    second = await add_statement(author, guide, item, text="Second")
    mine, theirs = await open_page(author, first), await open_page(other, second)
    assert (await send(author, first, mine, text="First, by me")).status_code == 303
    assert (await send(other, second, theirs, text="Second, by them")).status_code == 303
    assert await texts_of(site, guide) == ["First, by me", "Second, by them"]


async def test_nobody_overwrites_a_statement_that_they_have_not_read(site: Site) -> None:
    author, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    guide = await begin_guide(author)
    path = await add_statement(author, guide, await site.evidence.publish(PRACTICE))
    mine, theirs = await open_page(author, path), await open_page(other, path)
    await send(other, path, theirs, text="Carers use breaks, they say.")
    late = await send(author, path, mine, text="Carers use breaks, I say.", what_to_try="Ring them.")
    assert late.status_code == 412
    assert "Somebody else has changed this while you were writing" in text_of(late)
    assert "<del>they</del>" in late.text
    assert "Ring them." in late.text
    assert (await texts_of(site, guide))[0] == "Carers use breaks, they say."
    assert (await send(author, path, late, text="Carers use breaks, I say.")).status_code == 303
    assert (await texts_of(site, guide))[0] == "Carers use breaks, I say."


async def test_a_statement_that_was_deleted_meanwhile_is_not_lost(site: Site) -> None:
    author, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    guide = await begin_guide(author)
    path = await add_statement(author, guide, await site.evidence.publish(PRACTICE))
    mine = await open_page(author, path)
    id = path.rpartition("/")[2]
    await press(other, guide, f"statements/{id}/delete")
    late = await send(author, path, mine, **WORDS | {"text": "Mine"})
    assert late.status_code == 412
    assert f'action="{guide}/statements/new"' in late.text
    await send(author, f"{guide}/statements/new", late, **WORDS | {"text": "Mine"})
    assert await texts_of(site, guide) == ["Mine"]


async def test_writing_does_not_take_a_guide_out_of_review_unread(site: Site) -> None:
    await site.evidence.topic()
    author, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    guide = await begin_guide(author)
    path = await add_statement(author, guide, await site.evidence.publish(PRACTICE))
    theirs, new = await open_page(other, path), await open_page(other, f"{guide}/statements/new")
    await press(author, guide, "submit")
    late = await send(other, path, theirs, text="Other words")
    assert (late.status_code, "sent for review in the meantime" in text_of(late)) == (412, True)
    assert (await send(other, f"{guide}/statements/new", new, text="More")).status_code == 412
    assert (await draft_of(site, guide))["status"] == "review"


async def test_a_second_press_adds_nothing(site: Site) -> None:
    author = await site.browser("evidence-editor")
    guide, item = await begin_guide(author), await site.evidence.publish(PRACTICE)
    new = await open_page(author, f"{guide}/statements/new")
    pressed = [await send(author, f"{guide}/statements/new", new, **WORDS) for _ in range(2)]
    assert pressed[0].headers["location"] == pressed[1].headers["location"]
    assert len(await texts_of(site, guide)) == 1
    (statement,) = (await draft_of(site, guide))["statements"]
    path = f"{guide}/statements/{statement['id']}"
    page = await open_page(author, path)
    pressed = [await send(author, path, page, **WORDS, cite=item, do="stay") for _ in range(2)]
    assert [response.status_code for response in pressed] == [303, 303]
    assert len((await draft_of(site, guide))["statements"][0]["citations"]) == 1


async def test_a_session_that_ends_loses_no_statement(site: Site) -> None:
    author = await site.browser("evidence-editor")
    guide = await begin_guide(author)
    path = await add_statement(author, guide, await site.evidence.publish(PRACTICE))
    for address, text in ((path, "Much to say."), (f"{guide}/statements/new", "Even more.")):
        page = await open_page(author, address)
        await site.end_sessions()
        sent = await send(author, address, page, **WORDS | {"text": text})
        assert sent.headers["location"].startswith("/sign-in?next=%2Fstaff%2Fguides%2F")
        await site.sign_in(author, "evidence-editor")
        again = await open_page(author, address)
        assert text in again.text
        assert "It is not saved yet." in text_of(again)
        assert (await send(author, address, again, **WORDS | {"text": text})).status_code == 303
        assert "It is not saved yet." not in await author.text(address)
    assert await texts_of(site, guide) == ["Much to say.", "Even more."]


async def test_statements_are_moved_once_and_only_as_they_were_shown(site: Site) -> None:
    author = await site.browser("evidence-editor")
    guide, item = await begin_guide(author), await site.evidence.publish(PRACTICE)
    paths = [await add_statement(author, guide, item, text=text) for text in ("One", "Two", "Three")]
    move = f"statements/{paths[2].rpartition('/')[2]}/move"
    order = hidden(await open_page(author, guide), "order")
    pressed = [await author.send_form(f"{guide}/{move}", order=order, direction="up") for _ in range(2)]
    assert await texts_of(site, guide) == ["One", "Three", "Two"]
    assert pressed[1].headers["location"] == f"{guide}?done=changed"
    assert "Nothing was saved" in await author.text(pressed[1].headers["location"])
    await press(author, guide, move, direction="down")
    assert await texts_of(site, guide) == ["One", "Two", "Three"]
    await press(author, guide, move, direction="down")
    assert await texts_of(site, guide) == ["One", "Two", "Three"]


async def test_a_deleted_statement_is_put_back_where_it_was(site: Site) -> None:
    author = await site.browser("evidence-editor")
    guide, item = await begin_guide(author), await site.evidence.publish(PRACTICE)
    paths = [await add_statement(author, guide, item, text=text) for text in ("One", "Two", "Three")]
    id = paths[1].rpartition("/")[2]
    deleted = await follow(author, await press(author, guide, f"statements/{id}/delete"))
    assert await texts_of(site, guide) == ["One", "Three"]
    assert re.search("The statement is deleted.*Two", text_of(deleted))
    for _ in range(2):
        await author.send_form(f"{guide}/statements/restore")
    assert await texts_of(site, guide) == ["One", "Two", "Three"]
    (citation,) = (await draft_of(site, guide))["statements"][1]["citations"]
    assert citation["item_id"] == item
