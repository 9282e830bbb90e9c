"""HTTP requests to a source, which can never reach a private network through this service."""

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

MAX_RESPONSE_BYTES: Final = 32 * 1024 * 1024
MAX_REDIRECTS: Final = 5
REQUEST_TIMEOUT_SECONDS: Final = 120
"""For a response with all redirects before it. Two such requests end before another worker may lease the page."""
READ_TIMEOUT_SECONDS: Final = 60
MAX_RETRY_AFTER_SECONDS: Final = 24 * 3600
HEADERS: Final = {
    "User-Agent": "IMPACT-harvester/1 (OAI-PMH 2.0)",
    "Accept": "text/xml, application/xml;q=0.9, */*;q=0.1",
    # No compression: a small response must not unpack into a huge one.
    "Accept-Encoding": "identity",
}
PRIVATE_NETWORK: Final = "The source is in a private network, which may not be harvested."
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


class SourceUnavailable(Exception):
    """There is no usable response. The text says why, without the URL."""


class SourceForbidden(SourceUnavailable):
    """The source leads to an address that may not be requested. Trying again is of no use."""


class RetryLater(Exception):
    """The source asked us to wait `seconds` before the next request."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"for {seconds:.0f} s")
        self.seconds = seconds


async def request(base_url: str, arguments: Mapping[str, str], *, allow_private: bool) -> bytes:
    """Return the body of the response, after any redirects, within two minutes.

    `allow_private`: whether the source may be in a private network or on this machine. Raises SourceUnavailable,
    SourceForbidden or RetryLater.
    """
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=15, sock_read=READ_TIMEOUT_SECONDS)
    connector = aiohttp.TCPConnector(resolver=None if allow_private else PublicResolver(), use_dns_cache=False)
    try:
        async with (
            asyncio.timeout(REQUEST_TIMEOUT_SECONDS),
            aiohttp.ClientSession(
                connector=connector, timeout=timeout, headers=HEADERS, cookie_jar=aiohttp.DummyCookieJar()
            ) as http,
        ):
            return await _follow_redirects(http, base_url, arguments, allow_private=allow_private)
    except TimeoutError:
        raise SourceUnavailable("The source did not answer in time.") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        if (forbidden := _forbidden_by(error)) is not None:
            raise forbidden from None
        raise SourceUnavailable(f"The source could not be reached ({type(error).__name__}).") from None


def _forbidden_by(error: BaseException | None) -> SourceForbidden | None:
    """Return the resolver's refusal, if this exception wraps one."""
    while error is not None and not isinstance(error, SourceForbidden):
        error = error.__cause__ or error.__context__
    return error


async def _follow_redirects(
    http: aiohttp.ClientSession, base_url: str, arguments: Mapping[str, str], *, allow_private: bool
) -> bytes:
    url, params = base_url, dict(arguments)
    for _ in range(MAX_REDIRECTS + 1):
        check_url(url, allow_private=allow_private)
        async with http.get(url, params=params, allow_redirects=False) as response:
            if response.status in (301, 302, 303, 307, 308) and "location" in response.headers:
                url, params = urljoin(str(response.url), response.headers["location"]), {}
                continue
            if response.status in (429, 503):
                raise RetryLater(_retry_after(response.headers.get("retry-after")))
            if response.status != 200:
                raise SourceUnavailable(f"The source answered with HTTP status {response.status}.")
            return await _body(response)
    raise SourceUnavailable("The source redirects from one address to the next without end.")


async def _body(response: aiohttp.ClientResponse) -> bytes:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise SourceUnavailable("The source compresses its response although it was asked not to.")
    content = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        content += chunk
        if len(content) > MAX_RESPONSE_BYTES:
            raise SourceUnavailable(
                f"The source sent more than {MAX_RESPONSE_BYTES // 1024 // 1024} MB in one response."
            )
    return bytes(content)


def check_url(url: str, *, allow_private: bool) -> None:
    """Raise SourceForbidden for a URL that is not on the public web."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise SourceForbidden("This is not the address of a website.") from None
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise SourceForbidden("The address of a source must begin with https://.")
    if not host or parts.username is not None or parts.password is not None:
        raise SourceForbidden("The address of a source must have a host, and neither a user name nor a password.")
    if not host.isascii():
        # Full-width digits, say, would be digits by the time of the connection.
        raise SourceForbidden(
            "Write the host of the source in ASCII, as xn--...: other characters may stand for a private address."
        )
    if allow_private:
        return
    try:
        literal = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return
    if not is_public(literal):
        raise SourceForbidden(PRIVATE_NETWORK)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether this is an address of the public internet. One that embeds an IPv4 address is judged by that."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_public_host(host: str) -> bool:
    return is_public(ipaddress.ip_address(host.partition("%")[0]))


class PublicResolver(AbstractResolver):
    """Resolves names to addresses of the public internet, for each connection anew; refuses a name with any other."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver(loop=asyncio.get_running_loop())

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        addresses = await self._resolver.resolve(host, port, family)
        if not addresses or not all(_is_public_host(address["host"]) for address in addresses):
            raise OSError("not public") from SourceForbidden(PRIVATE_NETWORK)
        return addresses

    async def close(self) -> None:
        await self._resolver.close()


def _retry_after(header: str | None) -> float:
    """Return the seconds of a Retry-After (seconds or a date), from a second to a day; a minute without a header."""
    if header is None:
        return 60
    if header.strip().isdecimal():
        return min(max(int(header), 1), MAX_RETRY_AFTER_SECONDS)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return 60
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((until - clock.now()).total_seconds(), 1), MAX_RETRY_AFTER_SECONDS)
