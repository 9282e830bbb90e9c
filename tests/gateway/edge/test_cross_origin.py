from typing import Any

import pytest
from pydantic import ValidationError

from gateway.edge.app import Edge
from tests.gateway.test_settings import make_settings
from tests.gateway.world import StartGateway

APP = {"Origin": "https://app.example"}
PREFLIGHT = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization, if-match"}


def allowed(headers: Any) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.startswith("access-control-")}


async def test_a_front_end_on_the_list_calls_from_the_browser(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(cors_allowed_origins="https://app.example, http://127.0.0.1:5173")
    asked = await gateway.http.options("/v1/claims/1", headers={**APP, **PREFLIGHT})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, "https://app.example")
    assert "PATCH" in asked.headers["access-control-allow-methods"]
    for name in ("authorization", "if-match", "idempotency-key"):
        assert name in asked.headers["access-control-allow-headers"].lower()
    token = await gateway.token("carer")
    for path, status in (("/v1/evidence/x", 200), ("/v1/claims", 200), ("/v1/nothing", 404)):
        response = await gateway.http.get(path, headers={**APP, **token})
        assert (response.status_code, response.headers["access-control-allow-origin"]) == (status, APP["Origin"])
        assert "ETag" in response.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in response.headers
    assert (await gateway.http.get("/v1/claims", headers=APP)).headers["access-control-allow-origin"] == APP["Origin"]
    assert (await gateway.http.post("/v1/evidence", json={}, headers={**APP, **token})).status_code == 200
    public = await gateway.http.get("/openapi.json")
    assert "origin" in public.headers.get_list("vary", split_commas=True)


async def test_strangers_are_told_nothing_and_change_nothing_by_a_cookie(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(cors_allowed_origins="https://app.example")
    for origin in ("https://evil.example", "https://app.example.evil.example", "http://app.example", "null"):
        asked = await gateway.http.options("/v1/evidence/1", headers={"Origin": origin, **PREFLIGHT})
        response = await gateway.http.get("/v1/evidence/x", headers={"Origin": origin})
        assert allowed(asked.headers) == allowed(response.headers) == {}
        assert set(response.headers.get_list("vary", split_commas=True)) == {"accept", "sec-fetch-mode", "origin"}
    await gateway.http.post(await gateway.link("carer"))
    assert (await gateway.http.post("/v1/evidence", json={}, headers=APP)).status_code == 403
    assert "access-control-allow-credentials" not in (await gateway.http.get("/v1/me", headers=APP)).headers


async def test_without_a_list_no_other_origin_may_call(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    assert isinstance(gateway.app, Edge)
    response = await gateway.http.get("/v1/evidence/x", headers=APP)
    assert (allowed(response.headers), response.headers["vary"]) == ({}, "accept, sec-fetch-mode")


@pytest.mark.parametrize("origins", ["*", "app.example", "https://app.example/", "https://App.example", "null"])
def test_what_is_no_origin_is_refused(origins: str) -> None:
    with pytest.raises(ValidationError, match="must be an origin"):
        make_settings(cors_allowed_origins=origins)
