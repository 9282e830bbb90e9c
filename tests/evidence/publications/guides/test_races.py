"""Two at once: one of them is told, and nothing is done twice."""

import asyncio

from shared.callers import Role, person
from shared.events.contracts.evidence import GuidePublished, LearningCompleted
from shared.persistence.tables import new_id
from tests.evidence.publications.guides.guide_factories import REVIEWER, create_draft, statement
from tests.evidence.publications.learning import learning_factories
from tests.evidence.world import ACCOUNT, PRACTICE, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

ANOTHER = person(new_id(), Role.EVIDENCE_EDITOR)


async def test_two_reviewers_at_once_publish_one_edition(world: EvidenceWorld) -> None:
    guide = await create_draft(world)
    await world.json(EDITOR, "POST", f"/v1/guides/{guide}/submit")
    path = f"/v1/guides/{guide}/publish"
    responses = await asyncio.gather(*(world.call(caller, "POST", path) for caller in (REVIEWER, ANOTHER, REVIEWER)))
    assert sorted(response.status_code for response in responses) == [200, 409, 409]
    assert len([event for event in await world.events() if isinstance(event, GuidePublished)]) == 1
    assert [row["edition"] for row in await world.rows("SELECT edition FROM guide_editions")] == [1]


async def test_two_editors_at_once_write_one_change(world: EvidenceWorld) -> None:
    guide = await create_draft(world)
    path = f"/v1/guides/{guide}"
    tag = (await world.call(EDITOR, "GET", path)).headers["etag"]
    responses = await asyncio.gather(
        *(world.call(caller, "PATCH", path, {"title": str(caller.id)}, If_Match=tag) for caller in (EDITOR, ANOTHER))
    )
    assert sorted(response.status_code for response in responses) == [200, 412]
    [title] = [response.json()["title"] for response in responses if response.status_code == 200]
    assert (await world.json(EDITOR, "GET", f"{path}/draft"))["title"] == title


async def test_a_guide_published_while_its_account_is_withdrawn_never_shows_the_account(world: EvidenceWorld) -> None:
    for _ in range(5):
        account = await world.publish(ACCOUNT)
        guide = await create_draft(world, statement(account, await world.publish(PRACTICE)))
        await world.json(EDITOR, "POST", f"/v1/guides/{guide}/submit")
        publishing, withdrawing = await asyncio.gather(
            world.call(REVIEWER, "POST", f"/v1/guides/{guide}/publish"),
            world.call(CARER, "POST", f"/v1/evidence/{account}/withdraw"),
        )
        assert withdrawing.status_code == 200
        assert publishing.status_code in (200, 409)
        response = await world.call(NOBODY, "GET", f"/v1/guides/{guide}")
        assert "My first week away" not in response.text
        if publishing.status_code == 200:
            assert response.json()["is_flagged"]


async def test_three_clicks_at_once_finish_a_piece_once(world: EvidenceWorld) -> None:
    path = f"/v1/learning/{(await learning_factories.publish_piece(world))['id']}/completions"
    body = {"answers": learning_factories.RIGHT}
    responses = await asyncio.gather(*(world.call(CARER, "POST", path, body) for _ in range(3)))
    assert sorted(response.status_code for response in responses) == [200, 200, 201]
    assert len({response.json()["completion"]["id"] for response in responses}) == 1
    assert len([event for event in await world.events() if isinstance(event, LearningCompleted)]) == 1


async def test_two_certificates_asked_for_at_once_are_one(world: EvidenceWorld) -> None:
    record = await learning_factories.finish_piece(world, (await learning_factories.publish_piece(world))["id"], CARER)
    path = f"/v1/learning/completions/{record['id']}/certify"
    certificates = await asyncio.gather(*(world.json(CARER, "POST", path) for _ in range(3)))
    assert len({certificate["code"] for certificate in certificates}) == 1
