"""`/guides` and `/guides/{id}`: what to try, and what it rests on."""

from tests.evidence.publications.guides.guide_factories import publish_guide, statement
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH
from tests.gateway.web.find.conftest import Library
from tests.support.callers import CARER, EDITOR


async def test_a_guide_begins_with_what_to_try_today(library: Library) -> None:
    world = library.world
    account, work = await world.publish(ACCOUNT), await world.publish(RESEARCH)
    guide = await publish_guide(world, statement(account, work, what_to_try="Ask about breaks."))
    page = await library.open(f"/guides/{guide['id']}")
    assert page.headings(2)[0] == "What to try today"
    first = guide["statements"][0]
    assert page.text.index("Ask about breaks.") < page.text.index(first["text"])
    assert page.links(ACCOUNT["title"]) == [f"/evidence/{account}"]
    assert page.links(RESEARCH["title"]) == [f"/evidence/{work}"]
    assert "Missing: Practice knowledge." in page.text
    assert page.links(guide["title"]) == []
    assert (await library.open("/guides")).links(guide["title"]) == [f"/guides/{guide['id']}"]
    assert (await library.open(f"/evidence/{work}")).links(guide["title"]) == [f"/guides/{guide['id']}"]


async def test_a_statement_says_what_it_rests_on_and_when_that_is_in_doubt(library: Library) -> None:
    world = library.world
    account, practice = await world.publish(ACCOUNT), await world.publish(PRACTICE, EDITOR)
    guide = await publish_guide(world, statement(account, practice))
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    for event in await world.events():
        if type(event).__name__ == "EvidenceWithdrawn":
            await world.handle(event)
    page = await library.open(f"/guides/{guide['id']}")
    assert "Part of this guide is being checked again" in page.text
    assert "Something that this is based on was withdrawn." in page.text
    assert "and is no longer shown." in page.text
    assert ACCOUNT["title"] not in page.text


async def test_a_guide_is_read_in_an_earlier_version(library: Library) -> None:
    guide = await publish_guide(library.world, statement(await library.world.publish(RESEARCH)))
    page = await library.open(f"/guides/{guide['id']}/versions/1")
    assert page.headings(1) == [guide["title"]]
    assert (await library.open(f"/guides/{guide['id']}/versions/2")).status == 404


async def test_without_guides_the_list_leads_to_a_question(library: Library) -> None:
    page = await library.open("/guides")
    assert page.links("Ask a question") == ["/questions/ask"]


async def test_what_a_guide_cites_says_its_language(library: Library) -> None:
    world = library.world
    welsh = await world.publish(ACCOUNT | {"title": "Wythnos i ffwrdd"}, language="cy")
    english = await world.publish(RESEARCH)
    guide = await publish_guide(world, statement(welsh, english))
    for language, marked in (("en", {"Wythnos i ffwrdd": "cy"}), ("cy", {RESEARCH["title"]: "en"})):
        page = await library.open(f"/guides/{guide['id']}", Cookie=f"impact_preferences=language={language}")
        shown = {
            link.text: link.get("lang")
            for link in page.root.iter("a")
            if link.text in ("Wythnos i ffwrdd", RESEARCH["title"])
        }
        assert {title: code for title, code in shown.items() if code} == marked, language
