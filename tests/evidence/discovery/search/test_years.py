"""A search by years finds what each way of knowing is about then, and says what it cannot place."""

from typing import Any

import pytest

from tests.evidence.discovery.search.searches import found_ids
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import NOBODY

PERIODS: dict[str, dict[str, Any]] = {
    "lived_experience": ACCOUNT | {"period": {"from": "2015", "to": "2016"}},
    "practice_knowledge": PRACTICE | {"period": {"from": "2014-03", "to": "2015"}},
    "research": RESEARCH | {"published_on": "2016"},
}


async def publish_all(world: EvidenceWorld) -> dict[str, str]:
    ids = {way: await world.publish(item) for way, item in PERIODS.items()}
    await world.indexed()
    return ids


async def exported_titles(world: EvidenceWorld, **filters: str) -> set[str]:
    async with world.client_for(NOBODY) as http:
        response = await http.get("/v1/exports/evidence", params={"format": "csl-json", **filters})
    return {work["title"] for work in response.json()}


@pytest.mark.parametrize(
    ("since", "until", "ways"),
    [
        ("2014", "2017", {"research", "lived_experience", "practice_knowledge"}),
        ("2014", "2014", {"practice_knowledge"}),
        ("2015", "2015", {"lived_experience", "practice_knowledge"}),
        ("2016", "2016", {"research", "lived_experience"}),
        ("2014-01", "2014-02", set[str]()),
        ("2017", None, set[str]()),
        (None, "2013", set[str]()),
    ],
)
async def test_a_range_of_years_finds_account_practice_and_study(
    world: EvidenceWorld, since: str | None, until: str | None, ways: set[str]
) -> None:
    ids = await publish_all(world)
    filters = {name: value for name, value in (("from", since), ("to", until)) if value}
    assert set(await found_ids(world, "replacement care", **filters)) == {ids[way] for way in ways}
    assert await exported_titles(world, **filters) == {PERIODS[way]["title"] for way in ways}


async def test_the_facet_counts_what_the_filter_finds(world: EvidenceWorld) -> None:
    ids = await publish_all(world)
    response = await world.search("replacement care")
    counts = {value["value"]: value["count"] for value in response["facets"]["years"]}
    assert counts == {"2014": 1, "2015": 2, "2016": 2}
    for year, count in counts.items():
        assert len(await found_ids(world, "replacement care", **{"from": year, "to": year})) == count
        assert len(await found_ids(world, f"replacement care year:{year}")) == count
    years = {item["id"]: item["years"] for item in response["items"]}
    assert years == {
        ids["lived_experience"]: {"kind": "about", "first": 2015, "last": 2016},
        ids["practice_knowledge"]: {"kind": "about", "first": 2014, "last": 2015},
        ids["research"]: {"kind": "published", "first": 2016, "last": 2016},
    }


async def test_years_stand_with_the_item_wherever_it_is_shown(world: EvidenceWorld) -> None:
    ids = await publish_all(world)
    summaries = (await world.json(NOBODY, "GET", "/v1/evidence"))["items"]
    for item in summaries:
        assert (await world.json(NOBODY, "GET", f"/v1/evidence/{item['id']}"))["years"] == item["years"]
    assert {item["id"]: item["years"]["kind"] for item in summaries} == {
        id: "published" if way == "research" else "about" for way, id in ids.items()
    }


async def test_what_goes_on_is_found_until_it_was_shown_here(world: EvidenceWorld) -> None:
    practice = await world.publish(PRACTICE, period={"from": "2019"})
    await world.indexed()
    year = str((await world.json(NOBODY, "GET", f"/v1/evidence/{practice}"))["years"]["last"])
    for since in ("2019", "2021", year):
        filters = {"from": since, "to": since}
        assert await found_ids(world, "replacement care", **filters) == [practice]
        assert await exported_titles(world, **filters) == {PRACTICE["title"]}
    assert await found_ids(world, "replacement care", to="2018") == []


async def test_what_says_no_country_setting_or_year_is_counted_also_where_a_filter_leaves_it_out(
    world: EvidenceWorld,
) -> None:
    await world.publish(RESEARCH, published_on=None, country="GB-NIR", setting="care home")
    await world.publish(ACCOUNT, country="GB-WLS")
    await world.publish(PRACTICE)
    await world.indexed()
    assert (await world.search("replacement care"))["without"] == {"countries": 1, "settings": 1, "years": 1}
    for filters, without in (
        ({"country": "GB-NIR"}, {"countries": 1, "settings": 0, "years": 1}),
        ({"setting": "care home"}, {"countries": 0, "settings": 1, "years": 1}),
        ({"from": "2000"}, {"countries": 1, "settings": 1, "years": 1}),
        ({"way_of_knowing": "lived_experience"}, {"countries": 0, "settings": 1, "years": 0}),
    ):
        assert (await world.search("replacement care", **filters))["without"] == without, filters
