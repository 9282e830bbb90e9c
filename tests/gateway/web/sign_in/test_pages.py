import asyncio
import re
import time

import httpx
import pytest

from gateway.mail.outbox import Outbox
from gateway.rate_limit_policies import MAILS_OF_NETWORK, MAILS_TO_ADDRESS
from tests.gateway.mail.mail_server import mail_server
from tests.gateway.servers import caller_in
from tests.gateway.world import BROWSER, Gateway, StartGateway, wait_until

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def outbox(gateway: Gateway) -> Outbox:
    return gateway.app.pages.state.outbox


async def ask(gateway: Gateway, email: str, **other: str) -> httpx.Response:
    return await gateway.http.post("/sign-in", data={"email": email, **other}, headers=SAME_ORIGIN)


async def mailed_link(gateway: Gateway, email: str, **other: str) -> str:
    """Ask for a link, and return it from the mail."""
    count = len(outbox(gateway).mails)
    response = await ask(gateway, email, **other)
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in/check-your-email")
    await wait_until(lambda: len(outbox(gateway).mails) > count)
    return re.findall(r"http\S+", outbox(gateway).mails[0].mail.text)[0]


async def test_somebody_new_signs_in_by_a_mailed_link_and_is_known_again(gateway: Gateway) -> None:
    ids = set[str]()
    for email in ("Jo@Example.org ", "jo@example.org."):
        link = await mailed_link(gateway, email)
        mail = outbox(gateway).mails[0].mail
        assert (mail.recipient, mail.subject) == ("jo@example.org", "Your link to sign in to IMPACT")
        assert "within 30 minutes" in mail.text
        pressed = await gateway.http.post(link, headers=SAME_ORIGIN)
        assert (pressed.status_code, pressed.headers["location"]) == (303, "/welcome")
        caller = caller_in((await gateway.http.get("/v1/me")).json())
        ids.add(str(caller.id))
        welcome = (await gateway.http.get("/welcome")).text
        assert welcome.index("If you work for the centre") < welcome.index(str(caller.id))
        assert 'href="/tell">Share what you know</a>' in welcome
        assert "API" not in welcome
        gateway.http.cookies.clear()
    assert len(ids) == 1


async def test_whoever_has_to_sign_in_comes_back_to_where_they_were(gateway: Gateway) -> None:
    sent_away = await gateway.http.get("/sessions?ended=true", headers=BROWSER)
    assert sent_away.status_code == 303
    page = await gateway.http.get(sent_away.headers["location"])
    assert '<input type="hidden" name="next" value="/sessions?ended=true">' in page.text
    link = await mailed_link(gateway, "jo@example.org", next="/sessions?ended=true")
    assert "sessions" not in link, "a mail has no text of whoever asks for it"
    async with httpx.AsyncClient() as elsewhere:
        assert (await elsewhere.get(link)).status_code == 200
    pressed = await gateway.http.post(link, headers=SAME_ORIGIN)
    assert pressed.headers["location"] == "/sessions?ended=true"
    assert "You have signed out that device." in (await gateway.http.get(pressed.headers["location"])).text


async def test_whoever_is_signed_in_reads_so_at_a_link_and_is_then_signed_out(gateway: Gateway) -> None:
    await gateway.http.post(await gateway.link("carer"))
    former = {"Cookie": f"impact_session={gateway.http.cookies['impact_session']}"}
    link = await mailed_link(gateway, "jo@example.org")
    assert "You are already signed in" in (await gateway.http.get(link)).text
    assert (await gateway.http.post(link, headers=SAME_ORIGIN)).status_code == 303
    new_id = str(caller_in((await gateway.http.get("/v1/me")).json()).id)
    gateway.http.cookies.clear()
    assert (await gateway.http.get("/v1/me", headers=former)).status_code == 401
    assert "as somebody else" not in (await gateway.http.get(await mailed_link(gateway, "jo@example.org"))).text
    trail = "SELECT actor::text || ' ' || subject::text FROM audit_entries WHERE action = 'created'"
    assert await gateway.sql(trail) == [f"{new_id} {new_id}"]


async def test_a_response_that_was_lost_comes_again_in_the_same_browser_alone(gateway: Gateway) -> None:
    link = await mailed_link(gateway, "jo@example.org")
    async with httpx.AsyncClient() as other:
        for http in (gateway.http, other):
            await http.get(link)
        bound = dict(gateway.http.cookies)
        await gateway.http.post(link, headers=SAME_ORIGIN)
        first = gateway.http.cookies["impact_session"]
        assert (await gateway.http.post(link, headers=SAME_ORIGIN)).status_code == 303
        gateway.http.cookies.clear()
        gateway.http.cookies.update(bound)
        again = await gateway.http.post(link, headers=SAME_ORIGIN)
        assert (again.status_code, again.headers["location"]) == (303, "/welcome")
        assert gateway.http.cookies["impact_session"] == first
        assert (await gateway.http.get("/v1/me")).status_code == 200
        assert (await other.post(link)).status_code == 410
    assert await gateway.sql("SELECT count(*) FROM sessions") == [1]
    await gateway.sql("UPDATE sessions SET created_at = now() - interval '61 seconds'")
    assert (await gateway.http.post(link, headers=SAME_ORIGIN)).status_code == 410


async def test_whoever_signs_out_everywhere_leaves_no_link_behind(gateway: Gateway) -> None:
    await gateway.http.post(await mailed_link(gateway, "jo@example.org"), headers=SAME_ORIGIN)
    mine, theirs = await mailed_link(gateway, "jo@example.org"), await mailed_link(gateway, "al@example.org")
    await gateway.http.post("/sessions/sign-out-everywhere", headers=SAME_ORIGIN)
    assert [(await gateway.http.get(link)).status_code for link in (mine, theirs)] == [410, 200]


async def test_whoever_signs_in_in_a_demo_reads_that_its_mails_are_for_everybody(gateway: Gateway) -> None:
    assert "Everybody who can open this demonstration can read the emails" in (await gateway.http.get("/sign-in")).text


async def test_no_mail_leads_to_another_site(gateway: Gateway) -> None:
    for path in ("//evil.example", "https://evil.example", "/\\evil.example"):
        link = await mailed_link(gateway, "jo@example.org", next=path)
        assert "evil" not in link
        assert "evil" not in (await gateway.http.get("/sign-in", params={"next": path})).text.partition("<main")[2]


@pytest.mark.parametrize(
    ("email", "error"),
    [
        ("", "Enter your email address"),
        ("jo", "Enter an email address in the correct format, like name@example.org"),
        ("<b>@example.org", "Enter an email address in the correct format, like name@example.org"),
        ("siân@example.org", "We cannot send email to an address with these letters before the @"),
        ("x" * 2000, "Enter an email address in the correct format, like name@example.org"),
    ],
)
async def test_what_is_no_address_is_said_at_the_field_and_stays_there(
    gateway: Gateway, email: str, error: str
) -> None:
    response = await ask(gateway, email, next="/sessions")
    assert response.status_code == 422
    assert response.text.count(error) == 2
    assert '<a href="#email">' in response.text
    assert '<input type="hidden" name="next" value="/sessions">' in response.text
    assert "<b>@" not in response.text
    assert 'autocomplete="email"' in response.text
    assert not outbox(gateway).mails


async def test_the_answer_is_the_same_for_known_and_unknown_addresses(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gateway.http.post(await mailed_link(gateway, "known@example.org"), headers=SAME_ORIGIN)
    gateway.http.cookies.clear()

    async def never_send(_mail: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(outbox(gateway), "send", never_send)
    answers = list[tuple[object, ...]]()
    for email in ("known@example.org", "unknown@example.org"):
        began = time.monotonic()
        answer = await ask(gateway, email)
        assert time.monotonic() - began < 5, "nobody waits for the mail"
        headers = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "date")}
        headers.pop("ratelimit", None)
        answers.append((answer.status_code, answer.content, headers))
    assert answers[0] == answers[1]
    for task in asyncio.all_tasks():
        if "_work" in repr(task.get_coro()):
            task.cancel()


async def test_the_mail_is_in_the_language_of_the_page(gateway: Gateway) -> None:
    await gateway.http.get("/language/cy")
    link = await mailed_link(gateway, "jo@example.org")
    assert outbox(gateway).mails[0].mail.subject == "Eich dolen i fewngofnodi i IMPACT"
    assert link in outbox(gateway).mails[0].mail.text


async def test_one_address_gets_so_many_mails_and_nobody_learns_it(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(rate_limit_factor=1)
    for _ in range(MAILS_TO_ADDRESS.quota):
        await mailed_link(gateway, "jo@example.org")
    again = await ask(gateway, "JO@example.org")
    assert (again.status_code, again.headers["location"]) == (303, "/sign-in/check-your-email")
    await mailed_link(gateway, "al@example.org")
    assert len(outbox(gateway).mails) == MAILS_TO_ADDRESS.quota + 1


async def test_one_network_asks_for_so_many_mails(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(rate_limit_factor=1)
    limiter = gateway.app.limiter
    while (await limiter.take(MAILS_OF_NETWORK, "127.0.0.1")).allowed:
        pass
    refused = await gateway.http.post("/sign-in", data={"email": "jo@example.org"}, headers={**SAME_ORIGIN, **BROWSER})
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "Too many requests" in refused.text


async def test_no_other_site_has_mails_sent(gateway: Gateway) -> None:
    refused = await gateway.http.post(
        "/sign-in", data={"email": "jo@example.org"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert refused.status_code == 403
    assert not outbox(gateway).mails


async def test_outside_a_demo_links_go_by_smtp_and_no_page_shows_them(start_gateway: StartGateway) -> None:
    async with mail_server() as server:
        gateway = await start_gateway(
            demo=False,
            smtp_url=f"smtp://127.0.0.1:{server.port}",
            smtp_starttls=False,
            mail_from="IMPACT <no-reply@impact.example>",
        )
        assert outbox(gateway) is None
        assert (await ask(gateway, "jo@example.org")).status_code == 303
        await wait_until(lambda: len(server.mails) == 1)
    link = re.findall(r"http\S+", server.mails[0].get_content())[0]
    assert (await gateway.http.post(link, headers=SAME_ORIGIN)).status_code == 303
    for path in ("/demo/outbox", "/demo/sign-in"):
        assert (await gateway.http.get(path)).status_code in (404, 405)
    as_persona = await gateway.http.post("/demo/sign-in", data={"persona": "carer"}, headers=SAME_ORIGIN)
    assert (as_persona.status_code, "set-cookie" in as_persona.headers) == (404, False)
    page = (await gateway.http.get("/sign-in")).text
    assert "demonstration" not in page
    assert "/demo/" not in page


async def test_without_a_mail_server_the_page_says_what_to_do(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(demo=False)
    page = (await gateway.http.get("/sign-in")).text
    assert "SMTP_URL and MAIL_FROM" in page
    assert 'name="email"' not in page
    assert (await ask(gateway, "jo@example.org")).status_code == 404


async def test_a_demo_shows_its_mails_and_its_people(gateway: Gateway) -> None:
    assert "There are none yet." in (await gateway.http.get("/demo/outbox")).text
    link = await mailed_link(gateway, "jo@example.org")
    shown = await gateway.http.get("/demo/outbox")
    assert f'href="{link}"' in shown.text
    assert "To jo@example.org" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    page = (await gateway.http.get("/sign-in")).text
    assert 'name="persona" value="carer"' in page
    signed_in = await gateway.http.post(
        "/demo/sign-in", data={"persona": "carer", "next": "/sessions"}, headers=SAME_ORIGIN
    )
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/sessions")
    assert "an unpaid carer" in (await gateway.http.get("/welcome")).text
    nobody = await gateway.http.post("/demo/sign-in", data={"persona": "king"}, headers=SAME_ORIGIN)
    assert nobody.status_code == 404
