import asyncio
from datetime import UTC, datetime, time
from uuid import UUID

import pytest

from services.engagement.directory.people.rules import StakeholderGroup
from shared import clock
from shared.events.contracts.engagement import ResponseReceived
from shared.persistence.tables import new_id
from tests.engagement.world import EVERY_GROUP_SIGNED_IN, EngagementWorld
from tests.support.callers import ENGAGEMENT_OFFICER, NOBODY, somebody
from tests.support.world import open_world

ANSWERS = {"order": ["b", "a"], "need": {"a": 5}, "ease": 7, "one": "b", "more": "Ask us at home."}


async def test_an_invited_person_answers_and_the_world_hears_only_that_somebody_did(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    [invitation] = await world.invite(survey, group="commissioners")
    response = await world.answer(survey, invitation, ANSWERS)
    assert response.status_code == 201, response.text
    receipt = response.json()
    assert receipt == {"id": receipt["id"], "survey_id": survey, "answered_on": clock.today().isoformat()}
    [row] = await world.rows("SELECT * FROM responses")
    assert row["answers"] == ANSWERS
    assert row["stakeholder_group"] == "commissioners"
    assert row["answered_on"] == clock.today()
    published = [event for event in await world.events() if isinstance(event, ResponseReceived)]
    assert published == [ResponseReceived(response_id=UUID(receipt["id"]), survey_id=UUID(survey))]


@pytest.mark.parametrize("keyed", [{}, {"Idempotency-Key": '"a key"'}])
async def test_no_address_leads_to_what_a_person_answered(world: EngagementWorld, keyed: dict[str, str]) -> None:
    survey = await world.open_survey()
    [invitation] = await world.invite(survey)
    path, body = f"/v1/surveys/{survey}/responses", {"answers": ANSWERS}
    response = await world.call(NOBODY, "POST", path, body, Invitation=invitation, **keyed)
    assert (response.status_code, response.headers.get("Location")) == (201, None)
    operation = world.app.openapi()["paths"]["/v1/surveys/{survey_id}/responses"]["post"]
    assert "no Location" in operation["description"]


async def test_a_double_click_is_one_response_and_a_kind_refusal(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    [invitation] = await world.invite(survey)
    submissions = await asyncio.gather(*(world.answer(survey, invitation) for _ in range(8)))
    assert sorted(response.status_code for response in submissions) == [201] + [409] * 7
    assert {a.json()["title"] for a in submissions if a.status_code == 409} == {"You have answered this survey already"}
    assert len(await world.rows("SELECT 1 FROM responses")) == 1
    assert len([event for event in await world.events() if isinstance(event, ResponseReceived)]) == 1


async def test_nothing_in_the_database_leads_from_an_invitation_or_an_hour_to_an_answer(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    invitations = await world.invite(survey, 5)
    receipts = [(await world.answer(survey, token)).json()["id"] for token in invitations]
    rows = await world.rows("SELECT id::text, answered_on, r::text AS whole FROM responses r")
    assert await world.rows("SELECT 1 FROM invitations") == []
    assert {row["id"] for row in rows}.isdisjoint(receipts)
    midnight = int(datetime.combine(clock.today(), time(), UTC).timestamp() * 1000)
    assert {UUID(row["id"]).int >> 80 for row in rows} == {midnight}
    assert not any(token in row["whole"] for row in rows for token in invitations)
    entries = await world.rows("SELECT action, kind, after::text AS after FROM audit_entries")
    assert {entry["kind"] for entry in entries} == {"Survey"}
    assert not any(token in str(entry) for entry in entries for token in invitations)


async def test_a_signed_in_person_answers_once_and_is_forgotten_when_the_survey_closes(world: EngagementWorld) -> None:
    survey, me = await world.open_survey(groups=EVERY_GROUP_SIGNED_IN), somebody()
    path, body = f"/v1/surveys/{survey}/responses", {"group": "researchers", "answers": {"one": "a"}}
    submissions = await asyncio.gather(*(world.call(me, "POST", path, body) for _ in range(5)))
    assert sorted(response.status_code for response in submissions) == [201, 409, 409, 409, 409]
    [row] = await world.rows("SELECT * FROM answered")
    assert me.id.bytes not in row["person_hash"]
    await world.json(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/close")
    assert await world.rows("SELECT 1 FROM answered") == []
    assert (await world.call(me, "POST", path, body)).json()["title"] == "This survey has closed"


async def test_a_signed_in_person_says_their_group_and_nobody_in_particular_needs_an_invitation(
    world: EngagementWorld,
) -> None:
    survey = await world.open_survey(groups=EVERY_GROUP_SIGNED_IN)
    path, body = f"/v1/surveys/{survey}/responses", {"answers": {"one": "a"}}
    no_group = await world.call(somebody(), "POST", path, body)
    assert (no_group.status_code, no_group.json()["errors"][0]["pointer"]) == (422, "/group")
    assert (await world.call(NOBODY, "POST", path, body | {"group": "researchers"})).status_code == 401


async def test_the_group_is_that_of_the_invitation_whatever_is_claimed(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    [invitation] = await world.invite(survey, group="unpaid_carers")
    path = f"/v1/surveys/{survey}/responses"
    body = {"group": "researchers", "answers": {"one": "a"}}
    claimed = await world.call(NOBODY, "POST", path, body, Invitation=invitation)
    assert (claimed.status_code, claimed.json()["errors"][0]["pointer"]) == (422, "/group")
    true = await world.call(NOBODY, "POST", path, body | {"group": "unpaid_carers"}, Invitation=invitation)
    assert true.status_code == 201
    [row] = await world.rows("SELECT stakeholder_group FROM responses")
    assert row["stakeholder_group"] == StakeholderGroup.UNPAID_CARERS


@pytest.mark.parametrize("token", ["", "guess", "A" * 32, "not base64 !", "é"])
async def test_a_guessed_invitation_is_refused_without_a_trace(world: EngagementWorld, token: str) -> None:
    survey = await world.open_survey()
    body = {"answers": {"one": "a"}}
    async with world.client_for(NOBODY) as http:
        headers = {b"Invitation": token.encode()}
        response = await http.post(f"/v1/surveys/{survey}/responses", json=body, headers=headers)
    assert response.status_code == 403
    assert response.json()["title"] == "This invitation is not valid"


async def test_an_invitation_to_one_survey_is_none_to_another(world: EngagementWorld) -> None:
    first, second = await world.open_survey(), await world.open_survey()
    [invitation] = await world.invite(first)
    assert (await world.answer(second, invitation)).status_code == 403
    assert (await world.answer(first, invitation)).status_code == 201


async def test_wrong_answers_are_refused_each_with_a_pointer_and_the_invitation_stays_good(
    world: EngagementWorld,
) -> None:
    survey = await world.open_survey()
    [invitation] = await world.invite(survey)
    answers = {"order": ["a", "a", "x"], "need": {"a": 6, "z/~": 1}, "ease": "7", "one": "c", "more": 3, "who": 1}
    response = await world.answer(survey, invitation, answers)
    assert response.status_code == 422
    assert {error["pointer"] for error in response.json()["errors"]} == {
        *("/answers/order/1", "/answers/order/2", "/answers/need/a", "/answers/need/z~1~0"),
        *("/answers/ease", "/answers/one", "/answers/more", "/answers/who"),
    }
    assert (await world.answer(survey, invitation)).status_code == 201


async def test_a_survey_that_is_not_open_takes_no_answers(world: EngagementWorld) -> None:
    draft = await world.json(ENGAGEMENT_OFFICER, "POST", "/v1/surveys", {"title": "Soon", "questions": []})
    [early] = await world.invite(draft["id"])
    assert (await world.answer(draft["id"], early)).status_code == 409
    assert (await world.answer(str(new_id()), early)).status_code == 404
    survey = await world.open_survey()
    first, late = await world.invite(survey, 2)
    assert (await world.answer(survey, first)).status_code == 201
    await world.json(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/close")
    assert (await world.answer(survey, late)).json()["title"] == "This survey has closed"


async def test_an_idempotency_key_replays_the_first_answer(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    [invitation] = await world.invite(survey)
    path, body = f"/v1/surveys/{survey}/responses", {"answers": {"one": "a"}}
    keyed = {"Invitation": invitation, "Idempotency-Key": '"my answers"'}
    first = await world.call(NOBODY, "POST", path, body, **keyed)
    again = await world.call(NOBODY, "POST", path, body, **keyed)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(await world.rows("SELECT 1 FROM responses")) == 1
    refused = await world.call(NOBODY, "POST", path, body, Invitation=invitation)
    assert refused.status_code == 409


async def test_two_people_with_the_same_idempotency_key_both_answer(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    path, body = f"/v1/surveys/{survey}/responses", {"answers": {"one": "a"}}
    for invitation in await world.invite(survey, 2):
        keyed = {"Invitation": invitation, "Idempotency-Key": '"1"'}
        response = await world.call(NOBODY, "POST", path, body, **keyed)
        assert (response.status_code, response.headers.get("Idempotency-Replayed")) == (201, None)
    assert len(await world.rows("SELECT 1 FROM responses")) == 2


@pytest.mark.parametrize("key", [None, '"a key"'])
async def test_what_cannot_be_read_is_refused_alike_with_and_without_an_idempotency_key(
    world: EngagementWorld, key: str | None
) -> None:
    survey = await world.open_survey()
    [invitation] = await world.invite(survey)
    headers = {"Invitation": invitation, "Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
    refused: list[tuple[int, list[str]]] = []
    async with world.client_for(NOBODY) as http:
        for path, content in (
            (f"/v1/surveys/{survey}/responses", b'{"answers": {"one": "a"}, "name": "A"}'),
            (f"/v1/surveys/{survey}/responses", b"{"),
            (f"/v1/surveys/{survey}/responses", b"[]"),
            ("/v1/surveys/none/responses", b'{"answers": {"one": "a"}}'),
        ):
            response = await http.post(path, content=content, headers=headers)
            refused.append((response.status_code, [error["pointer"] for error in response.json()["errors"]]))
    assert [status for status, _ in refused] == [422] * 4
    assert refused[0][1] == ["/name"]
    assert refused[3][1] == ["survey_id"]


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": '"a key"'}])
async def test_a_form_is_refused_with_and_without_an_idempotency_key(
    world: EngagementWorld, key: dict[str, str]
) -> None:
    survey = await world.open_survey()
    [invitation] = await world.invite(survey)
    async with world.client_for(NOBODY) as http:
        headers = {"Invitation": invitation, **key}
        response = await http.post(f"/v1/surveys/{survey}/responses", files={"answers": b"{}"}, headers=headers)
    assert (response.status_code, response.json()["title"]) == (422, "Some fields are not valid")


async def test_many_repeatable_answers_that_are_refused_do_not_wait_for_each_other(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    [invitation] = await world.invite(survey)
    assert (await world.answer(survey, invitation)).status_code == 201
    async with open_world(EngagementWorld, world.database.url, database_pool=2) as narrow:
        for where, status in ((str(new_id()), 404), (survey, 409)):
            path, body = f"/v1/surveys/{where}/responses", {"answers": {"one": "a"}}
            keyed = [{"Invitation": invitation, "Idempotency-Key": f'"{n}"'} for n in range(15)]
            async with asyncio.timeout(5):
                submissions = await asyncio.gather(*(narrow.call(NOBODY, "POST", path, body, **key) for key in keyed))
            assert [response.status_code for response in submissions] == [status] * 15


async def test_a_repeatable_answer_to_a_survey_that_closed_meanwhile_is_told_so(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    first, late = await world.invite(survey, 2)
    assert (await world.answer(survey, first)).status_code == 201
    await world.json(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/close")
    path, body = f"/v1/surveys/{survey}/responses", {"answers": {"one": "a"}}
    for _ in range(2):
        problem = await world.problem(NOBODY, "POST", path, body, Invitation=late, **{"Idempotency-Key": '"late"'})
        assert (problem["status"], problem["title"]) == (409, "This survey has closed")
    assert await world.rows("SELECT 1 FROM idempotency_records") == []


async def test_an_idempotency_key_is_for_one_answer_alone(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    [invitation] = await world.invite(survey)
    path, keyed = f"/v1/surveys/{survey}/responses", {"Invitation": invitation, "Idempotency-Key": '"mine"'}
    await world.json(NOBODY, "POST", path, {"answers": {"one": "a"}}, **keyed)
    problem = await world.problem(NOBODY, "POST", path, {"answers": {"one": "b"}}, **keyed)
    assert (problem["status"], problem["title"]) == (422, "This Idempotency-Key was used for another request")
    assert [row["answers"] for row in await world.rows("SELECT answers FROM responses")] == [{"one": "a"}]


@pytest.mark.parametrize("signed_in", [False, True])
async def test_the_same_request_sent_often_at_once_is_one_response_and_nothing_else_is_said(
    world: EngagementWorld, signed_in: bool
) -> None:
    survey = await (world.open_survey(groups=EVERY_GROUP_SIGNED_IN) if signed_in else world.open_survey())
    body, headers = {"answers": {"one": "a"}}, {"Idempotency-Key": '"once"'}
    caller = somebody() if signed_in else NOBODY
    if signed_in:
        body |= {"group": "researchers"}
    else:
        [headers["Invitation"]] = await world.invite(survey)
    calls = [world.call(caller, "POST", f"/v1/surveys/{survey}/responses", body, **headers) for _ in range(8)]
    submissions = await asyncio.gather(*calls)
    stored = [response for response in submissions if response.status_code == 201]
    assert [response.headers.get("Idempotency-Replayed") for response in stored].count(None) == 1
    assert len({response.content for response in stored}) == 1
    waiting = {response.json()["title"] for response in submissions if response.status_code != 201}
    assert waiting <= {"The same request is still being processed"}
    assert (
        len(await world.rows("SELECT 1 FROM responses"))
        == 1
        == len(await world.rows("SELECT 1 FROM idempotency_records"))
    )


async def test_the_reference_says_that_an_answer_can_be_repeated(world: EngagementWorld) -> None:
    operation = world.app.openapi()["paths"]["/v1/surveys/{survey_id}/responses"]["post"]
    assert {"invitation", "idempotency-key"} <= {parameter["name"] for parameter in operation["parameters"]}
    assert operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/ResponseRequest")
    examples = {
        slug
        for answer in operation["responses"].values()
        for media in answer["content"].values()
        for slug in media.get("examples", {})
    }
    assert {"idempotency-key-reused", "request-in-progress", "already-answered"} <= examples
