"""Each person counts once: signed in or by invitation, whatever they try, also at once."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert

from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.surveys.invitations.rules import person_hash, person_key, token_issuer
from services.engagement.surveys.responses import writers
from services.engagement.surveys.responses.statements import STORE_INVITED_UNLOCKED, InvitedResponse
from services.engagement.surveys.responses.tables import answered
from shared import clock
from shared.callers import Caller
from shared.disclosure import table_step
from shared.events.contracts.engagement import ResponseReceived
from shared.persistence.tables import new_id
from tests.conftest import FreshDatabase
from tests.engagement.world import EngagementWorld
from tests.support.callers import ENGAGEMENT_OFFICER, NOBODY, somebody
from tests.support.world import open_world

GROUPS = [{"group": "unpaid_carers", "admission": "invitation"}, {"group": "researchers", "admission": "signed_in"}]


async def responses(world: EngagementWorld) -> int:
    return len(await world.rows("SELECT 1 FROM responses"))


async def close(world: EngagementWorld, survey: str) -> dict[str, Any]:
    """Return the results."""
    await world.json(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/close")
    return await world.json(NOBODY, "GET", f"/v1/surveys/{survey}/results")


async def test_a_group_is_let_in_one_way_and_not_the_other(world: EngagementWorld) -> None:
    survey, carer = await world.open_survey(groups=GROUPS), somebody()
    signed_in = await world.answer_signed_in(survey, carer, "unpaid_carers")
    assert (signed_in.status_code, signed_in.json()["title"]) == (403, "People of this group answer by invitation")
    [invitation] = await world.invite(survey)
    assert (await world.answer(survey, invitation)).status_code == 201
    not_asked = await world.answer_signed_in(survey, carer, "commissioners")
    assert (not_asked.status_code, not_asked.json()["title"]) == (
        403,
        "This survey does not ask people of this group",
    )
    for group in ("researchers", "commissioners"):
        body = {"group": group, "count": 1}
        refused = await world.call(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/invitations", body)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/group")
    assert await responses(world) == 1


async def test_unless_a_survey_says_otherwise_every_group_answers_by_invitation(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    groups = (await world.json(NOBODY, "GET", f"/v1/surveys/{survey}"))["groups"]
    assert (len(groups), {group["admission"] for group in groups}) == (8, {"invitation"})
    assert (await world.answer_signed_in(survey, somebody())).status_code == 403


async def test_an_officer_does_not_choose_a_group(world: EngagementWorld) -> None:
    groups = [{"group": group, "admission": "signed_in"} for group in ("researchers", "others")]
    survey = await world.open_survey(groups=groups)
    refused = await world.answer_signed_in(survey, ENGAGEMENT_OFFICER)
    assert (refused.status_code, refused.json()["title"]) == (403, "You cannot answer for this group")
    assert (await world.answer_signed_in(survey, ENGAGEMENT_OFFICER, "others")).status_code == 201


async def test_nobody_invites_themselves(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    body = {"group": "unpaid_carers", "person_ids": [str(somebody().id), str(ENGAGEMENT_OFFICER.id)]}
    refused = await world.call(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/invitations", body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/person_ids")
    assert await world.rows("SELECT 1 FROM invitations") == []


@pytest.mark.parametrize("people", [{}, {"count": 1, "person_ids": [str(UUID(int=1))]}, {"person_ids": []}])
async def test_invitations_are_for_so_many_or_for_people(world: EngagementWorld, people: dict[str, Any]) -> None:
    survey = await world.open_survey()
    body = {"group": "unpaid_carers", **people}
    assert (await world.call(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/invitations", body)).status_code == 422


async def test_a_person_is_invited_once_in_a_list(world: EngagementWorld) -> None:
    survey, person_id = await world.open_survey(), str(somebody().id)
    body = {"group": "unpaid_carers", "person_ids": [person_id, person_id]}
    assert (await world.call(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/invitations", body)).status_code == 422


async def test_who_answered_signed_in_does_not_answer_by_invitation(world: EngagementWorld) -> None:
    survey, person = await world.open_survey(groups=GROUPS), somebody()
    [invitation] = await world.invite_people(survey, person)
    assert (await world.answer_signed_in(survey, person)).status_code == 201
    refused = await world.answer(survey, invitation)
    assert (refused.status_code, refused.json()["title"]) == (409, "You have answered this survey already")
    assert await responses(world) == 1


async def test_who_answered_by_invitation_answers_neither_signed_in_nor_by_another(world: EngagementWorld) -> None:
    survey, person = await world.open_survey(groups=GROUPS), somebody()
    [first], [other] = [await world.invite_people(survey, person) for _ in range(2)]
    assert (await world.answer(survey, first)).status_code == 201
    refused = [await world.answer_signed_in(survey, person), await world.answer(survey, other)]
    assert [response.status_code for response in refused] == [409, 409]
    assert (await responses(world), (await close(world, survey))["unnamed_voices"]) == (1, {"at_least": 0})


async def test_people_who_answer_both_ways_at_once_count_once(fresh_database: FreshDatabase) -> None:
    url = await fresh_database("engagement")
    async with open_world(EngagementWorld, url) as here, open_world(EngagementWorld, url) as there:
        survey, people = await here.open_survey(groups=GROUPS), [somebody() for _ in range(30)]
        first, second = [await here.invite_people(survey, *people) for _ in range(2)]
        attempts = [here.answer(survey, token) for token in first] + [
            call
            for person, token in reversed(list(zip(people, second, strict=True)))
            for call in (
                there.answer(survey, token),
                here.answer(survey, token),
                here.answer_signed_in(survey, person),
                there.answer_signed_in(survey, person),
            )
        ]
        async with asyncio.timeout(60):
            statuses = [response.status_code for response in await asyncio.gather(*attempts)]
        assert (statuses.count(201), statuses.count(409)) == (30, 120)
        assert await responses(here) == 30
        assert (await close(here, survey))["respondents"] == {"at_least": 30}


async def test_two_invitations_of_one_person_in_one_batch_are_one_response(
    world: EngagementWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "MAX_CONCURRENT_BATCHES", 1)
    survey, person = await world.open_survey(), somebody()
    tokens = [token for _ in range(4) for token in await world.invite_people(survey, person)]
    others = await world.invite(survey, 12)
    submissions = await asyncio.gather(*(world.answer(survey, token) for token in [*others, *tokens]))
    statuses = [response.status_code for response in submissions]
    assert (statuses.count(201), statuses[:12], statuses.count(409)) == (13, [201] * 12, 3)


async def test_batches_of_the_same_people_in_other_orders_do_not_wait_for_each_other(world: EngagementWorld) -> None:
    survey, people = await world.open_survey(), [somebody() for _ in range(3)]
    tokens = [await world.invite_people(survey, *order) for order in (people, people[::-1])]
    field_key = world.app.state.settings.field_key.get_secret_value()
    middle = person_hash(person_key(field_key), UUID(survey), people[1].id)

    async def store(batch: list[str]) -> set[int]:
        hashes = [token_issuer(field_key).verify(UUID(survey), token) for token in batch]
        rows = [InvitedResponse(UUID(survey), h, None, "unpaid_carers", new_id(), clock.today(), "{}") for h in hashes]
        return await world.database.statements.execute_batch(
            STORE_INVITED_UNLOCKED,
            list(zip(*rows, strict=True)),
            events=[ResponseReceived(response_id=row.id, survey_id=row.survey_id) for row in rows],
            traceparents=[None] * len(rows),
            records={},
        )

    async with world.database.engine.connect() as holder:
        await holder.execute(insert(answered).values(survey_id=UUID(survey), person_hash=middle))
        storing = [asyncio.create_task(store(batch)) for batch in tokens]
        await world.until("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' HAVING count(*) = 2")
        await holder.rollback()
    assert sum(len(places) for places in await asyncio.gather(*storing)) == 3 == await responses(world)


async def test_an_invitation_is_void_once_its_group_is_let_in_otherwise(world: EngagementWorld) -> None:
    draft = await world.json(ENGAGEMENT_OFFICER, "POST", "/v1/surveys", DRAFT)
    survey = draft["id"]
    [invitation], [still_valid] = [await world.invite(survey, group=group) for group in ("researchers", "others")]
    groups = {"groups": [{"group": "researchers", "admission": "signed_in"}, {"group": "others"}]}
    await world.json(ENGAGEMENT_OFFICER, "PATCH", f"/v1/surveys/{survey}", groups, **{"If-Match": "*"})
    await world.json(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/open")
    refused = await world.answer(survey, invitation, {"one": "a"})
    assert (refused.status_code, refused.json()["title"]) == (403, "This invitation is not valid")
    assert (await world.answer(survey, still_valid, {"one": "a"})).status_code == 201


OPTIONS = [{"id": "a", "text": "Breaks"}, {"id": "b", "text": "Pay"}]
DRAFT = {
    "title": "What first?",
    "questions": [{"id": "one", "kind": "single_choice", "text": "Only one?", "options": OPTIONS}],
}


@pytest.mark.parametrize(
    "groups",
    [[], [{"group": "others"}, {"group": "others", "admission": "signed_in"}], [{"group": "others", "admission": "x"}]],
)
async def test_a_group_has_one_admission(world: EngagementWorld, groups: list[dict[str, str]]) -> None:
    refused = await world.call(ENGAGEMENT_OFFICER, "POST", "/v1/surveys", DRAFT | {"groups": groups})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"].startswith("/groups")


async def test_whom_an_invitation_was_for_is_kept_as_a_hash_until_the_survey_closes(world: EngagementWorld) -> None:
    survey, people = await world.open_survey(), [somebody() for _ in range(3)]
    used, *_ = await world.invite_people(survey, *people)
    [entry] = await world.rows("SELECT after FROM audit_entries WHERE action = 'invited'")
    assert entry["after"] == {"group": "unpaid_carers", "count": 3, "for_known_people": True}
    await world.answer(survey, used)
    hashes = await world.rows("SELECT person_hash FROM invitations UNION ALL SELECT person_hash FROM answered")
    assert len(hashes) == 3
    assert not any(names(person, row["person_hash"]) for person in people for row in hashes)
    everything = await world.everything()
    assert not any(str(person.id) in everything for person in people)
    await close(world, survey)
    assert await world.rows("SELECT 1 FROM invitations UNION ALL SELECT 1 FROM answered") == []


def names(person: Caller, person_hash: bytes) -> bool:
    return person.id.bytes in person_hash or str(person.id).encode() in person_hash


async def test_after_closing_no_transaction_and_no_order_leads_from_a_person_to_an_answer(
    world: EngagementWorld,
) -> None:
    survey, people = await world.open_survey(groups=GROUPS), [somebody() for _ in range(20)]
    for person in people[:10]:
        body = {"group": "researchers", "answers": {"one": "a"}}
        keyed = {"Idempotency-Key": '"1"'}
        await world.json(person, "POST", f"/v1/surveys/{survey}/responses", body, **keyed)
    for token in await world.invite_people(survey, *people[10:]):
        await world.answer(survey, token)
    stored_with = "SELECT 1 FROM idempotency_records k JOIN responses r ON r.xmin = k.xmin"
    assert len(await world.rows(stored_with)) == 10
    await close(world, survey)
    assert await world.rows(stored_with) == []
    [rows] = await world.rows(
        "SELECT count(*) AS n, count(DISTINCT xmin::text) AS transactions, "
        "array_agg(id ORDER BY ctid) = array_agg(id ORDER BY id) AS shuffled FROM responses"
    )
    assert (rows["n"], rows["transactions"], rows["shuffled"]) == (20, 1, True)


@pytest.mark.usefixtures("fewest_shown")
async def test_results_say_how_many_answered_by_an_invitation_for_nobody_known(world: EngagementWorld) -> None:
    step = table_step(len(StakeholderGroup))
    for unnamed, identified, at_least in (
        (step, step, step),
        (step - 1, step, 0),
        (2 * step - 1, 3, step),
        (step, 0, step),
        (0, step, 0),
    ):
        survey = await world.open_survey(groups=GROUPS)
        for token in await world.invite(survey, unnamed) if unnamed else []:
            await world.answer(survey, token)
        for number in range(identified):
            person = somebody()
            if number % 2:
                await world.answer_signed_in(survey, person)
            else:
                [token] = await world.invite_people(survey, person)
                await world.answer(survey, token)
        assert (await close(world, survey))["unnamed_voices"] == {"at_least": at_least}
