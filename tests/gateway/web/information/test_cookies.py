"""The cookies page names each cookie that is set, and no other."""

import re
from http.cookies import SimpleCookie

import httpx

from gateway.web.saved_answers.journey import COOKIE as ANSWERS_COOKIE
from tests.gateway.servers import open_socket, serve, url_of
from tests.gateway.web.questions.front_line import ACCEPT, FrontLine
from tests.gateway.web.sign_in.provider import OpenIdProvider
from tests.gateway.world import Gateway, StartGateway

NAMED = re.compile(r"<code>([^<]+)</code>")


def record_cookies(gateway: Gateway) -> set[str]:
    """Return the names of the cookies that the gateway sets from now on."""
    names: set[str] = set()

    async def record(response: httpx.Response) -> None:
        for header in response.headers.get_list("set-cookie"):
            names.update(SimpleCookie(header))

    gateway.http.event_hooks["response"].append(record)
    return names


async def test_the_cookies_page_names_exactly_the_cookies_that_are_set(
    front_line: FrontLine, start_gateway: StartGateway
) -> None:
    page = await front_line.get("/cookies")
    named = set(NAMED.findall(page.text.split("<tbody")[1]))
    names = record_cookies(front_line.gateway)
    await front_line.get("/language/cy")
    await front_line.post("/sign-in", email="jo@example.org")
    link = await front_line.gateway.link("practitioner")
    await front_line.get(link)
    await front_line.gateway.http.post(link, headers=ACCEPT)
    await front_line.get("/questions/mine")
    await front_line.post("/tell", way="practice_knowledge")
    bound = open_socket()
    provider = OpenIdProvider(url_of(bound))
    async with serve(provider, bound):
        settings = {"oidc_issuer": provider.url, "oidc_client_id": "impact-web"}
        gateway = await start_gateway(demo=False, **settings)
        at_organisation = record_cookies(gateway)
        await gateway.http.get("/sign-in/organisation")
    assert ANSWERS_COOKIE in names
    (numbered,) = at_organisation
    assert re.sub("[0-9a-f]{16}$", "", numbered) in named
    assert names | {re.sub("[0-9a-f]{16}$", "", numbered)} == named
