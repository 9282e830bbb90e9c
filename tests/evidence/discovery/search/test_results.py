"""The results of a search: what is found, in which order, with which highlights and filters."""

from html import unescape

from shared import clock
from tests.evidence.discovery.search.searches import found_ids, publish_works
from tests.evidence.publications.guides.guide_factories import (
    RETRACTED,
    REVIEWER,
    handle_item_events,
    merge,
    publish_guide,
    publish_papers,
    statement,
)
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import EDITOR, NOBODY


async def test_a_guide_is_found_by_what_its_statements_say_and_counts_for_the_ways_that_speak_in_it(
    world: EvidenceWorld,
) -> None:
    account, practice = await world.publish(ACCOUNT), await world.publish(PRACTICE)
    cited = statement(account, practice, what_to_try="Ring a lighthouse keeper.")
    guide = await publish_guide(world, cited, title="Breaks without forms")
    await world.indexed()
    response = await world.search("lighthouse")
    (item,) = response["items"]
    assert (item["is"], item["id"], item["title"]) == ("guide", guide["id"], "Breaks without forms")
    assert set(item["ways_of_knowing"]) == {"lived_experience", "practice_knowledge"}
    assert item["highlights"]["text"] == ["Ring a <mark>lighthouse</mark> keeper."]
    attention = {c["way_of_knowing"]: (c["matches"], c["attention"]) for c in response["contributions"]}
    assert attention == {
        "research": (0, 0.0),
        "lived_experience": (1, 0.5),
        "practice_knowledge": (1, 0.5),
    }
    assert response["facets"]["is"] == [{"value": "guide", "count": 1}]
    assert await found_ids(world, "lighthouse", way_of_knowing="lived_experience") == [guide["id"]]
    assert await found_ids(world, "lighthouse", way_of_knowing="research") == []
    assert guide["id"] in await found_ids(world, "breaks", **{"is": "guide"})
    assert guide["id"] not in await found_ids(world, "breaks", **{"is": "item"})


async def test_the_same_ways_speak_in_a_guide_wherever_it_is_shown(world: EvidenceWorld) -> None:
    taken_back, stays = await publish_papers(world, "Taken back", "Stays")
    (double,) = await publish_papers(world, "Stays, once more")
    practice = await world.publish(PRACTICE)
    first = await publish_guide(world, statement(taken_back, practice), title="Lighthouse one")
    second = await publish_guide(world, statement(double, practice), title="Lighthouse two")
    await world.json(EDITOR, "POST", f"/v1/evidence/{taken_back}/retract", RETRACTED)
    await merge(world, double, into=stays)
    await handle_item_events(world)
    await world.indexed()
    guides = (await world.json(NOBODY, "GET", "/v1/guides"))["items"]
    ways_of = {guide["id"]: guide["ways_of_knowing"] for guide in guides}
    assert ways_of == {first["id"]: ["practice_knowledge"], second["id"]: ["practice_knowledge", "research"]}
    response = await world.search("lighthouse")
    assert {item["id"]: sorted(item["ways_of_knowing"]) for item in response["items"]} == ways_of
    assert [c["matches"] for c in response["contributions"]] == [1, 0, 2]
    assert await found_ids(world, "lighthouse", way_of_knowing="research") == [second["id"]]


async def test_a_withdrawn_guide_is_gone_at_once(world: EvidenceWorld) -> None:
    guide = await publish_guide(
        world, statement(await world.publish(PRACTICE), what_to_try="Ring a lighthouse keeper.")
    )
    await world.indexed()
    await world.json(REVIEWER, "POST", f"/v1/guides/{guide['id']}/withdraw", {"reason": "superseded"})
    assert await found_ids(world, "lighthouse") == []
    await world.indexed()
    assert (await world.search("lighthouse"))["total"] == 0


async def test_highlights_hold_no_html_but_their_marks(world: EvidenceWorld) -> None:
    await world.publish(PRACTICE, title="Care & <b>night</b>", what_was_done="A <script>night()</script> shift.")
    await world.indexed()
    (item,) = (await world.search("night"))["items"]
    assert item["highlights"]["title"] == "Care &amp; &lt;b&gt;<mark>night</mark>&lt;/b&gt;"
    assert item["highlights"]["text"] == ["A &lt;script&gt;<mark>night</mark>()&lt;/script&gt; shift."]


async def test_a_long_text_is_shown_where_the_words_stand_together(world: EvidenceWorld) -> None:
    text = f"{'Nothing of it. ' * 60}Then a lighthouse keeper sat up all night.{' Nothing more.' * 60}"
    await world.publish(PRACTICE, what_was_done=f"A night. {text}", what_happened="")
    await world.indexed()
    (item,) = (await world.search("lighthouse keeper night"))["items"]
    (snippet,) = item["highlights"]["text"]
    assert "<mark>lighthouse</mark> <mark>keeper</mark> sat up all <mark>night</mark>" in snippet
    assert snippet.startswith("\u2026 ")
    assert snippet.endswith(" \u2026")
    assert len(snippet) < 400


FILTERS: list[tuple[dict[str, str], bool]] = [
    ({"country": "GB"}, True),
    ({"country": "GB-NIR"}, True),
    ({"country": "GB-WLS"}, False),
    ({"setting": "care home"}, True),
    ({"setting": "CARE HOME"}, True),
    ({"setting": "care"}, False),
    ({"from": "2021"}, True),
    ({"from": "2021-06"}, False),
    ({"from": "2021-05-20"}, True),
    ({"to": "2021-05-01"}, True),
    ({"to": "2021-04"}, False),
    ({"from": "2020", "to": "2022"}, True),
    ({"language": "en"}, True),
    ({"language": "cy"}, False),
    ({"kind": "journal_article"}, True),
    ({"kind": "book"}, False),
    ({"design": "quantitative"}, True),
    ({"design": "review"}, False),
    ({"way_of_knowing": "research"}, True),
]


async def test_filters_narrow_a_search_and_an_export_alike(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH, country="GB-NIR", setting="care home")
    await world.indexed()
    for filters, finds in FILTERS:
        assert await found_ids(world, "replacement care", **filters) == ([item] if finds else []), filters
        async with world.client_for(NOBODY) as http:
            exported = await http.get("/v1/exports/evidence", params={"format": "csl-json", **filters})
        assert exported.is_success, exported.text
        assert (RESEARCH["title"] in exported.text) is finds, filters


async def test_a_filter_that_cannot_be_is_refused_in_plain_words(world: EvidenceWorld) -> None:
    for filters in ("from=soon", "country=Wales", "language=English", "kind=film", "is=page"):
        problem = await world.problem(NOBODY, "GET", f"/v1/search?q=care&{filters}")
        assert problem["status"] == 422
        assert problem["errors"]


async def test_an_account_is_dated_by_when_the_library_showed_it(world: EvidenceWorld) -> None:
    account = await world.publish(ACCOUNT)
    await world.indexed()
    assert await found_ids(world, "sleep", **{"from": "2020"}) == [account]
    assert await found_ids(world, "sleep", to="2020") == []


async def test_research_without_a_date_is_of_no_year(world: EvidenceWorld) -> None:
    await world.publish(RESEARCH, published_on=None, period={"from": "2018", "to": "2019"})
    practice = await world.publish(PRACTICE)
    await world.indexed()
    response = await world.search("replacement care")
    this_year = str(clock.today().year)
    assert (response["total"], response["facets"]["years"]) == (2, [{"value": this_year, "count": 1}])
    assert await found_ids(world, f"replacement care year:{this_year}") == [practice]
    for filters in ({"from": "2000"}, {"to": "2100"}, {"from": "2018", "to": "2100"}):
        async with world.client_for(NOBODY) as http:
            exported = await http.get("/v1/exports/evidence", params={"format": "csl-json", **filters})
        assert [work["title"] for work in exported.json()] == [PRACTICE["title"]], filters
        assert await found_ids(world, "replacement care", **filters) == [practice], filters


async def test_a_search_says_that_it_is_not_ready_while_the_index_is_first_built(world: EvidenceWorld) -> None:
    response = await world.call(NOBODY, "GET", "/v1/search?q=care")
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert response.json()["title"] == "The search is not ready yet"


async def test_what_is_personal_and_not_shown_is_not_found(world: EvidenceWorld) -> None:
    await world.publish(ACCOUNT, consent={"to_publish": True, "attribution": "anonymous", "name": "Gwenhwyfar"})
    await world.indexed()
    assert await found_ids(world, "Gwenhwyfar") == []


async def test_a_guide_that_changes_is_found_by_its_new_words_alone(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    guide = await publish_guide(world, statement(item, what_to_try="Ring a lighthouse keeper."))
    await world.indexed()
    whole = await world.json(EDITOR, "GET", f"/v1/guides/{guide['id']}")
    again = [{**statement(item, what_to_try="Ring a giraffe."), "id": whole["statements"][0]["id"]}]
    path = f"/v1/guides/{guide['id']}"
    await world.json(EDITOR, "PATCH", path, {"statements": again}, If_Match="*")
    await world.indexed()
    assert await found_ids(world, "lighthouse") == [guide["id"]]
    await world.json(EDITOR, "POST", f"{path}/submit")
    await world.json(REVIEWER, "POST", f"{path}/publish")
    await world.indexed()
    assert await found_ids(world, "giraffe") == [guide["id"]]
    assert await found_ids(world, "lighthouse") == []


async def test_a_way_of_knowing_that_says_it_in_other_words_is_asked_for_less(world: EvidenceWorld) -> None:
    studies = await publish_works(world, *[f"Lighthouse keepers and replacement care {n}" for n in range(4)])
    (beside,) = await publish_works(world, "Lighthouse architecture")
    account = await world.publish(ACCOUNT, account="The lighthouse kept me awake.")
    await world.indexed()
    response = await world.search("lighthouse replacement care")
    assert {item["id"] for item in response["items"]} == {*studies, account}
    assert account in [item["id"] for item in response["items"][:2]]
    assert response["total"] == sum(facet["count"] for facet in response["facets"]["ways_of_knowing"]) == 5
    assert beside in await found_ids(world, "lighthouse")


async def test_what_only_touches_a_question_comes_after_what_answers_it(world: EvidenceWorld) -> None:
    studies = await publish_works(world, *[f"Lighthouse keepers, foghorns and gannets {n}" for n in range(12)])
    await publish_works(world, *[f"Something else {n}" for n in range(12)])
    account = await world.publish(
        ACCOUNT, title="Nights", account=f"{'I sat with my mother and waited for the morning. ' * 300} A foghorn."
    )
    await world.indexed()
    order = await found_ids(world, "lighthouse keepers foghorns gannets")
    assert set(order[: len(studies)]) == set(studies)
    assert order[len(studies) :] == [account]


async def test_a_snippet_is_short_and_harmless_also_of_a_text_without_spaces(world: EvidenceWorld) -> None:
    await world.publish(RESEARCH, title="<script>alert(1)</script> care", summary="care/<b>" * 5_000)
    await world.indexed()
    (item,) = (await world.search("care"))["items"]
    highlights = item["highlights"]
    assert highlights["title"] == "&lt;script&gt;alert(1)&lt;/script&gt; <mark>care</mark>"
    (snippet,) = highlights["text"]
    plain = unescape(snippet.replace("<mark>", "").replace("</mark>", ""))
    assert 200 < len(plain) < 400
    assert "<b>" not in snippet


async def test_a_setting_is_one_facet_however_it_is_written(world: EvidenceWorld) -> None:
    await publish_works(world, "Carers in a home", setting="Care home")
    await publish_works(world, "Carers in another home", setting="care home")
    await world.indexed()
    assert (await world.search("carers"))["facets"]["settings"] == [{"value": "care home", "count": 2}]
    assert len(await found_ids(world, "carers", setting="Care home")) == 2


async def test_a_language_can_be_asked_for_in_a_question_as_it_is_written(world: EvidenceWorld) -> None:
    (item,) = await publish_works(world, "Carers at night", language="en-GB")
    await world.indexed()
    for q in ("carers language:en-GB", "carers language:en"):
        assert await found_ids(world, q) == [item]
    assert (
        await found_ids(world, "carers", language="en-GB") == await found_ids(world, "carers", language="en") == [item]
    )


async def test_a_snippet_is_a_sentence_and_never_a_list_of_keywords(world: EvidenceWorld) -> None:
    await world.publish(RESEARCH, summary="Some slept better.", keywords=["carers", "lighthouses", "replacement care"])
    await world.indexed()
    (item,) = (await world.json(NOBODY, "GET", "/v1/search?q=lighthouses"))["items"]
    assert item["highlights"] == {"title": None, "text": []}
