"""The gap map and the list of gaps by country and setting, and what does not say where it is from."""

from typing import Any

import pytest

from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import NOBODY


async def publish(world: EvidenceWorld) -> tuple[str, str]:
    """Publish research and practice from Northern Ireland, and an account that does not say from where."""
    above = await world.topic("Carers")
    topic = await world.topic("Breaks", parent=above)
    await world.publish(RESEARCH, topics=[topic, above], country="GB-NIR", setting="Home care", published_on=None)
    await world.publish(PRACTICE, topics=[topic], country="GB-NIR", setting="home care", period={"from": "2020"})
    await world.publish(ACCOUNT, topics=[topic])
    await world.topic("Empty")
    return above, topic


async def gaps(world: EvidenceWorld, query: str = "") -> dict[str, Any]:
    page = await world.json(NOBODY, "GET", f"/v1/topics/gaps?{query}")
    return {gap["topic"]["name"]: gap for gap in page["items"]}


@pytest.mark.parametrize(
    ("query", "lacking"),
    [
        ("", {"Empty": 3}),
        ("missing=lived_experience", {"Empty": 3}),
        ("country=GB-NIR", {"Carers": 1, "Breaks": 1, "Empty": 3}),
        ("country=GB", {"Carers": 1, "Breaks": 1, "Empty": 3}),
        ("country=GB-NIR&missing=lived_experience", {"Carers": 1, "Breaks": 1, "Empty": 3}),
        ("country=GB-NIR&missing=research", {"Empty": 3}),
        ("setting=HOME%20CARE&missing=practice_knowledge", {"Empty": 3}),
        ("country=GB-WLS&missing=research", {"Carers": 3, "Breaks": 3, "Empty": 3}),
    ],
)
async def test_gaps_are_those_of_the_way_of_knowing_and_place_that_are_asked_for(
    world: EvidenceWorld, query: str, lacking: dict[str, int]
) -> None:
    await publish(world)
    assert {name: len(gap["missing"]) for name, gap in (await gaps(world, query)).items()} == lacking


async def test_a_gap_says_what_it_does_not_count_because_it_names_no_place(world: EvidenceWorld) -> None:
    await publish(world)
    gap = (await gaps(world, "country=GB-NIR"))["Carers"]
    assert gap["coverage"] == {"research": 1, "lived_experience": 0, "practice_knowledge": 1}
    assert (gap["missing"], gap["without_country"], gap["without_setting"]) == (["lived_experience"], 1, None)
    by_both = (await gaps(world, "country=GB-NIR&setting=hospital"))["Breaks"]
    assert (by_both["without_country"], by_both["without_setting"]) == (0, 0)
    assert {gap["without_country"] for gap in (await gaps(world)).values()} == {None}


@pytest.mark.parametrize(
    ("query", "counts", "without"),
    [
        ("", (1, 1, 1), (1, 1, 1)),
        ("country=GB-NIR", (1, 0, 1), (1, 0, 1)),
        ("setting=home%20care", (1, 0, 1), (0, 1, 1)),
        ("country=GB-WLS", (0, 0, 0), (1, 0, 0)),
    ],
)
async def test_the_gap_map_is_of_a_place_and_counts_what_names_none(
    world: EvidenceWorld, query: str, counts: tuple[int, int, int], without: tuple[int, int, int]
) -> None:
    above, _ = await publish(world)
    gap_map = await world.json(NOBODY, "GET", f"/v1/topics/{above}/coverage?{query}")
    assert (gap_map["research"], gap_map["lived_experience"], gap_map["practice_knowledge"]) == counts
    assert (gap_map["without_country"], gap_map["without_setting"], gap_map["without_year"]) == without


@pytest.mark.parametrize("query", ["missing=opinion", "country=Wales", "wayofknowing=research"])
async def test_a_filter_of_gaps_that_is_not_known_is_refused(world: EvidenceWorld, query: str) -> None:
    assert (await world.problem(NOBODY, "GET", f"/v1/topics/gaps?{query}"))["status"] == 422
