"""What is from the whole of a state is from each of its nations, wherever a list is filtered by country."""

import pytest

from services.evidence.exchange.oai.commands import stamp_all
from tests.evidence.world import RESEARCH, EvidenceWorld
from tests.support.callers import NOBODY


@pytest.mark.parametrize(
    ("country", "expected"),
    [
        ("GB", {"Breaks across it", "Breaks in Scotland", "Breaks in Wales"}),
        ("GB-SCT", {"Breaks across it", "Breaks in Scotland"}),
        ("GB-ENG", {"Breaks across it"}),
        ("IE", {"Breaks in Ireland"}),
    ],
)
async def test_a_nation_includes_what_is_from_the_whole_of_its_state(
    world: EvidenceWorld, country: str, expected: set[str]
) -> None:
    topic = await world.topic("Breaks")
    places = {
        "Breaks across it": "GB",
        "Breaks in Scotland": "GB-SCT",
        "Breaks in Wales": "GB-WLS",
        "Breaks in Ireland": "IE",
    }
    for title, place in places.items():
        await world.publish(RESEARCH, title=title, country=place, topics=[topic], identifiers=[])
    await world.indexed()
    await stamp_all(world.database)

    async def titles(path: str) -> set[str]:
        page = await world.json(NOBODY, "GET", path)
        return {item["title"] for item in page["items"]}

    assert await titles(f"/v1/evidence?country={country}") == expected
    assert await titles(f"/v1/evidence?country={country}&way_of_knowing=research&count=true") == expected
    assert await titles(f"/v1/search?q=breaks&country={country}") == expected
    assert await titles(f"/v1/search?q=breaks+country:{country}") == expected
    for path in (
        f"/v1/exports/evidence?format=csl-json&country={country}",
        f"/v1/feeds/evidence?country={country}",
    ):
        content = (await world.call(NOBODY, "GET", path)).text
        assert {title for title in places if title in content} == expected, path
    coverage = await world.json(NOBODY, "GET", f"/v1/topics/{topic}/coverage?country={country}")
    assert coverage["research"] == len(expected)
    gaps = await world.json(NOBODY, "GET", f"/v1/topics/gaps?country={country}")
    assert [gap["missing"] for gap in gaps["items"]] == [["lived_experience", "practice_knowledge"]]
