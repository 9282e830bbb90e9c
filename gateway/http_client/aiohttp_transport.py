"""aiohttp in place of our own connections (`UPSTREAM_TRANSPORT=aiohttp`): slower, and held to the same tests."""

import asyncio
from asyncio import Task
from collections.abc import AsyncIterator
from typing import Final, cast

import aiohttp
from yarl import URL

from gateway.http.request import Headers
from gateway.http_client.client import CONNECT_TIMEOUT_SECONDS, IDLE_TIMEOUT_SECONDS, ConnectFailed, Payload
from gateway.http_client.connection import MAX_HEAD_BYTES, MAX_STATUS
from gateway.http_client.response import ConnectionBroken, UpstreamResponse
from gateway.problems import BadAnswer

UNASKED_HEADERS: Final = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""aiohttp would add these; what is sent on is what the client sent."""


class AiohttpTransport:
    """Sends requests to one service by aiohttp's client."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._session: aiohttp.ClientSession | None = None

    async def send(
        self,
        method: str,
        target: bytes,
        headers: Headers,
        payload: Payload,
        *,
        new_connection: bool,  # noqa: ARG002  aiohttp itself repeats a read on a new connection
    ) -> UpstreamResponse:
        """Send a request. Raises ConnectFailed, BadAnswer."""
        if self._session is None:
            self._session = _session()
        sent = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
        try:
            response = await self._session.request(
                method,
                URL(self._origin + target.decode("ascii"), encoded=True),
                headers=sent,
                data=payload,
                allow_redirects=False,
                skip_auto_headers=UNASKED_HEADERS,
            )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise ConnectFailed from error
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            raise ConnectionBroken from error
        except aiohttp.ClientError as error:
            raise BadAnswer from error
        codings = response.headers.getall("Transfer-Encoding", [])
        if not 200 <= response.status <= MAX_STATUS or (
            codings and [coding.lower() for coding in codings] != ["chunked"]
        ):
            response.close()
            raise BadAnswer
        return _Pump(response).answer

    async def close(self) -> None:
        """Close every connection at once."""
        if self._session is not None:
            await self._session.close()


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_TIMEOUT_SECONDS),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        max_line_size=MAX_HEAD_BYTES,
        max_field_size=MAX_HEAD_BYTES,
    )


class _Pump:
    """Feeds aiohttp's response to ours for as long as there is room."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self._room = asyncio.Event()
        self._room.set()
        headers = [(name.lower(), value) for name, value in response.raw_headers]
        self.answer = UpstreamResponse(self, response.status, headers)
        self._task: Task[None] = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            async for chunk in cast("AsyncIterator[bytes]", self._response.content.iter_any()):
                self.answer.feed(chunk)
                await self._room.wait()
            self.answer.finish()
        except (aiohttp.ClientError, OSError):
            self.answer.finish(BadAnswer())
        finally:
            self._response.release()

    def pause(self) -> None:
        """Read no more from the service for now."""
        self._room.clear()

    def resume(self) -> None:
        """Read from the service again."""
        self._room.set()

    def abandon(self, response: UpstreamResponse) -> None:
        """Close the connection, unless the body has been read to its end."""
        if not response.complete:
            self._task.cancel()
            self._response.close()
