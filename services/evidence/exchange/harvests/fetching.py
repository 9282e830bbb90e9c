"""Asks a source over HTTP, and never lets it lead this service to a place inside."""

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Final
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from shared import clock

LARGEST_ANSWER: Final = 32 * 1024 * 1024
MOST_REDIRECTS: Final = 5
WHOLE_SECONDS: Final = 120
"""For an answer and all redirects before it: two answers are in hand before another worker may take the page."""
SILENT_SECONDS: Final = 60
LONGEST_PAUSE: Final = 24 * 3600
HEADERS: Final = {
    "User-Agent": "IMPACT-harvester/1 (OAI-PMH 2.0)",
    "Accept": "text/xml, application/xml;q=0.9, */*;q=0.1",
    # A small answer that unpacks into a huge one is not taken at all.
    "Accept-Encoding": "identity",
}
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


class Unreachable(Exception):
    """There is no usable answer. The text says why, in plain words and without the address."""


class Forbidden(Unreachable):
    """The source leads to where a harvest may not go: asking again is of no use."""


class AskedToWait(Exception):
    """The source wants to be asked again after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"for {seconds:.0f} s")
        self.seconds = seconds


async def fetch(base_url: str, arguments: Mapping[str, str], *, private: bool) -> bytes:
    """The answer's body, in two minutes with all redirects. `private`: whether it may lie in a private network or on
    this machine.

    Raises Unreachable, Forbidden or AskedToWait.
    """
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=15, sock_read=SILENT_SECONDS)
    connector = aiohttp.TCPConnector(resolver=None if private else PublicAlone(), use_dns_cache=False)
    try:
        async with (
            asyncio.timeout(WHOLE_SECONDS),
            aiohttp.ClientSession(
                connector=connector, timeout=timeout, headers=HEADERS, cookie_jar=aiohttp.DummyCookieJar()
            ) as http,
        ):
            return await _followed(http, base_url, arguments, private=private)
    except TimeoutError:
        raise Unreachable("The source did not answer in time.") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        if (refused := _forbidden(error)) is not None:
            raise refused from None
        raise Unreachable(f"The source could not be reached ({type(error).__name__}).") from None


def _forbidden(wrong: BaseException | None) -> "Forbidden | None":
    """What the resolver said, which others have wrapped."""
    while wrong is not None and not isinstance(wrong, Forbidden):
        wrong = wrong.__cause__ or wrong.__context__
    return wrong


async def _followed(
    http: aiohttp.ClientSession, base_url: str, arguments: Mapping[str, str], *, private: bool
) -> bytes:
    url, params = base_url, dict(arguments)
    for _ in range(MOST_REDIRECTS + 1):
        check(url, private=private)
        async with http.get(url, params=params, allow_redirects=False) as answer:
            if answer.status in (301, 302, 303, 307, 308) and "location" in answer.headers:
                url, params = urljoin(str(answer.url), answer.headers["location"]), {}
                continue
            if answer.status in (429, 503):
                raise AskedToWait(_pause(answer.headers.get("retry-after")))
            if answer.status != 200:
                raise Unreachable(f"The source answered with HTTP status {answer.status}.")
            return await _body(answer)
    raise Unreachable("The source sends from one address to the next without an end.")


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise Unreachable("The source compresses its answers although it was asked not to.")
    content = bytearray()
    async for chunk in answer.content.iter_chunked(64 * 1024):
        content += chunk
        if len(content) > LARGEST_ANSWER:
            raise Unreachable(f"The source answered with more than {LARGEST_ANSWER // 1024 // 1024} MB at once.")
    return bytes(content)


def check(url: str, *, private: bool) -> None:
    """Raises Forbidden for what is not in the public web."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Forbidden("This is not an address in the web.") from None
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise Forbidden("A source is asked by https alone.")
    if not host or parts.username is not None or parts.password is not None:
        raise Forbidden("The address of a source has a host, and neither a name nor a password.")
    if not host.isascii():
        # Full-width digits, say, would be digits by the time of the connection.
        raise Forbidden("Write the host of the source in ASCII, as xn--...: other letters may stand for an address.")
    if private:
        return
    try:
        literal = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return
    if not is_public(literal):
        raise Forbidden("The source lies in a private network.")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is an address of the public internet; one that stands for an IPv4 address is judged by that."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


class PublicAlone(AbstractResolver):
    """Finds addresses of the public internet, and refuses a name with any other: asked anew for each connection."""

    def __init__(self) -> None:
        self._real = ThreadedResolver(loop=asyncio.get_running_loop())

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._real.resolve(host, port, family)
        if not found or not all(is_public(ipaddress.ip_address(one["host"].partition("%")[0])) for one in found):
            raise OSError("not public") from Forbidden("The source lies in a private network.")
        return found

    async def close(self) -> None:
        await self._real.close()


def _pause(header: str | None) -> float:
    """Of a Retry-After in seconds or as a date: at least a second, at most a day; a minute where nothing is said."""
    if header is None:
        return 60
    if header.strip().isdecimal():
        return min(max(int(header), 1), LONGEST_PAUSE)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return 60
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((until - clock.now()).total_seconds(), 1), LONGEST_PAUSE)
