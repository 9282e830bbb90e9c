import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.addresses import digest_of
from gateway.identity.commands import create_session, find_or_create_subject, upsert_person_of_address
from gateway.identity.personas import BY_KEY, PERSONAS
from gateway.roles import queries
from gateway.roles.first_administrator import add_administrator
from gateway.roles.rules import RolesGivenByIssuer
from shared.persistence.database import Database
from shared.persistence.tables import new_id
from tests.gateway.servers import caller_in
from tests.gateway.world import Gateway, StartGateway
from tests.support.settings import settings_for_tests

ISSUER = "http://127.0.0.1:1"
ADDRESS_KEY = settings_for_tests()["address_key"]


@pytest.fixture
async def gateway(start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """Start a gateway without a demo, to which people sign in by links."""
    monkeypatch.setenv("ADDRESS_KEY", ADDRESS_KEY)
    return await start_gateway(
        demo=False, smtp_url="smtp://127.0.0.1:1", mail_from="no-reply@impact.example", rate_limit_factor=100
    )


async def signed_in(gateway: Gateway, address: str) -> tuple[str, dict[str, str]]:
    """Return the id of the person with this address, and the headers of a new session."""
    database = Database(gateway.database_url, "gateway", pool=1)
    async with database.transaction() as uow:
        person = await upsert_person_of_address(uow, digest_of(address, ADDRESS_KEY))
        token = create_session(uow.session, person.id)
    await database.close()
    return str(person.id), {"Authorization": f"Bearer {token}"}


async def administrator(gateway: Gateway, address: str = "boss@example.org") -> tuple[str, dict[str, str]]:
    """Return an administrator whom the command made."""
    await add_administrator(gateway.database_url, address=address)
    return await signed_in(gateway, address)


async def give(gateway: Gateway, headers: dict[str, str], person: str, *roles: str) -> httpx.Response:
    """Give a person these roles, as read."""
    address = f"/v1/people/{person}/roles"
    current = await gateway.http.get(address, headers=headers)
    assert current.status_code == 200, current.text
    match = {"If-Match": current.headers["etag"]}
    return await gateway.http.put(address, json={"roles": [*roles]}, headers={**headers, **match})


async def roles_seen_by_services(gateway: Gateway, headers: dict[str, str]) -> Any:
    response = await gateway.http.get("/v1/me", headers=headers)
    return sorted(caller_in(response.json()).roles) if response.status_code == 200 else response.status_code


async def test_the_first_administrator_is_made_by_the_command_before_or_after_they_sign_in(gateway: Gateway) -> None:
    _, earlier = await signed_in(gateway, "early@example.org")
    assert await roles_seen_by_services(gateway, earlier) == ["contributor"]
    assert await add_administrator(gateway.database_url, address=" Early@Example.org ")
    assert not await add_administrator(gateway.database_url, address="early@example.org")
    gateway.app.credential_cache.clear()
    assert await roles_seen_by_services(gateway, earlier) == ["administrator", "contributor"]
    assert await add_administrator(gateway.database_url, address="late@example.org")
    _, later = await signed_in(gateway, "late@example.org")
    assert await roles_seen_by_services(gateway, later) == ["administrator", "contributor"]


async def test_a_role_counts_at_once_and_taken_ends_every_session(gateway: Gateway) -> None:
    boss_id, boss = await administrator(gateway)
    person, first = await signed_in(gateway, "jo@example.org")
    _, second = await signed_in(gateway, "jo@example.org")
    assert await roles_seen_by_services(gateway, first) == ["contributor"]
    response = await give(gateway, boss, person, "approver", "finance", "approver")
    assert response.json()["roles"] == ["approver", "finance"]
    assert response.json()["source"] == "administrator"
    assert response.headers["etag"] == '"2"'
    for headers in (first, second):
        assert await roles_seen_by_services(gateway, headers) == ["approver", "contributor", "finance"]
    assert (await give(gateway, boss, person, "approver")).status_code == 200
    assert [await roles_seen_by_services(gateway, headers) for headers in (first, second)] == [401, 401]
    assert await roles_seen_by_services(gateway, boss) == ["administrator", "contributor"]
    _, again = await signed_in(gateway, "jo@example.org")
    assert await roles_seen_by_services(gateway, again) == ["approver", "contributor"]
    trail = await gateway.sql(
        "SELECT actor::text || ' ' || (before->'roles')::text || (after->'roles')::text FROM audit_entries"
        " WHERE subject = :person AND action = 'changed' ORDER BY id",
        person=person,
    )
    assert trail == [f'{boss_id} []["approver", "finance"]', f'{boss_id} ["approver", "finance"]["approver"]']


async def test_roles_are_changed_as_they_were_read(gateway: Gateway) -> None:
    _, boss = await administrator(gateway)
    person, _ = await signed_in(gateway, "jo@example.org")
    address, body = f"/v1/people/{person}/roles", {"roles": ["approver"]}
    assert (await gateway.http.put(address, json=body, headers=boss)).status_code == 428
    assert (await gateway.http.put(address, json=body, headers={**boss, "If-Match": '"9"'})).status_code == 412
    for invalid in ({"roles": ["contributor"]}, {"roles": ["king"]}, {}):
        refused = await gateway.http.put(address, json=invalid, headers={**boss, "If-Match": "*"})
        assert refused.status_code == 422
    nobody = await gateway.http.get(f"/v1/people/{new_id()}/roles", headers=boss)
    assert (nobody.status_code, nobody.json()["title"]) == (404, "There is no such person")


async def test_the_last_administrator_stays_one_even_of_two_who_take_each_others(gateway: Gateway) -> None:
    first_id, first = await administrator(gateway)
    refused = await give(gateway, first, first_id, "finance")
    assert (refused.status_code, refused.json()["title"]) == (409, "This is the last administrator")
    assert await roles_seen_by_services(gateway, first) == ["administrator", "contributor"]
    second_id, second = await administrator(gateway, "second@example.org")
    both = await asyncio.gather(give(gateway, first, second_id), give(gateway, second, first_id))
    won, lost = sorted(response.status_code for response in both)
    assert (won, lost in (401, 403)) == (200, True), "by then the other has no role any more, or no session"
    assert await gateway.sql("SELECT count(*) FROM people WHERE 'administrator' = ANY(roles)") == [1]


@pytest.mark.parametrize("issuer", [None, "https://former.example"])
async def test_the_last_administrator_is_the_last_who_can_sign_in(gateway: Gateway, issuer: str | None) -> None:
    boss_id, boss = await administrator(gateway)
    persona, subject = ("somebody", None) if issuer is None else (None, "somebody")
    await gateway.sql(
        "INSERT INTO people (roles, persona, issuer, subject) VALUES ('{administrator}', :persona, :issuer, :subject)",
        persona=persona,
        issuer=issuer,
        subject=subject,
    )
    assert (await give(gateway, boss, boss_id)).status_code == 409
    gateway.app.authentication.settings.oidc_issuer = issuer
    assert (await give(gateway, boss, boss_id)).status_code == (200 if issuer else 409)


async def test_nobody_gives_a_role_who_has_just_lost_their_own(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss_id, _ = await administrator(gateway)
    _, second = await administrator(gateway, "second@example.org")
    person, _ = await signed_in(gateway, "jo@example.org")
    lock_roles = queries.lock_roles

    async def lose_the_race(session: AsyncSession) -> None:
        await gateway.sql("UPDATE people SET roles = '{}' WHERE id != :boss", boss=boss_id)
        await lock_roles(session)

    monkeypatch.setattr(queries, "lock_roles", lose_the_race)
    assert (await give(gateway, second, person, "approver")).status_code == 403
    assert await gateway.sql("SELECT roles FROM people WHERE id = :person", person=person) == [[]]


async def test_the_command_knows_people_by_the_former_key_too(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, _ = await signed_in(gateway, "jo@example.org")
    monkeypatch.setenv("ADDRESS_KEY", "another key of this test run, which is long")
    monkeypatch.setenv("FORMER_ADDRESS_KEY", ADDRESS_KEY)
    await add_administrator(gateway.database_url, address="jo@example.org")
    assert await gateway.sql("SELECT id::text || roles::text FROM people") == [f"{person}{{administrator}}"]


async def test_whoever_has_a_role_is_listed_with_who_gave_it(gateway: Gateway) -> None:
    boss_id, boss = await administrator(gateway)
    person, _ = await signed_in(gateway, "jo@example.org")
    await signed_in(gateway, "al@example.org")
    await give(gateway, boss, person, "approver")
    rows = (await gateway.http.get("/v1/roles", headers=boss)).json()["items"]
    assert [(row["person_id"], row["roles"], row["source"]) for row in rows] == [
        (boss_id, ["administrator"], "administrator"),
        (person, ["approver"], "administrator"),
    ]
    only = (await gateway.http.get("/v1/roles?role=approver&limit=1&count=true", headers=boss)).json()
    assert ([row["person_id"] for row in only["items"]], only["total"], only["next"]) == ([person], 1, None)
    page = (await gateway.http.get("/v1/roles?limit=1", headers=boss)).json()
    rest = (await gateway.http.get(page["next"], headers=boss)).json()
    assert [row["person_id"] for row in page["items"] + rest["items"]] == [boss_id, person]


async def test_only_administrators_see_or_give_roles(gateway: Gateway) -> None:
    person, headers = await signed_in(gateway, "jo@example.org")
    for method, path in (("GET", "/v1/roles"), ("GET", f"/v1/people/{person}/roles")):
        assert (await gateway.http.request(method, path, headers=headers)).status_code == 403
        assert (await gateway.http.request(method, path)).status_code == 401
    made_up = await gateway.http.put(
        f"/v1/people/{person}/roles", json={"roles": ["administrator"]}, headers={**headers, "If-Match": "*"}
    )
    assert made_up.status_code == 403


async def test_the_roles_of_a_persona_are_those_of_the_demo(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(rate_limit_factor=100)
    headers = await gateway.token("administrator")
    refused = await give(gateway, headers, str(BY_KEY["carer"].id), "approver")
    assert (refused.status_code, refused.json()["title"]) == (409, "This is a persona of the demo")
    rows = (await gateway.http.get("/v1/roles", headers=headers)).json()["items"]
    assert len(rows) == sum(1 for persona in PERSONAS if len(persona.roles) > 1)
    assert {row["source"] for row in rows} == {"demo"}


async def test_where_the_issuer_gives_roles_they_are_refused_here_with_the_reason(
    start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    for gives_roles in (True, False):
        monkeypatch.setenv("ADDRESS_KEY", ADDRESS_KEY)
        monkeypatch.setenv("OIDC_ISSUER", ISSUER)
        monkeypatch.setenv("OIDC_GIVES_ROLES", str(gives_roles))
        gateway = await start_gateway(demo=False, oidc_issuer=ISSUER, oidc_gives_roles=gives_roles)
        _, boss = await administrator(gateway)
        database = Database(gateway.database_url, "gateway", pool=1)
        async with database.transaction() as uow:
            person = await find_or_create_subject(uow, ISSUER, "somebody")
        await database.close()
        answer = await give(gateway, boss, str(person.id), "approver")
        if gives_roles:
            assert (answer.status_code, answer.json()["title"]) == (409, RolesGivenByIssuer.title)
            with pytest.raises(RolesGivenByIssuer):
                await add_administrator(gateway.database_url, subject="somebody")
        else:
            assert (answer.status_code, answer.json()["source"]) == (200, "administrator")
            assert await add_administrator(gateway.database_url, subject="somebody")
