"""What one of two appraisers proposes resolves nothing before the other, or a third person, has agreed to it."""

import asyncio
from typing import Any

import pytest

from shared.callers import Caller, Role, person
from shared.events.contracts.evidence import EvidenceAppraised
from shared.persistence.tables import new_id
from tests.evidence.library.appraisals.test_api import ADA, BEN, decide, judge_twice, resolution
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

THIRD = EDITOR
NEIGHBOUR = person(new_id(), Role.CONTRIBUTOR)


async def differing(world: EvidenceWorld) -> str:
    return await judge_twice(world, await world.publish(ACCOUNT), "jbi-narrative", c3="no")


async def resolutions_told(world: EvidenceWorld) -> list[EvidenceAppraised]:
    return [event for event in await world.events() if isinstance(event, EvidenceAppraised)]


async def test_who_proposed_does_not_accept_decline_or_decide_it_alone(world: EvidenceWorld) -> None:
    path = await differing(world)
    await decide(world, ADA, path, "resolve", resolution())
    assert (await decide(world, ADA, path, "accept")).json()["title"] == "You proposed this yourself"
    assert (await decide(world, ADA, path, "decline", {"because": "No."})).status_code == 403
    replaced = (await decide(world, ADA, path, "resolve", resolution("cannot_tell"))).json()
    assert (replaced["status"], replaced["proposal"]["resolutions"][0]["answer"]) == ("proposed", "cannot_tell")
    assert {criterion["answer"] for criterion in replaced["criteria"]} == {None}
    assert await resolutions_told(world) == []


async def test_the_other_reads_the_proposal_and_declines_it_with_reasons(world: EvidenceWorld) -> None:
    path = await differing(world)
    await decide(world, ADA, path, "resolve", resolution(reason="Page two."))
    refused = (await decide(world, BEN, path, "resolve", resolution("no"))).json()
    assert refused["title"] == "The other appraiser has proposed how to settle this"
    assert (await decide(world, BEN, path, "decline", {"because": " "})).status_code == 422
    declined = (await decide(world, BEN, path, "decline", {"because": "Page two is of another."})).json()
    assert declined["status"] == "differing"
    assert declined["proposal"] == {
        "proposed_by": str(ADA.id),
        "resolutions": [{"criterion": "3", "answer": "yes", "comment": "Page two."}],
        "declined_by": str(BEN.id),
        "declined_because": "Page two is of another.",
    }
    assert (await decide(world, ADA, path, "accept")).json()["title"] == "Nothing is proposed here"
    await decide(world, BEN, path, "resolve", resolution("no"))
    accepted = (await decide(world, ADA, path, "accept")).json()
    assert accepted["criteria"][2]["answer"] == "no"
    assert (await world.problem(NOBODY, "GET", f"{path}x"))["status"] == 422
    assert (await world.json(NOBODY, "GET", path))["proposal"] is None


@pytest.mark.parametrize("with_proposal", [False, True])
async def test_a_third_person_decides_alone(world: EvidenceWorld, with_proposal: bool) -> None:
    path = await differing(world)
    if with_proposal:
        await decide(world, ADA, path, "resolve", resolution())
    decided = (await decide(world, THIRD, path, "resolve", resolution("cannot_tell"))).json()
    assert (decided["status"], decided["criteria"][2]["answer"]) == ("resolved", "cannot_tell")
    item_id = path.split("/")[3]
    assert [(str(event.item_id), event.edition) for event in await resolutions_told(world)] == [(item_id, 1)]


async def test_a_third_person_may_accept_what_was_proposed(world: EvidenceWorld) -> None:
    path = await differing(world)
    await decide(world, BEN, path, "resolve", resolution("no"))
    assert (await decide(world, THIRD, path, "accept")).json()["criteria"][2]["answer"] == "no"


async def test_equal_judgements_tell_that_the_item_is_appraised(world: EvidenceWorld) -> None:
    await judge_twice(world, await world.publish(PRACTICE), "practice-provenance")
    assert len(await resolutions_told(world)) == 1


async def test_nobody_decides_on_a_proposal_that_they_have_not_read(world: EvidenceWorld) -> None:
    path = await differing(world)
    read_first = (await world.call(BEN, "GET", path)).headers["etag"]
    await decide(world, ADA, path, "resolve", resolution())
    proposed = (await world.call(BEN, "GET", path)).headers["etag"]
    await decide(world, ADA, path, "resolve", resolution("cannot_tell"))
    for tag, status in ((read_first, 412), (proposed, 412), ("*", 428), (f"{read_first}, {proposed}", 428)):
        assert (await decide(world, BEN, path, "accept", tag=tag)).status_code == status
    assert (await world.problem(BEN, "POST", f"{path}/accept"))["status"] == 428
    assert (await world.problem(BEN, "POST", f"{path}/resolve", resolution()))["status"] == 428


async def test_a_second_click_changes_nothing(world: EvidenceWorld) -> None:
    path = await differing(world)
    tag = (await world.call(ADA, "GET", path)).headers["etag"]
    clicks = [await decide(world, ADA, path, "resolve", resolution(), tag) for _ in range(2)]
    assert [click.status_code for click in clicks] == [200, 412]
    clicks = [await decide(world, BEN, path, "accept", tag=clicks[0].headers["etag"]) for _ in range(2)]
    assert [click.status_code for click in clicks] == [200, 412]
    assert (await decide(world, BEN, path, "accept")).status_code == 409
    assert len(await resolutions_told(world)) == 1


async def test_of_two_who_decide_at_once_one_does(world: EvidenceWorld) -> None:
    path = await differing(world)
    await decide(world, ADA, path, "resolve", resolution())
    tag = (await world.call(BEN, "GET", path)).headers["etag"]
    responses = await asyncio.gather(
        decide(world, ADA, path, "resolve", resolution("cannot_tell"), tag),
        decide(world, BEN, path, "accept", tag=tag),
        decide(world, BEN, path, "decline", {"because": "No."}, tag),
        decide(world, THIRD, path, "resolve", resolution("no"), tag),
    )
    assert sorted(response.status_code for response in responses) == [200, 412, 412, 412]
    assert len(await resolutions_told(world)) <= 1


async def test_staff_see_whose_proposal_waits(world: EvidenceWorld) -> None:
    path = await differing(world)
    await decide(world, ADA, path, "resolve", resolution())
    waiting = (await world.json(BEN, "GET", "/v1/evidence/appraisals/waiting"))["items"]
    assert [(row["status"], row["proposed_by"]) for row in waiting] == [("proposed", str(ADA.id))]


async def test_the_audit_trail_names_who_proposed_and_who_accepted_without_the_reasons(world: EvidenceWorld) -> None:
    path = await differing(world)
    await decide(world, ADA, path, "resolve", resolution(reason="She cried."))
    await decide(world, BEN, path, "accept")
    rows = await world.rows("SELECT actor, after FROM audit_entries WHERE kind = 'Appraisal' ORDER BY id")
    assert [row["actor"] for row in rows][-2:] == [ADA.id, BEN.id]
    assert [row["after"]["status"] for row in rows][-2:] == ["proposed", "resolved"]
    assert "She cried" not in str(rows)


@pytest.mark.parametrize(
    ("item", "instrument", "reader", "sees"),
    [
        (ACCOUNT, "jbi-narrative", CARER, True),
        (PRACTICE, "practice-provenance", CARER, True),
        (ACCOUNT, "jbi-narrative", NEIGHBOUR, False),
        (ACCOUNT, "jbi-narrative", NOBODY, False),
        (RESEARCH, "mmat-randomised", CARER, False),
    ],
)
async def test_the_reasons_of_a_public_judgement_are_shown_to_whom_it_judges(
    world: EvidenceWorld, item: dict[str, Any], instrument: str, reader: Caller, sees: bool
) -> None:
    item_id = await world.publish(item)
    path = await judge_twice(world, item_id, instrument, c3="no")
    assert (await world.problem(reader, "GET", path))["status"] == 404
    await decide(world, THIRD, path, "resolve", resolution(reason="It is in the second part."))
    response = await world.call(reader, "GET", path)
    in_list = (await world.json(reader, "GET", f"/v1/evidence/{item_id}/appraisals"))["items"][0]
    assert in_list == response.json()
    criteria = {criterion["criterion"]: criterion for criterion in in_list["criteria"]}
    assert (criteria["3"]["reason"] == "It is in the second part.") is sees
    assert criteria["3"]["comments"] == (["Why 3: no", "Why 3: yes"] if sees else None)
    assert (in_list["judgements"], in_list["proposal"], in_list["differences"]) == (None, None, None)
    assert not {str(staff.id) for staff in (ADA, BEN, THIRD)} & set(str(in_list).replace("'", " ").split())
    assert ("no-store" in response.headers["cache-control"]) is (not reader.anonymous)
