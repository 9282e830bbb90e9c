from shared.events.contracts.evidence import EvidenceRetracted
from shared.persistence.tables import new_id
from tests.evidence.exchange.retraction_lists.retraction_watch import csv_row, identified, read_list
from tests.evidence.publications.guides.guide_factories import publish_guide, statement
from tests.evidence.world import RESEARCH, EvidenceWorld
from tests.support.callers import EDITOR, NOBODY


async def test_a_list_flags_every_guide_that_cites_what_it_names(world: EvidenceWorld) -> None:
    retracted = await world.publish(RESEARCH | identified("10.5555/retracted"))
    sound = await world.publish(RESEARCH | identified("10.5555/sound"))
    citing = [await publish_guide(world, statement(retracted, sound), title=f"Guide {n}") for n in range(2)]
    other = await publish_guide(world, statement(sound), title="Another guide")
    await read_list(world, csv_row("10.5555/retracted"))
    await world.handle_all(
        [(event, new_id()) for event in await world.events() if isinstance(event, EvidenceRetracted)]
    )
    flagged = (await world.json(EDITOR, "GET", "/v1/guides/flags"))["items"]
    assert {(flag["guide_id"], flag["item_id"]) for flag in flagged} == {(guide["id"], retracted) for guide in citing}
    for guide in citing:
        [cited] = (await world.json(NOBODY, "GET", f"/v1/guides/{guide['id']}"))["statements"]
        assert [flag["explanation"] for flag in cited["flags"]] == ["A work that this relies on was retracted."]
    [sound_one] = (await world.json(NOBODY, "GET", f"/v1/guides/{other['id']}"))["statements"]
    assert sound_one["flags"] == []
