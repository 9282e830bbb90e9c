"""What happens at the same moment: in whatever order, nothing that is held back is public."""

import asyncio

from shared.callers import Role, person
from shared.persistence.tables import new_id
from tests.evidence.publications.requests.doubts.test_api import QUOTED, handle_all, publish_quoting, queue
from tests.evidence.publications.requests.request_factories import ASKER, PATH, REWORDED, answer_request, ask, do
from tests.evidence.world import ACCOUNT, PRACTICE, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

COLLEAGUES = [person(new_id(), Role.EVIDENCE_EDITOR) for _ in range(3)]


async def test_an_account_that_is_withdrawn_while_it_is_cited_is_refused_or_held_back(world: EvidenceWorld) -> None:
    for _ in range(5):
        account, request = await world.publish(ACCOUNT), await ask(world)
        answer = {"answer": QUOTED, "items": [account]}
        withdrawn, answered = await asyncio.gather(
            world.call(CARER, "POST", f"/v1/evidence/{account}/withdraw"),
            world.call(EDITOR, "POST", f"{PATH}/{request}/answer", answer),
        )
        assert (withdrawn.status_code, answered.status_code in (200, 422)) == (200, True)
        await handle_all(world)
        doubted = await queue(world, "?in_doubt=true")
        assert (request in doubted) == (answered.status_code == 200)
        assert "sleep" not in (await world.call(ASKER, "GET", f"{PATH}/{request}")).text


async def test_an_account_that_is_withdrawn_while_its_answer_is_published_is_not_public(world: EvidenceWorld) -> None:
    for _ in range(5):
        account, request = await world.publish(ACCOUNT), await ask(world)
        await answer_request(world, request, account, text=QUOTED)
        await asyncio.gather(
            world.call(CARER, "POST", f"/v1/evidence/{account}/withdraw"),
            world.call(EDITOR, "POST", f"{PATH}/{request}/publish", {"question": REWORDED}),
            handle_all(world),
        )
        assert "sleep" not in (await world.call(NOBODY, "GET", f"{PATH}/{request}")).text
        assert "sleep" not in (await world.call(NOBODY, "GET", PATH)).text


async def test_of_two_decisions_at_once_one_is_taken(world: EvidenceWorld) -> None:
    account = await world.publish(ACCOUNT)
    request = await publish_quoting(world, account)
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    tag = (await world.call(EDITOR, "GET", f"{PATH}/{request}")).headers["etag"]
    body = {"turn": 1, "decision": "revise", "because": "It was taken back.", "answer": "Breaks help."}
    path = f"{PATH}/{request}/decisions"
    responses = await asyncio.gather(*(world.call(editor, "POST", path, body, If_Match=tag) for editor in COLLEAGUES))
    assert sorted(response.status_code for response in responses) == [200, 412, 412]
    await handle_all(world)
    assert await queue(world) == []
    assert len(await world.rows("SELECT * FROM answer_decisions")) == 1


async def test_a_question_that_is_freed_while_it_is_answered_is_answered_once(world: EvidenceWorld) -> None:
    for _ in range(5):
        request = await ask(world)
        await do(world, request, "assign")
        path = f"{PATH}/{request}"
        responses = await asyncio.gather(
            world.call(EDITOR, "POST", f"{path}/unassign"),
            *(world.call(editor, "POST", f"{path}/answer", {"answer": "Begin."}) for editor in (EDITOR, *COLLEAGUES)),
        )
        assert all(response.status_code in (200, 409) for response in responses)
        assert sum(response.is_success for response in responses[1:]) == 1


async def test_all_answers_that_stand_on_the_same_item_wait_for_an_editor(world: EvidenceWorld) -> None:
    practice = await world.publish(PRACTICE)
    requests = [await ask(world) for _ in range(100)]
    for request in requests:
        await answer_request(world, request, practice)
    await world.json(CARER, "POST", f"/v1/evidence/{practice}/withdraw")
    await handle_all(world)
    page = await world.json(EDITOR, "GET", f"{PATH}/queue?in_doubt=true&count=true")
    assert page["total"] == 100
