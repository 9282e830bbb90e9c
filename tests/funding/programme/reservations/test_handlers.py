import asyncio

from shared.events.contracts.funding import FundingRefused, FundingReserved
from shared.persistence.tables import new_id
from tests.funding.world import FundingWorld, planned

CAP = 210_000_000


async def test_the_expected_cost_is_set_aside_and_told(world: FundingWorld) -> None:
    assembly = await world.plan(100_000)
    (told,) = await world.events()
    assert isinstance(told, FundingReserved)
    assert (told.assembly_id, told.pence) == (assembly, 100_000)
    assert (await world.scheme())["reserved_pence"] == 100_000
    assert (await world.proof())["agrees"]


async def test_a_scheme_that_cannot_carry_it_refuses_and_says_what_it_has(world: FundingWorld) -> None:
    await world.plan(CAP - 50)
    await world.plan(51)
    told = (await world.events())[-1]
    assert isinstance(told, FundingRefused)
    assert (told.reason, told.available_pence) == ("scheme_exhausted", 50)
    assert (await world.proof())["agrees"]


async def test_a_scheme_that_nobody_knows_is_refused(world: FundingWorld) -> None:
    await world.plan(1, scheme="nowhere")
    (told,) = await world.events()
    assert isinstance(told, FundingRefused)
    assert told.reason == "scheme_unknown"


async def test_two_assemblies_that_race_for_the_last_money_never_both_get_it(world: FundingWorld) -> None:
    await world.plan(CAP - 100)
    await asyncio.gather(*(world.plan(60) for _ in range(6)))
    answers = (await world.events())[1:]
    assert sorted(type(answer).__name__ for answer in answers) == ["FundingRefused"] * 5 + ["FundingReserved"]
    assert {answer.available_pence for answer in answers if isinstance(answer, FundingRefused)} == {40}
    assert (await world.scheme())["reserved_pence"] == CAP - 40
    assert (await world.proof())["agrees"]


async def test_the_same_plan_twice_is_answered_once(world: FundingWorld) -> None:
    event, id = planned(new_id(), 500), new_id()
    for repeated in (id, id, new_id()):
        await world.hears(event, sequence=1, id=repeated)
    assert len(await world.events()) == 1
    assert (await world.scheme())["reserved_pence"] == 500


async def test_a_refused_assembly_may_ask_again_with_a_later_plan(world: FundingWorld) -> None:
    assembly = new_id()
    await world.hears(planned(assembly, CAP + 1), sequence=1)
    await world.hears(planned(assembly, CAP), sequence=2)
    await world.hears(planned(assembly, CAP + 1), sequence=1)
    assert [type(told) for told in await world.events()] == [FundingRefused, FundingReserved]
    rows = await world.rows("SELECT sequence FROM outbox ORDER BY id")
    assert [row["sequence"] for row in rows] == [1, 2]


async def test_an_assembly_that_costs_nothing_moves_no_money(world: FundingWorld) -> None:
    await world.plan(0)
    (told,) = await world.events()
    assert isinstance(told, FundingReserved)
    assert (await world.proof())["agrees"]
