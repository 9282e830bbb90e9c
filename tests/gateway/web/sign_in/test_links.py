import asyncio
from html import escape

import httpx
import pytest

from gateway.credentials.tokens import hash_token
from gateway.identity.personas import BY_KEY
from gateway.identity.rules import NoSuchLink, NotADemo
from tests.gateway.servers import caller_in
from tests.gateway.world import BROWSER, Gateway, StartGateway

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


async def test_a_link_shows_a_button_and_the_button_signs_in(gateway: Gateway) -> None:
    link = await gateway.link("carer")
    for _ in range(3):
        page = await gateway.http.get(link)
        assert page.status_code == 200
        assert '<form method="post">\n<button type="submit" class="govuk-button">Sign in</button>' in page.text
    pressed = await gateway.http.post(link)
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/welcome")
    cookie = pressed.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    welcome = await gateway.http.get("/welcome")
    assert "You are signed in as <strong>an unpaid carer</strong>" in welcome.text
    for path, text in BY_KEY["carer"].links:
        assert f'href="{escape(path)}">{text}</a>' in welcome.text
    assert "number" not in welcome.text
    request = (await gateway.http.get("/v1/me")).json()
    assert caller_in(request).id == BY_KEY["carer"].id


async def test_whoever_works_where_there_are_no_pages_finds_what_the_api_says_of_it(gateway: Gateway) -> None:
    await gateway.http.post(await gateway.link("finance"))
    welcome = (await gateway.http.get("/welcome", headers=BROWSER)).text
    for work in BY_KEY["finance"].api_work:
        assert f'href="/docs#{work.section}">{work.text}</a><br><code>GET {escape(work.path)}</code>' in welcome
    pages = {path for persona in BY_KEY.values() for path, _ in persona.links}
    shown = [await gateway.http.get(path, headers=BROWSER, follow_redirects=True) for path in sorted(pages)]
    assert {page.headers["content-type"] for page in shown} == {"text/html; charset=utf-8"}


async def test_the_page_of_a_link_is_read_in_another_language_at_its_own_address(gateway: Gateway) -> None:
    link = await gateway.link("carer")
    page = await gateway.http.get(link, headers=BROWSER)
    assert 'href="?language=cy"' in page.text
    assert link.rpartition("/")[2] not in page.text
    welsh = await gateway.http.get(f"{link}?language=cy", headers=BROWSER)
    assert (welsh.status_code, '<html lang="cy"' in welsh.text, 'href="?language=en"' in welsh.text) == (
        200,
        True,
        True,
    )
    assert (await gateway.http.get(f"{link}?language=xx", headers=BROWSER)).status_code == 200
    assert (await gateway.http.post(link)).status_code == 303
    used = await gateway.http.get(link, headers=BROWSER)
    assert (used.status_code, '<html lang="cy"' in used.text, 'href="?language=en"' in used.text) == (410, True, True)


async def test_the_page_after_asking_for_a_link_stays_in_another_language(gateway: Gateway) -> None:
    page = await gateway.http.get("/sign-in/check-your-email", headers=BROWSER)
    assert 'href="/language/cy?next=/sign-in/check-your-email"' in page.text


async def test_two_presses_at_once_sign_in_once(gateway: Gateway) -> None:
    link = await gateway.link("carer")
    async with httpx.AsyncClient() as first, httpx.AsyncClient() as second:
        pressed = await asyncio.gather(*(http.post(link) for http in (first, second)))
    assert sorted(response.status_code for response in pressed) == [303, 410]
    late = next(response for response in pressed if response.status_code == 410)
    assert "This sign-in link has already been used" in late.text
    assert "set-cookie" not in late.headers
    assert await gateway.sql("SELECT count(*) FROM sessions") == [1]


async def test_the_page_says_why_a_link_does_not_work(gateway: Gateway) -> None:
    link = await gateway.link("carer")
    token_hash = hash_token(link.rpartition("/")[2])
    await gateway.sql("UPDATE one_time_links SET expires_at = now() WHERE digest = :digest", digest=token_hash)
    for send in (gateway.http.get, gateway.http.post):
        assert "This sign-in link has expired" in (await send(link)).text
        response = await send("/sign-in/impact_link_wrong")
        assert (response.status_code, "This sign-in link is not valid" in response.text) == (404, True)


async def test_a_text_from_elsewhere_is_escaped(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NoSuchLink, "title", "<b>title")
    monkeypatch.setattr(NoSuchLink, "detail", "<b>detail")
    page = (await gateway.http.get("/sign-in/impact_link_wrong")).text.partition("<main")[2]
    assert ("&lt;b&gt;title" in page, "&lt;b&gt;detail" in page, "<b>" in page) == (True, True, False)


async def test_a_token_of_a_link_is_in_no_log(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    link = await gateway.link("carer")
    token = link.rpartition("/")[2]
    await gateway.http.post(link)
    await gateway.http.post(link)
    gateway.http.cookies.clear()
    refused = await gateway.http.put(link)
    assert (refused.status_code, token in refused.text) == (405, False)
    elsewhere = await gateway.http.post(link, headers={"Sec-Fetch-Site": "cross-site"})
    assert (elsewhere.status_code, token in elsewhere.text) == (403, False)
    assert "/sign-in" in caplog.text
    assert token not in caplog.text


async def test_a_signed_in_browser_changes_things_from_our_own_pages_alone(gateway: Gateway) -> None:
    await gateway.http.post(await gateway.link("carer"))
    host = gateway.url.removeprefix("http://")
    for sent, status in (
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        (SAME_ORIGIN, 200),
        ({"Origin": f"http://{host}"}, 200),
    ):
        assert (await gateway.http.post("/v1/evidence", json={}, headers=sent)).status_code == status


@pytest.mark.parametrize(
    "sent",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
    ],
)
async def test_nobody_is_signed_in_or_out_by_another_site(gateway: Gateway, sent: dict[str, str]) -> None:
    link = await gateway.link("carer")
    refused = await gateway.http.post(link, headers=sent)
    assert (refused.status_code, "set-cookie" in refused.headers) == (403, False)
    assert refused.json()["title"] == "This request came from another website"
    signed_in = await gateway.http.post(link, headers=SAME_ORIGIN)
    assert signed_in.status_code == 303
    assert (await gateway.http.post("/welcome/sign-out", headers=sent)).status_code == 403
    assert (await gateway.http.get("/v1/me")).status_code == 200


async def test_a_sign_out_ends_the_session_and_takes_the_cookie_back(gateway: Gateway) -> None:
    await gateway.http.post(await gateway.link("carer"))
    cookie = {"Cookie": f"impact_session={gateway.http.cookies['impact_session']}"}
    left = await gateway.http.post("/welcome/sign-out", headers=SAME_ORIGIN)
    assert "You are signed out" in left.text
    assert 'action="/welcome/sign-out"' not in left.text
    assert not gateway.http.cookies
    for headers in (SAME_ORIGIN, {**SAME_ORIGIN, **cookie}):
        again = await gateway.http.post("/welcome/sign-out", headers=headers)
        assert (again.status_code, "You are signed out" in again.text, "set-cookie" in again.headers) == (
            200,
            True,
            False,
        )
    assert (await gateway.http.get("/v1/me", headers=cookie)).status_code == 401
    assert "You are not signed in" in (await gateway.http.get("/welcome", headers=cookie)).text


async def test_a_cookie_is_for_https_alone_where_there_is_https(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(public_url="https://impact.example")
    link = (await gateway.link("carer")).rpartition("/")[2]
    cookie = (await gateway.http.post(f"/sign-in/{link}")).headers["set-cookie"]
    assert cookie.startswith("__Host-impact_session=")
    assert "Secure" in cookie
    assert "strict-transport-security" in (await gateway.http.get("/")).headers


async def test_an_old_cookie_keeps_nobody_from_what_is_public(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    sent = {"Cookie": "impact_session=impact_session_of_yesterday"}
    assert {(await gateway.http.get("/v1/evidence/x", headers=sent)).status_code for _ in range(50)} == {200}


async def test_cookies_of_others_sign_nobody_out(gateway: Gateway) -> None:
    await gateway.http.post(await gateway.link("carer"))
    session = f"impact_session={gateway.http.cookies['impact_session']}"
    gateway.http.cookies.clear()
    for beside in ('prefs={"a":1}; {}', '{}; prefs={"a":1}', "a b=c d; {}", 'open="x; {}', "=x; {}; y", "é=ü,[];{};"):
        sent = beside.replace("{}", session, 1).encode()
        assert (await gateway.http.get("/v1/me", headers=[(b"Cookie", sent)])).status_code == 200
    lines = [(b"Cookie", line) for line in (b"theme=dark", session.encode(), b"a=b")]
    assert (await gateway.http.get("/v1/me", headers=lines)).status_code == 200


async def test_nobody_is_signed_in_by_a_cookie_of_their_own_making(gateway: Gateway) -> None:
    for cookie in ("impact_session=x", "impact_session=impact_session_x", "impact_session", "a=b; ;=; x"):
        sent = {"Cookie": cookie}
        assert (await gateway.http.get("/v1/me", headers=sent)).status_code == 401
        assert (await gateway.http.get("/", headers=sent)).status_code == 200


async def test_where_there_is_no_demo_no_persona_signs_in_or_gets_a_link(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = await gateway.link("carer")
    gateway.app.authentication.settings.demo = False
    monkeypatch.delenv("DEMO")
    refused = await gateway.http.post(link)
    assert (refused.status_code, "This sign-in link is not valid" in refused.text) == (404, True)
    assert "set-cookie" not in refused.headers
    assert await gateway.sql("SELECT count(*) FROM sessions") == [0]
    with pytest.raises(NotADemo):
        await gateway.link("carer")
    assert await gateway.sql("SELECT count(*) FROM one_time_links") == [1]
