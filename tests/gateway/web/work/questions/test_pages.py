"""The queue of questions, its filters, and a question with all that an editor can do."""

from urllib.parse import quote

from sqlalchemy import text

from tests.gateway.web.contributions.world import FROM_HERE, Site, text_of
from tests.gateway.web.work.questions.world import (
    ASKER,
    COLLEAGUE,
    ME,
    PATH,
    PUBLIC,
    WORDS,
    WORK,
    ask,
    call,
    editor_of,
    publish_study,
)


async def test_the_queue_says_how_long_each_waits_and_who_has_it_without_a_name(site: Site) -> None:
    mine, theirs, late = [await ask(site.evidence) for _ in range(3)]
    await call(site, ME, mine, "assign")
    await call(site, COLLEAGUE, theirs, "assign")
    async with site.evidence.database.transaction() as uow:
        statement = text("UPDATE evidence_requests SET due_at = now() - interval '3 days' WHERE id = :id")
        await uow.session.execute(statement, {"id": late})
        await uow.session.execute(text("UPDATE request_turns SET asked_at = now() - interval '5 hours'"))
    editor = await editor_of(site)
    page = await editor.text(WORK)
    assert "3 in total" in page
    assert page.index("Overdue by 3 days.") < page.index("You have it.") < page.index("A colleague has it until")
    assert page.count("Waiting for 5 hours.") == 3
    assert str(COLLEAGUE.id) not in (await editor.get(WORK)).text
    assert "You have it." in await editor.text(f"{WORK}?mine=true")
    assert "1 in total" in await editor.text(f"{WORK}?status=open")


async def test_every_filter_of_the_api_is_one_of_the_page(site: Site) -> None:
    topic = await site.evidence.topic("Breaks")
    await ask(site.evidence, topics=[topic], country="GB-WLS", setting="Home care", urgency="today")
    await ask(site.evidence)
    answered = await ask(site.evidence)
    await call(site, ME, answered, "answer", {"answer": "One hour."})
    await call(site, ASKER, answered, "use", {"used": "no", "what_happened": "She slept."})
    editor = await editor_of(site)
    totals = {
        "": 2,
        "urgency=today": 1,
        "status=closed": 1,
        "status=assigned": None,
        f"topic={topic}": 1,
        "used=no": 1,
        "used=yes": None,
        "what_happened=true": 1,
        "in_doubt=true": None,
        "in_doubt=false": 2,
        "mine=true": None,
        "country=GB": 1,
        "setting=home+care": 1,
        "from=2020-01-01&to=2020-02-01": None,
        "from=2020-01-01": 2,
    }
    for query, total in totals.items():
        page = await editor.text(f"{WORK}?{query}" if query else WORK)
        expected = "No questions match" if total is None else f"{total} in total"
        assert expected in page, query
    page = await editor.text(f"{WORK}?country=GB&setting=home+care")
    assert "not name a" not in page
    assert "1 more does not name a country." in await editor.text(f"{WORK}?country=GB")
    assert "1 more does not name a setting." in await editor.text(f"{WORK}?setting=home+care")
    form = await editor.get(f"{WORK}?urgency=&status=closed&topic=&used=&from=", 303)
    assert form.headers["location"] == f"{WORK}?status=closed"
    refused = await editor.get(f"{WORK}?from=yesterday", 422)
    assert 'href="#from"' in refused.text
    leads = await editor.browser.get(f"{PATH}/queue?status=closed&mine=true", headers=FROM_HERE)
    assert leads.headers["location"] == f"{WORK}?status=closed&mine=true"


async def test_the_queue_goes_on_page_by_page(site: Site) -> None:
    for _ in range(21):
        await ask(site.evidence)
    editor = await editor_of(site)
    first = await editor.get(f"{WORK}?status=open")
    assert ("21 in total" in text_of(first), first.text.count('name="chosen"')) == (True, 20)
    following = first.text.partition('" rel="next"')[0].rpartition('href="')[2].replace("&amp;", "&")
    assert (await editor.get(following)).text.count('name="chosen"') == 1


async def test_a_question_shows_what_is_like_it_and_what_may_answer_it(site: Site) -> None:
    study = await publish_study(site)
    answered, id = await ask(site.evidence), await ask(site.evidence)
    await call(site, ME, answered, "answer", {"answer": "One hour."})
    await call(site, ME, answered, "publish", {"question": PUBLIC, "answer": "One hour at home is a start."})
    editor = await editor_of(site)
    page = await editor.get(f"{WORK}/{id}")
    assert f'href="/evidence/{study}"' in page.text
    assert f'href="/questions/{answered}"' in page.text
    assert WORDS in text_of(page)
    public = await editor.get(f"/questions/{answered}")
    assert f'href="{WORK}/{answered}"' in public.text


async def test_what_became_of_an_answer_stands_with_its_question(site: Site) -> None:
    id = await ask(site.evidence)
    await call(site, ME, id, "answer", {"answer": "One hour."})
    await call(site, ASKER, id, "use", {"used": "no", "what_happened": "She said no."})
    editor = await editor_of(site)
    page = await editor.text(f"{WORK}/{id}")
    assert "They did not use the answer. She said no." in page
    await call(site, ASKER, id, "withdraw")
    page = await editor.text(f"{WORK}/{id}")
    assert ("The person who asked has withdrawn this question." in page, "Mill Lane" in page) == (True, False)


async def test_figures_are_sentences_tables_and_files_of_the_same_rows(site: Site) -> None:
    id = await ask(site.evidence)
    await call(site, ME, id, "answer", {"answer": "One hour."})
    await call(site, ASKER, id, "use", {"used": "yes"})
    editor = await editor_of(site)
    assert (
        "People in the last year: 1 had an answer, 1 used at least one, 0 left at least one unused."
        in await editor.text(WORK)
    )
    page = await editor.text(f"{WORK}/figures")
    assert (
        "This week: half get an answer in less than an hour. The aim is 7 days. 100 per cent are answered in time."
        in page
    )
    assert "Today: too few people have had an answer to say how soon." in page
    turnaround = await editor.get(f"{WORK}/figures/turnaround.csv")
    assert "This week,1,0,168,0,0,100" in turnaround.text
    use = await editor.get(f"{WORK}/figures/use.csv")
    assert ("Used an answer,1\r\n" in use.text, use.headers["content-type"]) == (True, "text/csv; charset=utf-8")


async def test_these_pages_are_for_editors(site: Site) -> None:
    id = await ask(site.evidence)
    carer, stranger = await site.browser("carer"), await site.browser()
    paths = [
        "",
        "/figures",
        "/several",
        f"/{id}",
        f"/{id}/answer",
        f"/{id}/publish",
        f"/{id}/topics",
        f"/{id}/decide/1",
    ]
    for path in paths:
        assert (await carer.get(f"{WORK}{path}", headers=FROM_HERE)).status_code == 403, path
        response = await stranger.get(f"{WORK}{path}", headers=FROM_HERE)
        assert response.headers["location"] == f"/sign-in?next={quote(WORK + path, safe='')}"
    for path in (f"/{id}/assign", f"/{id}/answer", f"/{id}/publish", f"/{id}/topics", "/several"):
        assert (await carer.send_form(f"{WORK}{path}")).status_code == 403, path
