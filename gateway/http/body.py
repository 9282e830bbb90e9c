"""The body of a request while the client sends it, and the client's disconnection while it waits for the response."""

import asyncio
import math
from asyncio import Task, TimerHandle
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.types import Message, Receive

from gateway.http.request import ProxiedRequest
from gateway.problems import BodyTooLarge

MAX_BUFFERED_BYTES: Final = 64 * 1024
"""A body up to this size is forwarded in one piece, a larger one as a stream."""
MAX_DISCARDED_BYTES: Final = 8 * 1024 * 1024
"""How much of a refused body is still received, so that the client can read the refusal; then the connection closes."""
DISCARD_TIMEOUT_SECONDS: Final = 3.0
WATCH_DELAY_SECONDS: Final = 0.05
"""How long after the start a disconnection is first watched for: most responses are quicker."""


class ClientDisconnected(Exception):
    """The client has closed the connection: nobody waits for the response."""


class RequestBody:
    """Reads the body, and cancels the task that works on the response when the client disconnects or time runs out."""

    def __init__(self, receive: Receive) -> None:
        self.timed_out = False
        """Whether the deadline passed before there was a response."""
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._work: Task[Any] | None = None
        self._cancelled = False
        self._deadline = math.inf
        self._uploading = False
        self._timer: TimerHandle | None = None
        self._watcher: Task[None] | None = None

    async def open(self, request: ProxiedRequest, limit: int) -> bytes | AsyncIterator[bytes] | None:
        """Return a small body whole, a larger one as a stream, and None where there is none. Raises BodyTooLarge."""
        length = request.content_length
        if length == 0:
            return None
        if length is None or length > MAX_BUFFERED_BYTES:
            _check_length(length, limit)
            # Set now, not when the first chunk is read: until then the watcher would receive the chunks.
            self._uploading = True
            return self._stream(limit)
        return await self.read(request, limit)

    async def read(self, request: ProxiedRequest, limit: int) -> bytes:
        """Return all of the body. Raises BodyTooLarge, ClientDisconnected."""
        length = request.content_length
        if length == 0:
            return b""
        _check_length(length, limit)
        return b"".join([chunk async for chunk in self._stream(limit)])

    def channel(self, request: ProxiedRequest, limit: int) -> Receive:
        """Return the channel by which an application receives the body as it comes. Both raise BodyTooLarge."""
        _check_length(request.content_length, limit)
        chunks, ended = self._stream(limit), False

        async def receive() -> Message:
            nonlocal ended
            if ended:
                return await self._receive()
            try:
                chunk = await anext(chunks, b"")
            except ClientDisconnected:
                return {"type": "http.disconnect"}
            ended = not chunk
            return {"type": "http.request", "body": chunk, "more_body": not ended}

        return receive

    async def _stream(self, limit: int) -> AsyncIterator[bytes]:
        received_bytes, self._uploading = 0, True
        try:
            while True:
                message = await self._receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnected
                chunk = message.get("body", b"")
                received_bytes += len(chunk)
                more = message.get("more_body", False)
                if received_bytes > limit:
                    must_close = more and not await self._discard_rest()
                    raise BodyTooLarge(headers={"Connection": "close"} if must_close else None)
                if chunk:
                    yield chunk
                if not more:
                    return
        finally:
            self._uploading = False

    async def _discard_rest(self) -> bool:
        """Receive and drop the rest of a refused body; returns whether it ended.

        A connection that is closed while the client still sends loses the response on its way.
        """
        allowed_bytes = MAX_DISCARDED_BYTES
        try:
            async with asyncio.timeout(DISCARD_TIMEOUT_SECONDS):
                while allowed_bytes > 0:
                    message = await self._receive()
                    if not message.get("more_body", False):
                        return True
                    allowed_bytes -= len(message.get("body", b""))
        except TimeoutError:
            pass
        return False

    def cancel_after(self, seconds: float) -> None:
        """Cancel the current task when its client disconnects, or after so many seconds.

        One timer serves both, and is all that the many quick responses cost.
        """
        self._work = asyncio.current_task(self._loop)
        self._deadline = self._loop.time() + seconds
        self._timer = self._loop.call_later(min(WATCH_DELAY_SECONDS, seconds), self._check)

    def clear_deadline(self) -> None:
        """Note that there is a response: from now on only a disconnection cancels the task."""
        self._deadline = math.inf

    def _check(self) -> None:
        remaining = self._deadline - self._loop.time()
        if remaining <= 0:
            self.timed_out = True
            self._cancel()
            return
        if self._watcher is None and not self._uploading:
            self._watcher = self._loop.create_task(self._watch_for_disconnect())
        if self._watcher is None:
            remaining = min(remaining, WATCH_DELAY_SECONDS)
        if remaining < math.inf:
            self._timer = self._loop.call_later(remaining, self._check)

    async def _watch_for_disconnect(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._cancel()

    def _cancel(self) -> None:
        if self._work is not None and not self._cancelled:
            self._cancelled = True
            self._work.cancel()

    def absorb_cancellation(self) -> bool:
        """Return whether the task was cancelled from here, and if so let it go on (`Task.uncancel`)."""
        if self._work is not None and self._cancelled:
            self._work.uncancel()
            return True
        return False

    def close(self) -> None:
        """Stop the timer and the watcher."""
        if self._timer is not None:
            self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()


def _check_length(length: int | None, limit: int) -> None:
    if length is not None and length > limit:
        raise BodyTooLarge(headers={"Connection": "close"} if length > MAX_DISCARDED_BYTES else None)
