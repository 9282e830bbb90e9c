"""`/evidence/{id}`: one piece of evidence with all that is known of it."""

import json
from typing import Any

from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH
from tests.gateway.web.find.conftest import BROWSER, Library
from tests.support.callers import CARER, EDITOR

EASY_READ: dict[str, Any] = {
    "kind": "easy_read",
    "title": "A week away, in Easy Read",
    "content": "Mary looks after her mother. Mary slept well.",
    "made_on": "2024-03-01",
    "made_by": "user_led_organisation",
    "checked_with_readers": True,
}


async def test_easy_read_comes_before_the_account_itself(library: Library) -> None:
    item = await library.world.publish(ACCOUNT)
    await library.world.json(EDITOR, "POST", f"/v1/evidence/{item}/renditions", EASY_READ)
    page = await library.open(f"/evidence/{item}")
    assert 0 < page.text.index(EASY_READ["content"]) < page.text.index(ACCOUNT["account"])
    assert "People who use Easy Read checked it." in page.text


async def test_a_page_says_who_speaks_and_what_they_agreed_to(library: Library) -> None:
    named = await library.open(f"/evidence/{await library.world.publish(ACCOUNT)}")
    assert "Told by an unpaid carer. They agreed that it is shown here under the name Mary." in named.text
    anonymous = ACCOUNT | {"title": "Another", "consent": {"to_publish": True}}
    unnamed = await library.open(f"/evidence/{await library.world.publish(anonymous)}")
    assert "They agreed that it is shown here, without their name." in unnamed.text
    practice = await library.open(f"/evidence/{await library.world.publish(PRACTICE, EDITOR)}")
    assert "From practice: social worker." in practice.text


async def test_a_retraction_stands_before_the_title(library: Library) -> None:
    item = await library.world.publish(RESEARCH)
    notice = {"nature": "retraction", "on": "2023-04-11", "reasons": ["Error in analyses"], "source": "The publisher"}
    await library.world.json(EDITOR, "POST", f"/v1/evidence/{item}/retract", notice)
    page = await library.open(f"/evidence/{item}")
    assert page.text.index("This work was retracted, 11 April 2023") < page.text.index("Okoro, A.; Lind, B.")
    assert "Reasons given: Error in analyses." in page.text
    assert "This work was retracted" in (await library.open("/evidence")).text


async def test_what_a_newer_work_replaced_says_so_before_the_title_and_in_lists(library: Library) -> None:
    item = await library.world.publish(RESEARCH)
    notice = {"scheme": "doi", "value": "10.5555/newer.1"}
    body = {"nature": "superseded", "on": "2024-05-01", "notice": notice, "source": "An editor"}
    await library.world.json(EDITOR, "POST", f"/v1/evidence/{item}/retract", body)
    page = await library.open(f"/evidence/{item}")
    assert page.text.index("This is out of date, 1 May 2024") < page.text.index("Okoro, A.; Lind, B.")
    assert "A newer work has replaced it." in page.text
    assert page.links("Read the newer work") == ["https://doi.org/10.5555/newer.1"]
    assert page.links("Look for it in this library") == ["/search?q=doi:10.5555/newer.1"]
    await library.world.indexed()
    for path in ("/evidence", "/search?q=replacement", "/search?q=replacement&view=columns"):
        assert "This is out of date" in (await library.open(path)).text, path


async def test_a_page_describes_itself_to_other_sites_and_search_engines(library: Library) -> None:
    item = await library.world.publish(RESEARCH, summary="</script><script>alert(1)</script>")
    page = await library.open(f"/evidence/{item}")
    url = f"{library.gateway.url}/evidence/{item}"
    assert page.root.xpath("string(//link[@rel='canonical']/@href)") == url
    assert page.root.xpath("string(//meta[@property='og:title']/@content)") == RESEARCH["title"]
    (script,) = page.root.xpath("//script[@type='application/ld+json']")
    data: dict[str, Any] = json.loads(script.text)
    assert (data["@type"], data["@id"], data["name"]) == ("ScholarlyArticle", url, RESEARCH["title"])
    assert data["sameAs"] == ["https://doi.org/10.5555/abc.1"]


async def test_a_work_is_cited_in_each_style_and_taken_away_as_a_file(library: Library) -> None:
    item = await library.world.publish(RESEARCH)
    page = await library.open(f"/evidence/{item}")
    assert "Okoro, A., & Lind, B. (2021)." in page.text
    (harvard,) = page.links("Harvard")
    assert "Okoro, A. and Lind, B. (2021)" in (await library.open(harvard)).text
    (ris,) = page.links("RIS")
    response = await library.gateway.http.get(ris)
    assert response.text.startswith("TY  - ")


async def test_an_earlier_version_says_that_it_was_replaced(library: Library) -> None:
    item = await library.world.publish(RESEARCH)
    await library.world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"title": "Better words"}, If_Match="*")
    page = await library.open(f"/evidence/{item}")
    (first,) = page.links("Version 1")
    old = await library.open(first)
    assert old.headings(1) == [RESEARCH["title"]]
    assert old.links("Read the current version") == [f"/evidence/{item}"]


async def test_what_was_withdrawn_is_gone_and_a_draft_is_not_found(library: Library) -> None:
    item = await library.world.publish(ACCOUNT)
    await library.world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    page = await library.open(f"/evidence/{item}")
    assert page.status == 410
    assert ACCOUNT["title"] not in page.text
    assert (await library.open(f"/evidence/{await library.world.draft(ACCOUNT)}")).status == 404


async def test_what_was_merged_leads_to_what_it_became(library: Library) -> None:
    survivor = await library.world.publish(RESEARCH)
    other = await library.world.publish(RESEARCH | {"identifiers": [], "title": "The same, told elsewhere"})
    merge = {"into": survivor, "items": [other]}
    response = await library.world.call(EDITOR, "POST", "/v1/merges", merge)
    assert response.is_success, response.text
    page = await library.gateway.http.get(f"/evidence/{other}", headers=BROWSER)
    assert (page.status_code, page.headers["location"]) == (303, f"/evidence/{survivor}")


async def test_dates_and_numbers_are_written_as_people_write_them(library: Library) -> None:
    doi = [{"scheme": "doi", "value": "10.5555/abc"}]
    study = RESEARCH | {
        "published_on": "2021-12",
        "participants": 3900,
        "identifiers": doi,
        "url": "https://doi.org/10.5555/abc",
    }
    page = await library.open(f"/evidence/{await library.world.publish(study)}")
    facts = page.root.xpath("//dl[contains(@class, 'govuk-summary-list')]")[0].text_content()
    assert "December 2021" in facts
    assert "3,900 people" in facts
    assert "2021-12" not in facts
    assert facts.count("doi.org") == 1, "the address of a work that is its DOI is not printed again"
    alone = await library.open(
        f"/evidence/{await library.world.publish(RESEARCH | {'title': 'Alone', 'participants': 1, 'identifiers': []})}"
    )
    assert "1 person" in alone.text


async def test_a_citation_and_a_printed_page_lead_to_the_page(library: Library) -> None:
    credit = {"attribution": "person", "name": "Mary Jones"}
    item = await library.world.publish(PRACTICE | {"credit": credit}, EDITOR)
    page = await library.open(f"/evidence/{item}")
    (citation,) = page.root.find_class("impact-cite")
    assert citation.text_content().startswith("Jones, M. (")
    assert citation.text_content().endswith(f"/evidence/{item}")
    assert "/v1/" not in citation.text_content()
    (printed,) = page.root.find_class("impact-print-only")
    assert printed.text_content().endswith(f"/evidence/{item}")


async def test_topics_and_settings_of_a_welsh_page_say_their_language(library: Library) -> None:
    topic = await library.world.topic("Breaks")
    item = await library.world.publish(RESEARCH, topics=[topic], setting="At home")
    boat = await library.world.publish(ACCOUNT, setting="a narrow boat")
    welsh = {"Cookie": "impact_preferences=language=cy"}
    page = await library.open(f"/evidence/{item}", **welsh)
    assert [link.get("lang") for link in page.root.iter("a") if link.get("href") == f"/topics/{topic}"] == ["en"]
    assert "Gartref" in page.text
    page = await library.open(f"/evidence/{boat}", **welsh)
    assert [span.get("lang") for span in page.root.iter("span") if span.text == "a narrow boat"] == ["en"]
    chip = (await library.open(f"/evidence?topic={topic}", **welsh)).root.find_class("impact-chips")[0]
    assert [span.get("lang") for span in chip.iter("span") if span.text == "Breaks"] == ["en"]
