import asyncio
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import FastAPI

from deploy.engines.postgres import Cluster
from shared.callers import CALLER_HEADER, Caller, Role, person, sign
from shared.persistence.tables import new_id
from tests.support.settings import caller_keys
from tests.support.world import client


async def test_without_the_gateways_word_nobody_is_served(app: FastAPI) -> None:
    async with client(app) as http:
        for token in ("", "no.such.token", sign(person(new_id()), other_key())):
            assert (await http.get("/v1/boxes", headers={CALLER_HEADER: token})).status_code == 401


def other_key() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


async def test_a_gateways_word_that_has_run_out_is_no_word(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    token = sign(person(new_id()), caller_keys()[0])
    now = time.time()
    async with client(app) as http:
        assert (
            await http.post("/v1/boxes", json={"note": "x", "pence": 1}, headers={CALLER_HEADER: token})
        ).status_code == 201
        monkeypatch.setattr("shared.callers.time.time", lambda: now + 61)
        assert (
            await http.post("/v1/boxes", json={"note": "x", "pence": 1}, headers={CALLER_HEADER: token})
        ).status_code == 401


async def test_a_partners_client_needs_the_scope_and_nobody_must_sign_in(app: FastAPI) -> None:
    body = {"note": "x", "pence": 1}
    with_scope = Caller(new_id(), "client", scopes=frozenset({"boxes:write"}))
    without = Caller(new_id(), "client", scopes=frozenset({"boxes:read"}), roles=frozenset({Role.CONTRIBUTOR}))
    statuses: list[int] = []
    for caller in (with_scope, without, Caller()):
        async with client(app, caller) as http:
            statuses.append((await http.post("/v1/boxes", json=body)).status_code)
    assert statuses == [201, 403, 401]


async def test_a_failure_of_ours_tells_the_request_id_and_nothing_else(app: FastAPI) -> None:
    async with client(app) as http:
        response = await http.post("/v1/boxes/broken", headers={"X-Request-Id": "a-request-1"})
    assert response.status_code == 500
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["request_id"] == response.headers["X-Request-Id"] == "a-request-1"
    assert "secret" not in response.text


async def test_what_cannot_finish_in_time_is_refused(app: FastAPI) -> None:
    async with asyncio.timeout(60), client(app) as http:
        response = await http.get("/v1/boxes/slow", headers={"Request-Timeout": "0.2"})
    assert response.status_code == 504


async def test_bad_fields_are_pointed_at(app: FastAPI) -> None:
    async with client(app, person(new_id())) as http:
        response = await http.post("/v1/boxes", json={"pence": "many", "colour": "red"})
    assert response.status_code == 422
    assert {error["pointer"] for error in response.json()["errors"]} == {"/note", "/pence", "/colour"}


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/v1/boxes", 405)])
async def test_frameworks_refusals_are_problems_too(app: FastAPI, method: str, path: str, status: int) -> None:
    async with client(app) as http:
        response = await http.request(method, path)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"


async def test_a_refused_method_is_answered_with_all_that_the_address_takes(app: FastAPI) -> None:
    async with client(app) as http:
        response = await http.delete("/v1/boxes")
        allowed = await http.request(response.headers["Allow"].split(", ")[0], "/v1/boxes")
    assert response.headers["Allow"] == "GET, POST"
    assert allowed.status_code == 200


async def test_json_that_does_not_say_so_is_told_how_to(app: FastAPI) -> None:
    async with client(app, person(new_id()), **{"Content-Type": "application/x-www-form-urlencoded"}) as http:
        response = await http.post("/v1/boxes", content=b'{"note": "x", "pence": 1}')
    assert response.status_code == 415
    assert "Content-Type: application/json" in response.json()["detail"]


async def test_what_is_not_json_is_told_where_it_breaks_off(app: FastAPI) -> None:
    async with client(app, person(new_id()), **{"Content-Type": "application/json"}) as http:
        response = await http.post("/v1/boxes", content=b'{"note": "x",}')
    assert response.status_code == 422
    [error] = response.json()["errors"]
    assert error["pointer"] == ""
    assert error["detail"].startswith("This is not JSON: ")
    assert error["detail"].endswith("at character 14")


async def test_changes_need_the_version_that_they_change(app: FastAPI) -> None:
    async with client(app, person(new_id())) as http:
        path = f"/v1/boxes/{(await http.post('/v1/boxes', json={'note': 'x', 'pence': 1})).json()['id']}"
        without = await http.patch(path)
        right = await http.patch(path, headers={"If-Match": '"1"'})
        stale = await http.patch(path, headers={"If-Match": '"1"'})
    assert [without.status_code, right.status_code, stale.status_code] == [428, 200, 412]
    assert right.headers["ETag"] == '"2"'


async def test_what_one_has_already_is_not_sent_again(app: FastAPI) -> None:
    async with client(app) as http:
        first = await http.get("/v1/boxes")
        again = await http.get("/v1/boxes", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_ready_tells_what_is_in_the_way(app: FastAPI) -> None:
    async with client(app) as http:
        assert (await http.get("/health/ready")).json() == {
            "status": "ready",
            "checks": {"database": "ok", "jobs": "ok"},
        }
        app.state.draining = True
        response = await http.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["checks"]["process"] == "stopping"


async def test_openapi_says_who_may_call_and_which_problems_there_are(app: FastAPI) -> None:
    async with client(app) as http:
        document = (await http.get("/openapi.json")).json()
    post = document["paths"]["/v1/boxes"]["post"]
    assert post["x-who-may-call"] == ["contributor", "boxes:write"]
    assert {"401", "403", "409", "415", "422"} <= set(post["responses"])
    assert document["paths"]["/v1/boxes"]["get"]["security"] == [{}]
    assert document["x-problems"]["precondition-failed"]["status"] == 412


def refused(operation: dict[str, Any], status: int) -> set[str]:
    return set(operation["responses"][str(status)]["content"]["application/problem+json"]["examples"])


def headers(operation: dict[str, Any]) -> set[str]:
    return {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "header"}


def required_headers(operation: dict[str, Any]) -> set[str]:
    return headers({"parameters": [parameter for parameter in operation["parameters"] if parameter["required"]]})


async def test_openapi_says_what_every_endpoint_of_a_kind_takes_and_refuses(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    filled, paid, labelled = (paths[f"/v1/boxes{path}"]["post"] for path in ("", "/paid", "/labelled"))
    assert refused(paths["/v1/boxes"]["get"], 400) == {"invalid-cursor"}
    assert refused(filled, 400) == {"bad-request", "idempotency-key-empty"}
    assert refused(filled, 409) == {"box-too-full", "request-in-progress"}
    assert filled["responses"]["409"]["description"].startswith("This box is full / ")
    assert refused(filled, 422) == {"invalid", "idempotency-key-reused", "query-not-understood"}
    assert refused(labelled, 400) == {"bad-request", "idempotency-key-empty"}
    assert headers(filled) == headers(paid) == {"idempotency-key"}
    assert [parameter["name"] for parameter in paid["parameters"]] == ["idempotency-key"]
    assert refused(paid, 400) == {"bad-request", "idempotency-key-empty", "idempotency-key-required"}
    changed = paths["/v1/boxes/{box_id}"]["patch"]
    assert headers(changed) == {"if-match"}
    assert [required_headers(operation) for operation in (filled, paid, changed)] == [
        set(), {"idempotency-key"}, {"if-match"}
    ]  # fmt: skip


@pytest.mark.alters_schema
async def test_a_database_that_takes_nobody_right_now_is_waited_for(app: FastAPI, postgres_cluster: Cluster) -> None:
    database = app.state.database
    await database.engine.dispose()
    postgres_cluster.sql(f"ALTER DATABASE {database.engine.url.database} CONNECTION LIMIT 0")
    async with client(app, person(new_id())) as http:
        response = await http.post("/v1/boxes", json={"note": "x", "pence": 1})
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "2"


@pytest.mark.parametrize("note", ["nothing\\u0000here", "half a pair \\ud800"])
async def test_a_character_that_cannot_be_kept_is_refused_and_not_our_fault(app: FastAPI, note: str) -> None:
    body = f'{{"note": "{note}", "pence": 1}}'
    async with client(app, person(new_id()), **{"Content-Type": "application/json"}) as http:
        response = await http.post("/v1/boxes", content=body)
    assert response.status_code == 422
    assert response.headers["Content-Type"] == "application/problem+json"


async def test_public_reads_may_be_kept_for_seconds_and_those_of_a_person_by_nobody_else(app: FastAPI) -> None:
    async with client(app) as nobody, client(app, person(new_id())) as someone:
        assert (await nobody.get("/v1/boxes")).headers["Cache-Control"] == "public, max-age=5"
        assert (await someone.get("/v1/boxes")).headers["Cache-Control"] == "private, no-cache"


async def test_a_text_in_the_place_of_a_file_is_told_so(app: FastAPI) -> None:
    async with client(app, person(new_id())) as http:
        refused = await http.post("/v1/boxes/labelled", files={"label": (None, "a text")})
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["pointer"]) == (422, "/label")
    assert error["detail"].startswith("This must be a file, but text was sent.")


async def test_a_second_file_under_one_name_is_refused_and_not_lost(app: FastAPI) -> None:
    files = [("label", ("a.txt", b"first")), ("label", ("b.txt", b"second"))]
    async with client(app, person(new_id())) as http:
        refused = await http.post("/v1/boxes/labelled", files=files)
        alone = await http.post("/v1/boxes/labelled", files=files[:1])
    assert (refused.status_code, [error["pointer"] for error in refused.json()["errors"]]) == (422, ["/label"])
    assert (alone.status_code, alone.json()) == (201, "first")
