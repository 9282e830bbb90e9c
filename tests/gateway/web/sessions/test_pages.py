import re

import httpx

from tests.gateway.world import Gateway

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


async def test_one_sees_where_one_is_signed_in_and_ends_one_of_them(gateway: Gateway) -> None:
    lost = await gateway.token("carer")
    gateway.http.headers.update(FIREFOX)
    await gateway.http.post(await gateway.link("carer"))
    page = (await gateway.http.get("/sessions")).text
    assert "Firefox on Linux (this one)" in page
    assert "Another browser or program" in page
    here, other = re.findall(r'action="(/sessions/[^"]+/end)"', page)
    for _ in range(2):
        ended = await gateway.http.post(other, headers=SAME_ORIGIN)
        assert (ended.status_code, ended.headers["location"]) == (303, "/sessions?ended=true")
    assert (await gateway.http.get("/v1/me", headers=lost)).status_code == 401
    page = (await gateway.http.get("/sessions?ended=true")).text
    assert "You have signed out that device." in page
    assert re.findall(r'action="(/sessions/[^"]+/end)"', page) == [here]
    for _ in range(2):
        own = await gateway.http.post(here, headers=SAME_ORIGIN)
        assert (own.headers["location"], dict(gateway.http.cookies)) == ("/welcome", {})
    assert "You are not signed in" in (await gateway.http.get("/welcome")).text


async def test_one_signs_out_everywhere(gateway: Gateway) -> None:
    elsewhere = await gateway.token("carer")
    await gateway.http.post(await gateway.link("carer"))
    left = await gateway.http.post("/sessions/sign-out-everywhere", headers=SAME_ORIGIN)
    assert (left.status_code, dict(gateway.http.cookies)) == (303, {})
    assert (await gateway.http.get("/v1/me", headers=elsewhere)).status_code == 401


async def test_nobody_ends_a_session_of_somebody_else_or_from_another_site(gateway: Gateway) -> None:
    async with httpx.AsyncClient(base_url=gateway.url) as other:
        await other.post(await gateway.link("practitioner"))
        (theirs,) = re.findall(r'action="(/sessions/[^"]+/end)"', (await other.get("/sessions")).text)
        await gateway.http.post(await gateway.link("carer"))
        assert (await gateway.http.post(theirs, headers=SAME_ORIGIN)).status_code == 404
        for path in (theirs, "/sessions/sign-out-everywhere"):
            refused = await other.post(path, headers={"Sec-Fetch-Site": "cross-site"})
            assert refused.status_code == 403
        assert (await other.get("/sessions")).status_code == 200
