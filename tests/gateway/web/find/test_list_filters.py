"""What lists are narrowed by: places that something names, and in plain words what cannot be."""

import pytest

from gateway.identity.personas import PERSONAS
from gateway.web import vocabulary
from services.evidence.library.setting_names import SETTING_NAMES
from tests.evidence.publications.guides.guide_factories import publish_guide, statement
from tests.evidence.publications.learning.learning_factories import publish_piece
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH
from tests.gateway.web.find.conftest import Library

BAD: dict[str, tuple[str, str | None]] = {
    f"/search?q={'a' * 501}": ("Search for fewer words: use 500 characters or fewer", "q"),
    "/search?q=care&way_of_knowing=x": ("We do not recognise this way of knowing", None),
    "/search?q=care&from=abc": ("Write the first year with four digits, such as 2019", "from"),
    "/search?q=care&to=20": ("Write the last year with four digits, such as 2024", "to"),
    "/search?q=care&from=2020&to=2019": ("The last year is before the first year. Change one of them", "to"),
    "/search?q=care&country=zz": ("We do not recognise this country", None),
    "/search?q=care&ranking=x": ("We do not recognise this order of results", None),
    "/evidence?country=zz": ("We do not recognise this country. Choose one from the list", "country"),
    "/evidence?topic=x": ("We do not recognise this topic. Choose one from the list", "topic"),
    "/evidence?topic=01900000-0000-7000-8000-000000000001": ("We do not recognise this topic", "topic"),
    "/evidence?cursor=x": ("This part of the list is no longer available", None),
    f"/evidence?setting={'a' * 121}": ("Write the setting in at most 120 characters", "setting"),
    "/guides?way_of_knowing=x": ("We do not recognise this way of knowing", "way_of_knowing"),
    "/guides?cites=x": ("We do not recognise this evidence item", None),
    "/gaps?missing=x": ("We do not recognise this way of knowing", "missing"),
    "/questions?topic=x": ("We do not recognise this topic. Choose one from the list", "topic"),
    f"/questions?q={'a' * 501}": ("Search for fewer words", "q"),
    "/learning?max_minutes=a": ("Choose how many minutes you have from the list", "max_minutes"),
    "/learning?country=zz&item=x": ("We do not recognise this country. Choose one from the list", "country"),
    "/line-of-sight?from=x": ("We do not know where to start", None),
}
"""By address: what the page says, and the field that it leads to."""
WORDS_OF_THE_API = ("pattern", "string should", "input should", "ISO 3166", "?", "UUID", "cursor")


async def test_a_filter_that_cannot_be_is_said_in_plain_words_at_its_field(library: Library) -> None:
    await library.world.topic()
    for address, (error, field) in BAD.items():
        page = await library.open(address)
        assert page.status == 422, address
        (summary,) = page.root.find_class("govuk-error-summary")
        text = " ".join(summary.text_content().split())
        assert error in text, (address, text)
        assert not [word for word in WORDS_OF_THE_API if word in text], (address, text)
        links = [link.get("href") for link in summary.iter("a")]
        assert (f"#{field}" in links) if field else not links, (address, links)
        assert all(page.root.get_element_by_id(href[1:]) is not None for href in links), (
            "each leads to something on the page"
        )
        assert page.headings(1), address


async def test_what_is_wrong_is_said_in_welsh_on_welsh_pages(library: Library) -> None:
    page = await library.open("/evidence?country=zz", Cookie="impact_preferences=language=cy")
    (summary,) = page.root.find_class("govuk-error-summary")
    assert "We do not know" not in summary.text_content()


async def test_lists_are_narrowed_by_every_place_that_something_names(library: Library) -> None:
    world = library.world
    irish = await world.publish(ACCOUNT, country="IE", setting="At home")
    whole = await world.publish(RESEARCH, country="GB", setting="a narrow boat", language="cy")
    await world.publish(PRACTICE)
    await publish_guide(world, statement(irish), title="Breaks in Ireland")
    await publish_guide(world, statement(whole), title="Breaks on water")
    await publish_piece(world, items=[{"id": irish}], title="Asking in Ireland")
    await publish_piece(world, title="Asking in the team")
    for path in ("/evidence", "/guides", "/learning", "/gaps"):
        page = await library.open(path)
        countries = {
            option.get("value"): option.text for option in page.root.get_element_by_id("country").iter("option")
        }
        assert {"IE": "Ireland", "GB": "United Kingdom", "GB-WLS": "Wales"}.items() <= countries.items(), path
        settings = {
            option.get("value"): option.text for option in page.root.get_element_by_id("setting").iter("option")
        }
        assert {"own home": "At home", "a narrow boat": "a narrow boat"}.items() <= settings.items(), path
    page = await library.open("/guides?country=IE&setting=At+home")
    assert page.links("Breaks in Ireland")
    assert not page.links("Breaks on water")
    chosen = [option.get("value") for option in page.root.iter("option") if option.get("selected") is not None]
    assert [value for value in chosen if value] == ["IE", "own home"]
    assert "not name a country" not in page.text
    page = await library.open("/learning?country=IE")
    assert page.links("Asking in Ireland")
    assert not page.links("Asking in the team")
    assert "1 more does not name a country." in page.text
    (up_to_five,) = page.links("Up to 5")
    assert up_to_five == "/learning?max_minutes=5&country=IE"


async def test_a_list_without_what_was_chosen_says_so_and_leads_back(library: Library) -> None:
    await publish_guide(library.world, statement(await library.world.publish(RESEARCH)))
    page = await library.open("/guides?country=GB-NIR")
    assert page.status == 200
    assert "No guide matches yet" in page.headings(2)
    assert "1 more does not name a country." in page.text


def test_every_persona_has_a_name_on_pages() -> None:
    assert {persona.key: persona.name for persona in PERSONAS} == vocabulary.PERSONAS


@pytest.mark.parametrize(("written", "shown"), [("Own home", "At home"), ("a narrow boat", "a narrow boat")])
def test_a_setting_is_shown_by_its_name(written: str, shown: str) -> None:
    assert vocabulary.setting(written) == shown


def test_every_setting_of_the_library_has_a_name_on_pages() -> None:
    assert set(SETTING_NAMES) <= set(vocabulary.SETTINGS)


def test_a_country_is_called_by_its_name_in_the_language_of_the_page() -> None:
    names = {language: vocabulary.country("DE", language) for language in ("en", "cy")}
    assert names == {"en": "Germany", "cy": "Yr Almaen"}
