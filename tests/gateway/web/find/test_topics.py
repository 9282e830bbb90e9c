"""Topics, the gap map, and the front page."""

import csv
from io import StringIO

from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH
from tests.gateway.web.find.conftest import BROWSER, Library
from tests.gateway.world import StartGateway


async def rows(library: Library, path: str) -> list[list[str]]:
    response = await library.gateway.http.get(path)
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.reader(StringIO(response.text.removeprefix("\ufeff"))))


async def test_a_topic_says_what_is_known_and_what_is_missing(library: Library) -> None:
    topic = await library.world.topic("Breaks")
    item = await library.world.publish(RESEARCH, topics=[topic], country="GB-WLS")
    page = await library.open(f"/topics/{topic}")
    assert "Missing: Lived experience, Practice knowledge." in page.text
    assert "Nobody has been asked about this yet." in page.text
    assert "We do not show numbers below 10, so that nobody can be recognised." in page.text
    assert page.links(RESEARCH["title"]) == [f"/evidence/{item}"]
    table = await rows(library, f"/topics/{topic}/coverage.csv")
    assert table[1:] == [
        ["In total", "1", "0", "0"],
        ["Wales", "1", "0", "0"],
        ["2021 to 2025", "1", "0", "0"],
    ]
    shown = [[cell.text_content().strip() for cell in row] for row in page.root.iter("tr")]
    assert shown == table


async def test_a_picture_of_the_fullest_settings_says_that_the_table_has_all(library: Library) -> None:
    topic = await library.world.topic("Breaks")
    settings = ["own home", "care home", "hospital", "day centre", "school", "prison"]
    for number, setting in enumerate(settings):
        title = f"Breaks in setting {number}"
        await library.world.publish(RESEARCH, title=title, topics=[topic], setting=setting, identifiers=[])
    page = await library.open(f"/topics/{topic}")
    assert "The chart shows the 5 settings with the most. All 6 are in the table." in page.text
    assert "countries with the most" not in page.text
    (picture,) = page.root.xpath("//*[@id='coverage']/*[@aria-hidden='true']")
    drawn = {setting for setting in settings if setting.capitalize() in picture.text_content()}
    assert len(drawn) == 5
    labels = {row[0] for row in await rows(library, f"/topics/{topic}/coverage.csv")}
    assert labels >= {setting.capitalize() for setting in settings}
    assert labels == {row[0].text_content() for row in page.root.xpath("//*[@id='coverage']//tr")}


async def test_one_way_that_is_missing_most_is_named_alone_and_three_together(library: Library) -> None:
    topic = await library.world.topic("Breaks")
    await library.world.publish(RESEARCH, topics=[topic])
    await library.world.publish(ACCOUNT, topics=[topic])
    assert "The biggest gap is practice knowledge: 1 topic has none." in (await library.open("/gaps")).text
    await library.world.publish(RESEARCH, title="Falls", identifiers=[], topics=[await library.world.topic("Falls")])
    await library.world.publish(ACCOUNT, title="Food", topics=[await library.world.topic("Food")])
    await library.world.publish(PRACTICE, title="Work", topics=[await library.world.topic("Work")])
    await library.world.publish(PRACTICE, title="More on breaks", topics=[topic])
    page = await library.open("/gaps")
    assert "The three ways of knowing are missing equally often: for each, 2 topics have none." in page.text


async def test_topics_show_their_tree_and_what_each_holds(library: Library) -> None:
    above = await library.world.topic("Carers")
    below = await library.world.topic("Breaks", above)
    await library.world.publish(ACCOUNT, topics=[below])
    page = await library.open("/topics")
    assert page.headings(2)[:2] == ["Carers", "Breaks"]
    assert page.text.count("Lived experience 1") == 2
    assert (await library.open(f"/topics/{below}")).links("Carers") == [f"/topics/{above}"]


async def test_the_gap_map_says_what_is_missing_as_shapes_as_a_table_and_as_a_list(library: Library) -> None:
    full, empty = await library.world.topic("Breaks"), await library.world.topic("Falls")
    await library.world.publish(RESEARCH, topics=[full], setting="home care")
    page = await library.open("/gaps")
    assert "The biggest gaps are lived experience and practice knowledge: for each, 2 topics have none." in page.text
    (figure,) = page.root.xpath("//figure")
    assert figure.get("aria-label") == "What is known about each topic, and what is not"
    assert figure.xpath(".//*[local-name()='svg'][not(ancestor::*[@aria-hidden='true'])]") == []
    assert [row[:4] for row in await rows(library, "/gaps/coverage.csv")][1:] == [
        ["Breaks", "1", "0", "0"],
        ["Falls", "0", "0", "0"],
    ]
    missing = await library.open("/gaps?missing=research")
    assert missing.headings(3) == ["Falls"]
    assert missing.links("Falls")[0] == f"/topics/{empty}"
    nothing_at_all = await rows(library, "/gaps/coverage.csv?missing=research")
    assert [row[0] for row in nothing_at_all] == ["Topic", "Falls"]
    assert (await library.open("/gaps?missing=wisdom")).status == 422


async def test_the_front_page_shows_what_is_new_of_each_way_of_knowing(library: Library) -> None:
    topic = await library.world.topic("Breaks")
    item = await library.world.publish(ACCOUNT, topics=[topic])
    page = await library.open("/")
    assert page.links(ACCOUNT["title"]) == [f"/evidence/{item}"]
    assert page.links("Breaks")[-1] == f"/topics/{topic}"
    assert page.text.count("Nothing yet. Do you know something?") == 2


async def test_the_front_page_stands_while_no_service_answers(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(service_url="http://127.0.0.1:1")
    response = await gateway.http.get("/", headers=BROWSER)
    assert response.status_code == 200
    assert "What helps people have a life?" in response.text


async def test_names_of_topics_in_charts_say_their_language_on_a_welsh_page(library: Library) -> None:
    await library.world.topic("Breaks")
    for language, languages in (("en", [None, None]), ("cy", ["en", "en"])):
        library.gateway.http.cookies.set("impact_preferences", f"language={language}")
        page = await library.open("/gaps")
        labels = page.root.xpath("//figure//*[normalize-space(text())='Breaks' or normalize-space(a)='Breaks']")
        assert [label.get("lang") for label in labels if label.tag in ("p", "th")] == languages, language
