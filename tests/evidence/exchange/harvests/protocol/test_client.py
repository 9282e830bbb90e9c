"""A source is anybody's: it leads nowhere inside, and takes neither memory nor time without an end."""

import asyncio
import ipaddress
import socket
from typing import Any

import pytest
from aiohttp import web

from services.evidence.exchange.harvests import rules
from services.evidence.exchange.harvests.protocol import client
from services.evidence.exchange.harvests.protocol.client import (
    PublicResolver,
    RetryLater,
    SourceForbidden,
    SourceUnavailable,
    is_public,
    request,
)
from tests.evidence.exchange.harvests.provider import provider, served
from tests.evidence.world import EvidenceWorld
from tests.support.callers import EDITOR

INSIDE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104  nobody binds to it here
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/oai",
        "ftp://example.org/oai",
        "https://user:secret@example.org/oai",
        "https:///oai",
        "https://example.org:99999/oai",
        "https://10.0.0.1/oai",
        "https://[::1]/oai",
        "https://[fe80::1%25eth0]/oai",
        "https://[::ffff:127.0.0.1]/oai",
        "https://\uff11\uff12\uff17.0.0.1/oai",
        "https://127\u30020\u30020\u30021/oai",
        "https://\u2460\u2461\u2466.0.0.1/oai",
        "file:///etc/passwd",
    ],
)
async def test_what_is_not_in_the_public_web_is_refused_without_asking(url: str) -> None:
    with pytest.raises(SourceForbidden):
        await request(url, {"verb": "Identify"}, allow_private=False)


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.1"])
async def test_a_name_that_leads_inside_is_refused_when_it_is_connected(host: str) -> None:
    with pytest.raises(SourceUnavailable):
        await request(f"https://{host}:1/oai", {"verb": "Identify"}, allow_private=False)


async def test_a_name_with_one_address_inside_is_refused_whole(monkeypatch: Any) -> None:
    resolver = PublicResolver()

    class Both:
        async def resolve(self, _host: str, _port: int, _family: int) -> list[dict[str, Any]]:
            return [{"host": "93.184.216.34"}, {"host": "10.0.0.1"}]

    monkeypatch.setattr(resolver, "_resolver", Both())
    with pytest.raises(OSError, match="not public"):
        await resolver.resolve("both.example", 443, socket.AF_UNSPEC)


async def test_each_step_of_a_redirect_is_checked() -> None:
    def away(_: Any) -> web.Response:
        return web.Response(status=302, headers={"Location": "file:///etc/passwd"})

    async with provider(away) as source:
        with pytest.raises(SourceForbidden):
            await request(source.url, {}, allow_private=True)


async def test_a_redirect_is_followed_a_few_times_and_no_more() -> None:
    async with provider(lambda _: b"") as source:
        source.answers = lambda arguments: (
            b"here" if arguments else web.Response(status=301, headers={"Location": f"{source.url}?there=1"})
        )
        assert await request(source.url, {}, allow_private=True) == b"here"
        source.answers = lambda _: web.Response(status=302, headers={"Location": source.url})
        with pytest.raises(SourceUnavailable, match="without end"):
            await request(source.url, {}, allow_private=True)
    assert len(source.requests) == 2 + client.MAX_REDIRECTS + 1


async def test_redirects_and_the_answer_share_one_time(monkeypatch: Any) -> None:
    monkeypatch.setattr(client, "REQUEST_TIMEOUT_SECONDS", 0.25)

    async def slowly(incoming: web.Request) -> web.Response:
        await asyncio.sleep(0.1)
        return web.Response(status=302, headers={"Location": str(incoming.url)})

    app = web.Application()
    app.router.add_get("/oai", slowly)
    async with served(app) as url:
        with pytest.raises(SourceUnavailable, match="in time"):
            await request(url, {}, allow_private=True)


def test_two_whole_answers_are_read_before_another_worker_may_take_the_page() -> None:
    assert rules.LEASE.total_seconds() > 2 * client.REQUEST_TIMEOUT_SECONDS


async def test_an_answer_that_does_not_end_is_cut_off(monkeypatch: Any) -> None:
    monkeypatch.setattr(client, "MAX_RESPONSE_BYTES", 1024 * 1024)
    async with provider(lambda _: b"x" * (2 * 1024 * 1024)) as source:
        with pytest.raises(SourceUnavailable, match="more than 1 MB"):
            await request(source.url, {}, allow_private=True)


async def test_a_packed_answer_is_not_unpacked() -> None:
    def packed(_: Any) -> web.Response:
        return web.Response(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})

    async with provider(packed) as source:
        with pytest.raises(SourceUnavailable):
            await request(source.url, {}, allow_private=True)


@pytest.mark.parametrize(
    ("header", "seconds"), [("30", 30), ("0", 1), ("999999999", 24 * 3600), ("soon", 60), (None, 60)]
)
async def test_a_pause_is_as_long_as_was_asked_within_reason(header: str | None, seconds: int) -> None:
    def busy(_: Any) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": header} if header else {})

    async with provider(busy) as source:
        with pytest.raises(RetryLater) as pause:
            await request(source.url, {}, allow_private=True)
    assert pause.value.seconds == seconds


async def test_nothing_listening_is_told_in_plain_words() -> None:
    async with provider(lambda _: b"") as source:
        url = source.url
    with pytest.raises(SourceUnavailable, match="could not be reached"):
        await request(url, {}, allow_private=True)


@pytest.mark.parametrize("url", ["https://127.0.0.1/oai", "http://example.org/oai", "https://a:b@example.org/oai"])
async def test_a_source_inside_is_refused_when_it_is_named(world: EvidenceWorld, url: str) -> None:
    problem = await world.problem(EDITOR, "POST", "/v1/harvests", {"base_url": url})
    assert problem["status"] == 422
    assert problem["errors"][0]["pointer"] == "/base_url"
