"""Two at once: one of them is told, and nothing is done twice."""

import asyncio

from shared.callers import Role, person
from shared.events.contracts.evidence import GuidePublished, LearningCompleted
from shared.persistence.tables import new_id
from tests.evidence.publications.guides.writing import REVIEWER, drafted, statement
from tests.evidence.publications.learning import teaching
from tests.evidence.world import ACCOUNT, PRACTICE, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

ANOTHER = person(new_id(), Role.EVIDENCE_EDITOR)


async def test_two_reviewers_at_once_publish_one_edition(world: EvidenceWorld) -> None:
    guide = await drafted(world)
    await world.done(EDITOR, "POST", f"/v1/guides/{guide}/submit")
    path = f"/v1/guides/{guide}/publish"
    answers = await asyncio.gather(*(world.call(who, "POST", path) for who in (REVIEWER, ANOTHER, REVIEWER)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert len([event for event in await world.events() if isinstance(event, GuidePublished)]) == 1
    assert [row["edition"] for row in await world.rows("SELECT edition FROM guide_editions")] == [1]


async def test_two_editors_at_once_write_one_change(world: EvidenceWorld) -> None:
    guide = await drafted(world)
    path = f"/v1/guides/{guide}"
    tag = (await world.call(EDITOR, "GET", path)).headers["etag"]
    answers = await asyncio.gather(
        *(world.call(who, "PATCH", path, {"title": str(who.id)}, If_Match=tag) for who in (EDITOR, ANOTHER))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    [kept] = [answer.json()["title"] for answer in answers if answer.status_code == 200]
    assert (await world.done(EDITOR, "GET", f"{path}/draft"))["title"] == kept


async def test_a_guide_published_while_its_account_is_withdrawn_never_shows_the_account(world: EvidenceWorld) -> None:
    for _ in range(5):
        account = await world.publish(ACCOUNT)
        guide = await drafted(world, statement(account, await world.publish(PRACTICE)))
        await world.done(EDITOR, "POST", f"/v1/guides/{guide}/submit")
        publishing, withdrawing = await asyncio.gather(
            world.call(REVIEWER, "POST", f"/v1/guides/{guide}/publish"),
            world.call(CARER, "POST", f"/v1/evidence/{account}/withdraw"),
        )
        assert withdrawing.status_code == 200
        assert publishing.status_code in (200, 409)
        seen = await world.call(NOBODY, "GET", f"/v1/guides/{guide}")
        assert "My first week away" not in seen.text
        if publishing.status_code == 200:
            assert seen.json()["being_looked_at"]


async def test_three_clicks_at_once_finish_a_piece_once(world: EvidenceWorld) -> None:
    path = f"/v1/learning/{(await teaching.published(world))['id']}/completions"
    body = {"answers": teaching.RIGHT}
    answers = await asyncio.gather(*(world.call(CARER, "POST", path, body) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
    assert len({answer.json()["completion"]["id"] for answer in answers}) == 1
    assert len([event for event in await world.events() if isinstance(event, LearningCompleted)]) == 1


async def test_two_certificates_asked_for_at_once_are_one(world: EvidenceWorld) -> None:
    record = await teaching.finished(world, (await teaching.published(world))["id"], CARER)
    path = f"/v1/learning/completions/{record['id']}/certificate"
    shown = await asyncio.gather(*(world.done(CARER, "POST", path) for _ in range(3)))
    assert len({one["code"] for one in shown}) == 1
