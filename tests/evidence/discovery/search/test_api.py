from typing import Any

import pytest

from shared.persistence.tables import new_id
from tests.evidence.discovery.search.ranking_metrics import DISCOUNTS
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY


def ways(results: dict[str, Any]) -> list[str]:
    return [item["way_of_knowing"] for item in results["items"]]


async def publish_library(world: EvidenceWorld, studies: int = 12) -> None:
    for number in range(studies):
        names = [{"scheme": "doi", "value": f"10.5555/n.{number}"}]
        await world.publish(RESEARCH, title=f"Replacement care {number}", summary="Replacement care", identifiers=names)
    await world.publish(ACCOUNT)
    await world.publish(PRACTICE)
    await world.indexed()


async def test_one_search_finds_all_three_ways_of_knowing_and_says_what_each_contributes(world: EvidenceWorld) -> None:
    await publish_library(world)
    response = await world.search("replacement care", limit=6)
    assert set(ways(response)[:3]) == {"research", "lived_experience", "practice_knowledge"}
    contributions = [(c["way_of_knowing"], c["matches"], c["on_page"]) for c in response["contributions"]]
    assert contributions == [("research", 12, 4), ("lived_experience", 1, 1), ("practice_knowledge", 1, 1)]
    assert sum(c["attention"] for c in response["contributions"]) == pytest.approx(1, abs=0.001)
    assert response["total"] == 14


async def test_by_relevance_alone_the_many_studies_come_first(world: EvidenceWorld) -> None:
    await publish_library(world)
    response = await world.search("replacement care", ranking="relevance", limit=6)
    assert set(ways(response)) == {"research"}
    assert [c["matches"] for c in response["contributions"]] == [12, 1, 1]


async def test_pages_of_a_search_hold_everything_once(world: EvidenceWorld) -> None:
    await publish_library(world)
    response = await world.search("replacement care", limit=5)
    ids = [item["id"] for item in response["items"]]
    while response["next"]:
        response = await world.json(NOBODY, "GET", response["next"].removeprefix("http://testserver"))
        ids += [item["id"] for item in response["items"]]
    assert len(ids) == len(set(ids)) == 14


async def test_a_search_can_be_narrowed_to_a_topic_and_a_way_of_knowing(world: EvidenceWorld) -> None:
    carers = await world.topic("Carers")
    breaks = await world.topic("Breaks", parent=carers)
    study = await world.publish(RESEARCH, topics=[carers])
    account = await world.publish(ACCOUNT, topics=[breaks])
    await world.indexed()
    both = await world.search("replacement care", topic=carers)
    assert {item["id"] for item in both["items"]} == {study, account}
    assert {(f["value"], f["count"]) for f in both["facets"]["topics"]} == {(carers, 1), (breaks, 1)}
    assert [item["id"] for item in (await world.search("replacement care", topic=breaks))["items"]] == [account]
    lived = await world.search("replacement care", way_of_knowing="lived_experience")
    assert [item["id"] for item in lived["items"]] == [account]
    assert lived["contributions"] == [
        {"way_of_knowing": "lived_experience", "matches": 1, "on_page": 1, "attention": 1.0}
    ]


async def test_facets_count_what_was_found(world: EvidenceWorld) -> None:
    await world.publish(RESEARCH, country="GB-NIR")
    await world.publish(PRACTICE, country="GB")
    await world.indexed()
    facets = (await world.search("replacement care"))["facets"]
    assert {(f["value"], f["count"]) for f in facets["countries"]} == {("GB-NIR", 1), ("GB", 1)}
    assert {"value": "2021", "count": 1} in facets["years"]
    assert {(f["value"], f["count"]) for f in facets["ways_of_knowing"]} == {
        ("research", 1),
        ("practice_knowledge", 1),
    }
    assert facets["kinds"] == [{"value": "journal_article", "count": 1}]
    assert facets["designs"] == [{"value": "quantitative", "count": 1}]
    assert facets["settings"] == [{"value": "council team", "count": 1}]
    assert facets["languages"] == [{"value": "en", "count": 2}]
    assert facets["is"] == [{"value": "item", "count": 2}]


@pytest.mark.parametrize(
    "q", ["carer's", "carer\u2019s", "REPLACEMENT", "replacing", '"replacement care"', "okoro", "10.5555/abc.1"]
)
async def test_words_are_found_in_every_form_and_names_too(world: EvidenceWorld, q: str) -> None:
    await world.publish(RESEARCH)
    await world.indexed()
    assert len((await world.search(q))["items"]) == 1, q


@pytest.mark.parametrize("q", ['"care replacement"', "dogs", "way:research", "title:", '"', "AND OR (", "*"])
async def test_strange_questions_find_nothing_and_do_no_harm(world: EvidenceWorld, q: str) -> None:
    await world.publish(RESEARCH, title="Replacement care", summary="", published_in=None, authors=[], identifiers=[])
    await world.indexed()
    async with world.client_for(NOBODY) as http:
        response = await http.get("/v1/search", params={"q": q})
    assert response.status_code in (200, 422), response.text
    if response.status_code == 200:
        assert response.json()["items"] == []


async def test_without_words_there_is_nothing_to_search_for(world: EvidenceWorld) -> None:
    problem = await world.problem(NOBODY, "GET", "/v1/search?q=the%20of")
    assert problem["title"] == "There are no words to search for"
    assert [error["pointer"] for error in problem["errors"]] == ["?q"]
    assert (await world.call(NOBODY, "GET", "/v1/search")).status_code == 422
    assert (await world.call(NOBODY, "GET", f"/v1/search?q=x&topic={new_id()}")).status_code == 404


async def test_drafts_are_not_found_and_changes_are(world: EvidenceWorld) -> None:
    item = await world.draft(PRACTICE)
    await world.indexed()
    assert (await world.search("replacement"))["items"] == []
    await world.json(EDITOR, "POST", f"/v1/evidence/{item}/publish")
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"title": "Zebra crossing"}, If_Match="*")
    await world.indexed()
    assert [item["title"] for item in (await world.search("zebra"))["items"]] == ["Zebra crossing"]


async def test_what_is_withdrawn_is_gone_at_once_even_from_an_index_that_is_behind(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    await world.indexed()
    await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    response = await world.search("sleep")
    assert response["items"] == []
    assert response["contributions"][1]["on_page"] == 0
    await world.indexed()
    assert (await world.search("sleep"))["contributions"][1]["matches"] == 0


async def test_each_way_of_knowing_is_seen_as_much_as_the_others_where_all_have_enough(world: EvidenceWorld) -> None:
    for number in range(6):
        names = [{"scheme": "doi", "value": f"10.5555/n.{number}"}]
        await world.publish(RESEARCH, title=f"Replacement care {number}", identifiers=names)
        await world.publish(ACCOUNT, title=f"Replacement care for me {number}")
        await world.publish(PRACTICE, title=f"Replacement care by us {number}")
    await world.indexed()
    order = ways(await world.search("replacement care", limit=10))
    exposure = [sum(DISCOUNTS[place] for place, way_at in enumerate(order) if way_at == way) for way in set(order)]
    assert len(exposure) == 3
    assert min(exposure) / max(exposure) >= 0.8
