"""Whoever is credited is found by the name that is shown, in each way of knowing, and by no other."""

from typing import Any

import pytest

from tests.evidence.discovery.search.searches import found_ids
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER

NAMED: list[tuple[dict[str, Any], str]] = [
    (RESEARCH | {"authors": ["Okonkwo, Ada"]}, "Okonkwo"),
    (ACCOUNT | {"consent": {"to_publish": True, "attribution": "full_name", "name": "Mary Okonkwo"}}, "Okonkwo"),
    (ACCOUNT | {"consent": {"to_publish": True, "attribution": "first_name", "name": "Gwenhwyfar"}}, "gwenhwyfar"),
    (PRACTICE | {"credit": {"attribution": "person", "name": "Ben Okonkwo"}}, "Okonkwo"),
    (PRACTICE | {"credit": {"attribution": "organisation", "name": "Ballymena Carers Centre"}}, "Ballymena"),
]


@pytest.mark.parametrize(("item", "name"), NAMED)
async def test_a_credited_name_finds_the_item(world: EvidenceWorld, item: dict[str, Any], name: str) -> None:
    published = await world.publish(item)
    await world.indexed()
    assert await found_ids(world, name) == [published]
    assert await found_ids(world, f"author:{name}") == [published]


async def test_a_name_that_everybody_gave_finds_all_three_ways(world: EvidenceWorld) -> None:
    for item, name in NAMED:
        if name == "Okonkwo":
            await world.publish(item)
    await world.indexed()
    results = (await world.search("Okonkwo"))["items"]
    assert {item["way_of_knowing"] for item in results} == {"research", "lived_experience", "practice_knowledge"}


@pytest.mark.parametrize(
    "item",
    [
        ACCOUNT | {"consent": {"to_publish": True, "attribution": "anonymous", "name": "Gwenhwyfar"}},
        PRACTICE | {"credit": {"attribution": "anonymous", "name": "Gwenhwyfar"}},
    ],
)
async def test_a_name_that_is_not_shown_finds_nobody(world: EvidenceWorld, item: dict[str, Any]) -> None:
    await world.publish(item)
    await world.indexed()
    for query in ("Gwenhwyfar", "author:Gwenhwyfar", "Gwenhwifar"):
        response = await world.search(query)
        assert (response["items"], response["corrected"], response["did_you_mean"]) == ([], None, None)


async def test_who_takes_their_name_back_is_no_longer_found_by_it(world: EvidenceWorld) -> None:
    account = await world.publish(
        ACCOUNT | {"consent": {"to_publish": True, "attribution": "first_name", "name": "Gwenhwyfar"}}
    )
    practice = await world.publish(PRACTICE | {"credit": {"attribution": "person", "name": "Gwenhwyfar"}})
    await world.indexed()
    assert len(await found_ids(world, "Gwenhwyfar")) == 2
    for path, agreement in ((f"{account}/consent", {"to_publish": True}), (f"{practice}/credit", {})):
        nobody = {**agreement, "attribution": "anonymous"}
        await world.json(CARER, "PUT", f"/v1/evidence/{path}", nobody, If_Match="*")
    await world.indexed()
    assert await found_ids(world, "Gwenhwyfar") == []
