import asyncio
from datetime import date, timedelta

from shared.events.contracts.funding import FundingRefused, FundingReserved
from shared.persistence.tables import new_id
from tests.funding.world import FundingWorld, assembly_planned

CAP = 210_000_000


async def test_the_expected_cost_is_reserved_and_published(world: FundingWorld) -> None:
    assembly = await world.plan_assembly(100_000)
    (event,) = await world.events()
    assert isinstance(event, FundingReserved)
    assert (event.assembly_id, event.pence) == (assembly, 100_000)
    assert (await world.scheme())["reserved_pence"] == 100_000
    assert (await world.get_proof())["agrees"]


async def test_a_scheme_that_cannot_carry_it_refuses_and_says_what_it_has(world: FundingWorld) -> None:
    await world.plan_assembly(CAP - 50)
    await world.plan_assembly(51)
    event = (await world.events())[-1]
    assert isinstance(event, FundingRefused)
    assert (event.reason, event.available_pence) == ("scheme_exhausted", 50)
    assert (await world.get_proof())["agrees"]


async def test_an_unknown_scheme_is_refused(world: FundingWorld) -> None:
    await world.plan_assembly(1, scheme="nowhere")
    (event,) = await world.events()
    assert isinstance(event, FundingRefused)
    assert event.reason == "scheme_unknown"


async def test_nothing_is_reserved_outside_the_years_of_the_programme(world: FundingWorld) -> None:
    (programme,) = await world.rows("SELECT starts_on, ends_on FROM programmes")
    for held_on in (date(9999, 12, 31), programme["ends_on"] + timedelta(days=1)):
        await world.handle(assembly_planned(new_id(), 100_000).model_copy(update={"held_on": held_on}))
        event = (await world.events())[-1]
        assert isinstance(event, FundingRefused)
        assert (event.programme_starts_on, event.programme_ends_on) == (programme["starts_on"], programme["ends_on"])
    assert (await world.scheme())["reserved_pence"] == 0


async def test_two_assemblies_that_race_for_the_last_money_never_both_get_it(world: FundingWorld) -> None:
    await world.plan_assembly(CAP - 100)
    await asyncio.gather(*(world.plan_assembly(60) for _ in range(6)))
    decisions = (await world.events())[1:]
    assert sorted(type(decision).__name__ for decision in decisions) == ["FundingRefused"] * 5 + ["FundingReserved"]
    assert {decision.available_pence for decision in decisions if isinstance(decision, FundingRefused)} == {40}
    assert (await world.scheme())["reserved_pence"] == CAP - 40
    assert (await world.get_proof())["agrees"]


async def test_the_same_plan_twice_is_decided_once(world: FundingWorld) -> None:
    event, id = assembly_planned(new_id(), 500), new_id()
    for repeated in (id, id, new_id()):
        await world.handle(event, sequence=1, id=repeated)
    assert len(await world.events()) == 1
    assert (await world.scheme())["reserved_pence"] == 500


async def test_a_refused_assembly_may_ask_again_with_a_later_plan(world: FundingWorld) -> None:
    assembly = new_id()
    await world.handle(assembly_planned(assembly, CAP + 1), sequence=1)
    await world.handle(assembly_planned(assembly, CAP), sequence=2)
    await world.handle(assembly_planned(assembly, CAP + 1), sequence=1)
    assert [type(event) for event in await world.events()] == [FundingRefused, FundingReserved]
    rows = await world.rows("SELECT sequence FROM outbox ORDER BY id")
    assert [row["sequence"] for row in rows] == [1, 2]


async def test_an_assembly_that_costs_nothing_moves_no_money(world: FundingWorld) -> None:
    await world.plan_assembly(0)
    (event,) = await world.events()
    assert isinstance(event, FundingReserved)
    assert (await world.get_proof())["agrees"]
