"""What a page does while the services behind it hang."""

import time
from collections.abc import AsyncGenerator

import pytest
from starlette.types import Receive, Scope, Send

from gateway.web import api_client
from tests.gateway.servers import answer_lifespan, open_socket, serve
from tests.gateway.world import BROWSER, Gateway, StartGateway, wait_until

HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"100")]


class HangingService:
    """A service that takes every request and answers none: with `starts`, the headers come, and never the body."""

    def __init__(self) -> None:
        self.starts = False
        self.disconnects = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
            return
        if self.starts:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await send({"type": "http.response.body", "body": b"{", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        self.disconnects += 1


@pytest.fixture
def service() -> HangingService:
    return HangingService()


@pytest.fixture
async def gateway(start_gateway: StartGateway, service: HangingService) -> AsyncGenerator[Gateway]:
    async with serve(service, open_socket()) as url:
        yield await start_gateway(service_url=url)


@pytest.mark.parametrize("starts", [False, True])
async def test_the_front_page_leaves_out_what_does_not_answer_in_three_seconds(
    gateway: Gateway, service: HangingService, starts: bool
) -> None:
    service.starts = starts
    began = time.monotonic()
    page = await gateway.http.get("/", headers=BROWSER)
    assert (page.status_code, "<h1" in page.text) == (200, True)
    assert 2.5 < time.monotonic() - began < 6
    await wait_until(lambda: service.disconnects >= 5)


@pytest.mark.parametrize("starts", [False, True])
async def test_a_page_whose_subject_does_not_come_in_time_says_so(
    gateway: Gateway, service: HangingService, starts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_client, "MAX_SECONDS", 0.5)
    service.starts = starts
    began = time.monotonic()
    page = await gateway.http.get("/evidence/01900000-0000-7000-8000-000000000000", headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (504, "text/html; charset=utf-8")
    assert ">This page cannot be shown at the moment</h1>" in page.text
    assert time.monotonic() - began < 4
    await wait_until(lambda: service.disconnects >= 1)
