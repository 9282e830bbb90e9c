"""`/search` and `/evidence`: finding what is known."""

import csv
from io import StringIO
from typing import Any

from tests.evidence.publications.guides.guide_factories import publish_guide, statement
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH
from tests.gateway.web.find.conftest import BROWSER, Library
from tests.support.callers import EDITOR


async def three(library: Library, **more: Any) -> list[str]:
    world = library.world
    items = [await world.publish(RESEARCH, **more), await world.publish(ACCOUNT, **more)]
    items.append(await world.publish(PRACTICE, EDITOR, **more))
    await world.indexed()
    return items


async def test_a_search_shows_the_three_ways_of_knowing_and_what_each_contributes(library: Library) -> None:
    items = await three(library)
    page = await library.open("/search?q=replacement+care")
    assert "3 results" in page.text
    for item, title in zip(items, (RESEARCH["title"], ACCOUNT["title"], PRACTICE["title"]), strict=True):
        assert page.links(title) == [f"/evidence/{item}"]
    assert "of what you see first" in page.text
    (rows,) = page.links("Download these rows")
    response = await library.gateway.http.get(rows)
    table = list(csv.reader(StringIO(response.text.removeprefix("\ufeff"))))
    assert [row[0] for row in table] == ["Way of knowing", "Research", "Lived experience", "Practice knowledge"]
    assert [row[3] for row in table[1:]] == ["1", "1", "1"]
    shown = [[cell.text_content().strip() for cell in row] for row in page.root.iter("tr")]
    assert shown == table


async def test_the_three_ways_stand_side_by_side_on_request(library: Library) -> None:
    await three(library)
    (side_by_side,) = (await library.open("/search?q=replacement+care")).links("side by side")
    page = await library.open(side_by_side)
    assert [h for h in page.headings(3) if h in ("Research", "Lived experience", "Practice knowledge")] == [
        "Research",
        "Lived experience",
        "Practice knowledge",
    ]
    assert page.links("Show them in one list") == ["/search?q=replacement+care"]


async def test_guides_have_their_place_beside_the_three_ways_and_the_counts_add_up(library: Library) -> None:
    research, account, practice = await three(library)
    guide = await publish_guide(
        library.world, statement(research, account, practice), title="Replacement care: what helps"
    )
    await library.world.indexed()
    one_list = await library.open("/search?q=replacement+care&view=")
    total = int(next(h for h in one_list.headings(2) if h.endswith(" results")).split()[0])
    assert total == 4
    assert "1 of these is a guide. It counts towards each way of knowing that it is based on." in one_list.text
    page = await library.open("/search?q=replacement+care&view=columns")
    assert page.links("Replacement care: what helps") == [f"/guides/{guide['id']}"]
    (rows,) = page.links("Download these rows")
    table = list(csv.reader(StringIO((await library.gateway.http.get(rows)).text.removeprefix("\ufeff"))))
    assert table[1:] == [["Guides", "1"], ["Research", "1"], ["Lived experience", "1"], ["Practice knowledge", "1"]]
    assert sum(int(row[1]) for row in table[1:]) == total
    assert "The same number of results come from each of these" in page.text
    alone = await library.open("/search?q=replacement+care&view=columns&is=guide")
    assert [heading for heading in alone.headings(3) if heading in ("Guides", "Research")] == ["Guides"]


async def test_each_column_has_pages_of_its_own_and_filters_stay(library: Library) -> None:
    topic = await library.world.topic("Breaks")
    for number in range(10):
        title = f"Breaks {number}"
        await library.world.publish(RESEARCH, title=title, topics=[topic], identifiers=[])
        await library.world.publish(PRACTICE, EDITOR, title=f"Sitters {number}, for breaks", topics=[topic])
    await library.world.indexed()
    (side_by_side,) = (await library.open(f"/search?q=breaks&topic={topic}")).links("side by side")
    first = await library.open(side_by_side)
    assert first.links("Topic: Breaks") == ["/search?q=breaks&view=columns"]
    assert "Most results" not in first.text
    research, _practice = first.links("More of 10")
    second = await library.open(research)
    titles = {link for page in (first, second) for link in page.links("Breaks ")}
    assert len([title for title in titles if title.startswith("/evidence/")]) == 10
    assert second.links("From the beginning") == [f"/search?q=breaks&topic={topic}&view=columns#way-research"]
    both = await library.open(second.links("More of 10")[0])
    assert len(both.links("From the beginning")) == 2
    assert len(both.links("Breaks ")) == len(second.links("Breaks "))
    assert both.links("Show them in one list") == [f"/search?q=breaks&topic={topic}"]
    assert (await library.open(f"{side_by_side}&research_cursor=x")).status == 422


async def test_a_choice_narrows_the_results_down_and_can_be_taken_away(library: Library) -> None:
    topic = await library.world.topic("Breaks")
    await three(library, topics=[topic])
    page = await library.open("/search?q=replacement+care")
    (narrower,) = page.links("Breaks")
    assert narrower == f"/search?q=replacement+care&topic={topic}"
    narrowed = await library.open(f"{narrower}&way_of_knowing=research")
    assert "1 result" in narrowed.text
    assert narrowed.links("Topic: Breaks") == ["/search?q=replacement+care&way_of_knowing=research"]
    assert not narrowed.links(ACCOUNT["title"])


async def test_more_results_lead_to_the_next_page(library: Library) -> None:
    for number in range(21):
        await library.world.publish(RESEARCH, title=f"Breaks {number}", identifiers=[])
    await library.world.indexed()
    first = await library.open("/search?q=breaks")
    (more,) = first.links("More results")
    second = await library.open(more)
    titles = {heading for page in (first, second) for heading in page.headings(3) if heading.startswith("Breaks")}
    assert len(titles) == 21
    assert not second.links("More results")


async def test_nothing_found_leads_to_other_ways_and_to_a_question(library: Library) -> None:
    await three(library)
    page = await library.open("/search?q=zzzq")
    assert "We found nothing for this" in page.headings(2)
    assert page.links("Ask a question") == ["/questions/ask?q=zzzq"]


async def test_a_spelling_mistake_is_told_and_what_was_looked_for(library: Library) -> None:
    await three(library)
    page = await library.open("/search?q=repalcement+care")
    assert "We found nothing with that spelling, so we searched for replacement care." in page.text


async def test_years_that_make_no_sense_are_an_error_at_their_field(library: Library) -> None:
    page = await library.open("/search?q=care&from=soon")
    assert page.status == 422
    assert "#from" in [link.get("href") for link in page.root.iter("a")]
    assert page.root.get_element_by_id("from").get("value") == "soon"


async def test_choices_without_words_lead_to_the_list(library: Library) -> None:
    response = await library.gateway.http.get("/search?q=&way_of_knowing=research&from=2020", headers=BROWSER)
    assert (response.status_code, response.headers["location"]) == (303, "/evidence?way_of_knowing=research")


async def test_words_of_a_work_are_no_elements_of_the_page(library: Library) -> None:
    await library.world.publish(RESEARCH, title="Care <script>alert(1)</script> <mark>x</mark>", identifiers=[])
    await library.world.indexed()
    page = await library.open("/search?q=care")
    assert "alert(1)" in page.text
    assert not [script for script in page.root.iter("script") if "alert" in (script.text or "")]


async def test_the_list_shows_the_ways_in_turns_and_filters(library: Library) -> None:
    await three(library)
    page = await library.open("/evidence")
    assert len(page.headings(2)) == 3
    only = await library.open("/evidence?way_of_knowing=lived_experience&cursor=")
    assert only.headings(2) == [ACCOUNT["title"]]
    assert only.links("Way of knowing: Lived experience") == ["/evidence"]
    assert (await library.open("/evidence?country=nowhere")).status == 422


async def test_addresses_of_the_api_lead_browsers_to_pages_with_their_query(library: Library) -> None:
    (item, *_) = await three(library)
    for path, page in (
        (f"/v1/evidence/{item}", f"/evidence/{item}"),
        (f"/v1/evidence/{item}/versions/1", f"/evidence/{item}/versions/1"),
        (f"/v1/evidence/{item}/appraisals", f"/evidence/{item}"),
        ("/v1/evidence?way_of_knowing=research", "/evidence?way_of_knowing=research"),
        ("/v1/search?q=care&from=2019", "/search?q=care&from=2019"),
        ("/v1/topics/tree", "/topics"),
        ("/v1/topics/gaps?missing=research", "/gaps?missing=research"),
        ("/v1/guides", "/guides"),
        (f"/v1/line-of-sight?from=evidence:{item}", f"/line-of-sight?from=evidence:{item}"),
    ):
        response = await library.gateway.http.get(path, headers=BROWSER)
        assert (response.status_code, response.headers.get("location")) == (303, page), path
        assert (await library.gateway.http.get(path)).headers["content-type"].endswith("json")
