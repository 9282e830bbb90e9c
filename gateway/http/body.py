"""What still comes from the client while its request is under way: the body, or word that it has left."""

import asyncio
import math
from asyncio import Task, TimerHandle
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.types import Receive

from gateway.http.request import Call
from gateway.problems import BodyTooLarge

GATHERED: Final = 64 * 1024
"""A body up to this size is sent on in one piece."""
DRAINED: Final = 8 * 1024 * 1024
"""As much of a refused body may still come in, so that the client can read why; beyond it the connection ends."""
DRAIN_SECONDS: Final = 3.0
PATIENCE: Final = 0.05
"""Seconds after which a client's leaving is watched for: most answers are quicker."""


class ClientGone(Exception):
    """Nobody waits for this answer any more."""


class Incoming:
    """Reads the body, and cancels the work when the client leaves meanwhile."""

    def __init__(self, receive: Receive) -> None:
        self.late = False
        """The time was over before there was an answer."""
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._work: Task[Any] | None = None
        self._cancelled = False
        self._deadline = math.inf
        self._uploading = False
        self._timer: TimerHandle | None = None
        self._watching: Task[None] | None = None

    async def body(self, call: Call, limit: int) -> bytes | AsyncIterator[bytes] | None:
        """All of a small body, the stream of a larger one. Raises BodyTooLarge."""
        length = call.content_length
        if length == 0:
            return None
        if length is None or length > GATHERED:
            _check_length(length, limit)
            # From here on, and not from when somebody takes the first piece: whoever watched for the client's leaving
            # meanwhile would take the pieces away.
            self._uploading = True
            return self._streamed(limit)
        return await self.whole(call, limit)

    async def whole(self, call: Call, limit: int) -> bytes:
        """All of the body, in memory. Raises BodyTooLarge, ClientGone."""
        length = call.content_length
        if length == 0:
            return b""
        _check_length(length, limit)
        return b"".join([piece async for piece in self._streamed(limit)])

    async def _streamed(self, limit: int) -> AsyncIterator[bytes]:
        taken, self._uploading = 0, True
        try:
            while True:
                message = await self._receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                piece = message.get("body", b"")
                taken += len(piece)
                more = message.get("more_body", False)
                if taken > limit:
                    raise BodyTooLarge(headers={"Connection": "close"} if more and not await self._drained() else None)
                if piece:
                    yield piece
                if not more:
                    return
        finally:
            self._uploading = False

    async def _drained(self) -> bool:
        """Lets the rest of a refused body in, within reason: ending the connection would take the answer along."""
        left = DRAINED
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                while left > 0:
                    message = await self._receive()
                    if not message.get("more_body", False):
                        return True
                    left -= len(message.get("body", b""))
        except TimeoutError:
            pass
        return False

    def watch(self, seconds: float) -> None:
        """Cancel the work of this task if its client leaves, or when so many seconds have passed.

        One timer serves for both, and is all that the many quick answers cost.
        """
        self._work = asyncio.current_task(self._loop)
        self._deadline = self._loop.time() + seconds
        self._timer = self._loop.call_later(min(PATIENCE, seconds), self._look)

    def in_time(self) -> None:
        """There is an answer: from now on only the client's leaving counts."""
        self._deadline = math.inf

    def _look(self) -> None:
        left = self._deadline - self._loop.time()
        if left <= 0:
            self.late = True
            self._cancel()
            return
        if self._watching is None and not self._uploading:
            self._watching = self._loop.create_task(self._until_gone())
        if self._watching is None:
            left = min(left, PATIENCE)
        if left < math.inf:
            self._timer = self._loop.call_later(left, self._look)

    async def _until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._cancel()

    def _cancel(self) -> None:
        if self._work is not None and not self._cancelled:
            self._cancelled = True
            self._work.cancel()

    def forgiven(self) -> bool:
        """Whether the work was cancelled from here, and so may go on to tell why."""
        if self._work is not None and self._cancelled:
            self._work.uncancel()
            return True
        return False

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._watching is not None:
            self._watching.cancel()


def _check_length(length: int | None, limit: int) -> None:
    if length is not None and length > limit:
        raise BodyTooLarge(headers={"Connection": "close"} if length > DRAINED else None)
