"""`/line-of-sight?from=`: the thread from a voice to a change, both ways."""

import csv
from io import StringIO
from uuid import UUID

from shared.events.contracts.evidence import EvidencePublished, EvidenceWithdrawn
from tests.evidence.line_of_sight.example_thread import ExampleThread
from tests.evidence.world import ACCOUNT, RESEARCH
from tests.gateway.web.find.conftest import Library, PageContent


async def thread_of(library: Library) -> ExampleThread:
    world = library.world
    topic = await world.topic("Breaks")
    thread = ExampleThread(UUID(topic), UUID(await world.publish(ACCOUNT, topics=[topic])))
    for event in [*thread.events, *thread.into_practice]:
        await world.handle(event)
    return thread


def section(page: PageContent, heading: str) -> str:
    (part,) = page.root.xpath(f"//section[@aria-labelledby='{heading}']")
    return " ".join(part.text_content().split())


async def test_a_thread_is_walked_both_ways(library: Library) -> None:
    thread = await thread_of(library)
    page = await library.open(f"/line-of-sight?from=evidence:{thread.item}")
    assert "Breaks" in section(page, "before")
    after = section(page, "after")
    assert "Project" in after
    assert "Outcome" in after
    (follow,) = page.links("Follow from here: Breaks")
    assert follow == f"/line-of-sight?from=topic:{thread.topic}"
    assert ACCOUNT["title"] in section(await library.open(follow), "after")


async def test_the_picture_the_list_and_the_table_hold_the_same(library: Library) -> None:
    thread = await thread_of(library)
    page = await library.open(f"/line-of-sight?from=evidence:{thread.item}")
    (picture,) = page.root.xpath("//*[local-name()='svg'][@role='img']")
    links = picture.xpath("*[local-name()='path']")
    (rows,) = page.links("Download these rows")
    response = await library.gateway.http.get(rows)
    table = list(csv.reader(StringIO(response.text.removeprefix("\ufeff"))))
    assert table[0] == ["From", "Kind", "What happened", "To", "Kind"]
    assert 0 < len(links) <= len(table) - 1
    assert [[cell.text_content().strip() for cell in row] for row in page.root.iter("tr")] == table


async def test_titles_in_the_table_say_their_language(library: Library) -> None:
    world = library.world
    topic = await world.topic("Breaks")
    item = await world.publish(ACCOUNT, title="Gofalu am Dad", language="cy", topics=[topic])
    event = EvidencePublished(item_id=UUID(item), way_of_knowing="lived_experience", topic_ids=(UUID(topic),))
    await world.handle(event)
    for language, foreign in (("en", {"Gofalu am Dad": "cy"}), ("cy", {"Breaks": "en"})):
        library.gateway.http.cookies.set("impact_preferences", f"language={language}")
        page = await library.open(f"/line-of-sight?from=evidence:{item}")
        cells = page.root.xpath("//tbody//*[self::th or self::td][@lang]")
        assert {cell.text_content(): cell.get("lang") for cell in cells} == foreign, language


async def test_no_way_of_knowing_hides_another_in_the_picture(library: Library) -> None:
    world = library.world
    topic = await world.topic("Breaks")
    for number in range(6):
        item = await world.publish(RESEARCH, title=f"Study {number}", identifiers=[], topics=[topic])
        await world.handle(EvidencePublished(item_id=UUID(item), way_of_knowing="research", topic_ids=(UUID(topic),)))
    account = await world.publish(ACCOUNT, topics=[topic])
    event = EvidencePublished(item_id=UUID(account), way_of_knowing="lived_experience", topic_ids=(UUID(topic),))
    await world.handle(event)
    page = await library.open(f"/line-of-sight?from=topic:{topic}")
    (picture,) = page.root.xpath("//*[local-name()='svg'][@role='img']")
    shown = " ".join(picture.text_content().split())
    assert "Lived experience" in shown
    assert "and 4 more" in shown


async def test_few_people_are_told_as_few_and_not_as_a_blank(library: Library) -> None:
    thread = await thread_of(library)
    page = await library.open(f"/line-of-sight?from=evidence:{thread.item}")
    assert "fewer than 10 people" in page.text or "at least" in page.text
    assert "so that nobody can be recognised" in page.text


async def test_what_is_on_no_thread_is_not_found_and_nonsense_is_refused(library: Library) -> None:
    assert (await library.open("/line-of-sight?from=evidence:01900000-0000-7000-8000-000000000001")).status == 404
    assert (await library.open("/line-of-sight?from=nothing")).status == 422
    assert (await library.open("/line-of-sight")).headings(1) == ["From a voice to a change"]


async def test_a_thread_from_what_was_withdrawn_says_so(library: Library) -> None:
    thread = await thread_of(library)
    address = f"/line-of-sight?from=evidence:{thread.item}"
    assert not (await library.open(address)).root.find_class("impact-alert")
    await library.world.handle(EvidenceWithdrawn(item_id=thread.item))
    page = await library.open(address)
    assert page.status == 200
    (alert,) = page.root.find_class("impact-alert")
    assert "This was withdrawn" in alert.text_content()


async def test_titles_on_a_welsh_thread_say_their_language(library: Library) -> None:
    thread = await thread_of(library)
    page = await library.open(f"/line-of-sight?from=topic:{thread.topic}", Cookie="impact_preferences=language=cy")
    (heading,) = page.root.iter("h1")
    assert [span.get("lang") for span in heading.iter("span") if span.text == "Breaks"] == ["en"]
    assert [link.get("lang") for link in page.root.iter("a") if link.text == ACCOUNT["title"]][:1] == ["en"]
