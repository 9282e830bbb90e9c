"""Request coalescing: equal requests that are in progress at the same moment are sent to the service once."""

import asyncio
from asyncio import Future
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from gateway.http.request import Headers

MAX_UNSHAREABLE_KEYS: Final = 10_000


@dataclass(frozen=True, slots=True)
class BufferedResponse:
    """A response with all of its body, which may be sent to several clients."""

    status: int
    headers: Headers
    body: bytes


class Flight:
    """The request that is sent for all who wait for its response.

    `share` gives the response to the others. Without it they get None at the end of the block, and send their own.
    """

    __slots__ = ("_flights", "_key", "_result")

    def __init__(self, flights: dict[Hashable, "Future[BufferedResponse | None]"], key: Hashable) -> None:
        self._flights, self._key = flights, key
        self._result: Future[BufferedResponse | None] = asyncio.get_running_loop().create_future()

    def __enter__(self) -> "Flight":
        self._flights[self._key] = self._result
        return self

    def __exit__(self, *_error: object) -> None:
        self.share(None)

    def share(self, response: BufferedResponse | None) -> None:
        """Give the response to the others; None means that it cannot be shared."""
        if not self._result.done():
            self._result.set_result(response)
            self._flights.pop(self._key, None)


class SingleFlight:
    """The requests in progress, and which of them have responses that cannot be shared."""

    def __init__(self) -> None:
        self._flights: dict[Hashable, Future[BufferedResponse | None]] = {}
        self._unshareable: OrderedDict[int, None] = OrderedDict()
        """Hashes of the keys whose last response could not be shared: nobody waits for the next."""

    def __len__(self) -> int:
        return len(self._flights)

    def lead(self, key: Hashable) -> Flight | None:
        """Return a new flight, or None while another is in progress or its response is not going to be shared."""
        if key in self._flights or hash(key) in self._unshareable:
            return None
        return Flight(self._flights, key)

    def record_shareable(self, key: Hashable, shareable: bool) -> None:
        """Remember whether the response could be shared. Of more than 10,000 that could not the oldest are dropped."""
        if shareable:
            self._unshareable.pop(hash(key), None)
            return
        self._unshareable[hash(key)] = None
        self._unshareable.move_to_end(hash(key))
        if len(self._unshareable) > MAX_UNSHAREABLE_KEYS:
            self._unshareable.popitem(last=False)

    async def join(self, key: Hashable) -> BufferedResponse | None:
        """Wait for the response of the flight in progress; None when there is none, or it cannot be shared."""
        result = self._flights.get(key)
        return None if result is None else await asyncio.shield(result)
