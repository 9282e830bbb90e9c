import httpx
import pytest

from tests.gateway.world import Gateway, StartGateway

FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


async def sessions(gateway: Gateway, headers: dict[str, str]) -> list[dict[str, str]]:
    response = await gateway.http.get("/v1/sessions", headers=headers)
    assert response.status_code == 200, response.text
    assert response.headers["cache-control"] == "no-store"
    return response.json()["items"]


async def test_one_sees_where_one_is_signed_in_and_nobody_elses(gateway: Gateway) -> None:
    async with httpx.AsyncClient(headers=FIREFOX) as browser:
        await browser.post(await gateway.link("carer"))
    headers = await gateway.token("carer")
    await gateway.token("practitioner")
    here, browser_session = await sessions(gateway, headers)
    assert (here["current"], here["browser"], here["system"]) == (True, None, None)
    shown = browser_session["current"], browser_session["browser"], browser_session["system"]
    assert shown == (False, "Firefox", "Linux")
    response = await gateway.http.get(f"/v1/sessions/{here['id']}", headers=headers)
    assert response.json() == here
    elsewhere = await gateway.http.get(f"/v1/sessions/{here['id']}", headers=await gateway.token("practitioner"))
    assert (elsewhere.status_code, elsewhere.json()["title"]) == (404, "There is no such session")


async def test_a_session_that_is_ended_stops_at_once_and_is_no_longer_listed(gateway: Gateway) -> None:
    lost, here = await gateway.token("carer"), await gateway.token("carer")
    assert (await gateway.http.get("/v1/me", headers=lost)).status_code == 200
    (session,) = [session for session in await sessions(gateway, lost) if session["current"]]
    address = f"/v1/sessions/{session['id']}"
    assert (await gateway.http.delete(address, headers=here)).status_code == 428
    assert (await gateway.http.delete(address, headers={**here, "If-Match": '"7"'})).status_code == 412
    other = {**await gateway.token("practitioner"), "If-Match": "*"}
    assert (await gateway.http.delete(address, headers=other)).status_code == 404
    tag = (await gateway.http.get(address, headers=here)).headers["etag"]
    assert (await gateway.http.delete(address, headers={**here, "If-Match": tag})).status_code == 204
    assert (await gateway.http.get("/v1/me", headers=lost)).status_code == 401
    assert [session["current"] for session in await sessions(gateway, here)] == [True]
    assert (await gateway.http.delete(address, headers={**here, "If-Match": "*"})).status_code == 404


async def test_signing_out_everywhere_ends_all_sessions_of_this_person_alone(gateway: Gateway) -> None:
    first, second, other = [await gateway.token(key) for key in ("carer", "carer", "practitioner")]
    for headers in (first, second, other):
        assert (await gateway.http.get("/v1/me", headers=headers)).status_code == 200
    assert (await gateway.http.post("/v1/session/sign-out-everywhere", headers=first)).status_code == 204
    statuses = [(await gateway.http.get("/v1/me", headers=headers)).status_code for headers in (first, second, other)]
    assert statuses == [401, 401, 200]


async def test_signing_out_everywhere_takes_the_cookie_back(gateway: Gateway) -> None:
    await gateway.http.post(await gateway.link("carer"))
    left = await gateway.http.post("/v1/session/sign-out-everywhere", headers=SAME_ORIGIN)
    assert (left.status_code, dict(gateway.http.cookies)) == (204, {})


async def test_the_last_use_of_a_session_is_known_to_some_minutes(gateway: Gateway) -> None:
    headers = await gateway.token("carer")
    (before,) = await sessions(gateway, headers)
    await gateway.sql("UPDATE sessions SET last_used_at = last_used_at - interval '4 minutes'")
    gateway.app.credential_cache.clear()
    (unchanged,) = await sessions(gateway, headers)
    assert unchanged["last_used_at"] < before["last_used_at"]
    await gateway.sql("UPDATE sessions SET last_used_at = last_used_at - interval '2 minutes'")
    gateway.app.credential_cache.clear()
    await sessions(gateway, headers)
    (used,) = await sessions(gateway, headers)
    assert used["last_used_at"] > before["last_used_at"]


async def test_sessions_come_in_pages(gateway: Gateway) -> None:
    headers, *_ = [await gateway.token("carer") for _ in range(3)]
    page = (await gateway.http.get("/v1/sessions?limit=2&count=true", headers=headers)).json()
    assert (len(page["items"]), page["total"]) == (2, 3)
    rest = (await gateway.http.get(page["next"], headers=headers)).json()
    assert (len(rest["items"]), rest["next"]) == (1, None)


async def test_a_link_leads_to_where_one_was_and_to_no_other_site(gateway: Gateway) -> None:
    for path, leads_to in (
        ("/v1/claims?limit=5", "/v1/claims?limit=5"),
        ("//evil.example", "/welcome"),
        ("https://evil.example", "/welcome"),
        ("/\\evil.example", "/welcome"),
    ):
        pressed = await gateway.http.post(await gateway.link("carer"), params={"next": path}, headers=SAME_ORIGIN)
        assert (pressed.status_code, pressed.headers["location"]) == (303, leads_to)


@pytest.mark.parametrize("path", ["/v1/sessions", "/v1/sessions/0190d3a0-0000-7000-8000-000000000001"])
async def test_nobody_sees_sessions_without_signing_in(start_gateway: StartGateway, path: str) -> None:
    gateway = await start_gateway()
    assert (await gateway.http.get(path)).status_code == 401
