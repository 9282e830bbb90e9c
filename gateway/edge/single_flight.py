"""Equal questions asked at the same moment are asked once."""

import asyncio
from asyncio import Future
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from gateway.http.request import Headers

MOST_ALONE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Whole:
    """An answer with all of its body, for as many as asked."""

    status: int
    headers: Headers
    body: bytes


class Flight:
    """The one who asks for all: `land` gives the answer to the others; without it each asks by itself."""

    __slots__ = ("_flights", "_key", "_landing")

    def __init__(self, flights: dict[Hashable, "Future[Whole | None]"], key: Hashable) -> None:
        self._flights, self._key = flights, key
        self._landing: Future[Whole | None] = asyncio.get_running_loop().create_future()

    def __enter__(self) -> "Flight":
        self._flights[self._key] = self._landing
        return self

    def __exit__(self, *_wrong: object) -> None:
        self.land(None)

    def land(self, whole: Whole | None) -> None:
        if not self._landing.done():
            self._landing.set_result(whole)
            self._flights.pop(self._key, None)


class SingleFlight:
    def __init__(self) -> None:
        self._flights: dict[Hashable, Future[Whole | None]] = {}
        self._alone: OrderedDict[int, None] = OrderedDict()
        """Hashes of the questions whose last answer was for one asker alone: nobody waits for the next."""

    def __len__(self) -> int:
        return len(self._flights)

    def lead(self, key: Hashable) -> Flight | None:
        """A flight of one's own, or None while another's is under way."""
        return None if key in self._flights or hash(key) in self._alone else Flight(self._flights, key)

    def learn(self, key: Hashable, *, shared: bool) -> None:
        """Whether the answer could be given to all. Of more than 10,000 that could not, the oldest are forgotten."""
        if shared:
            self._alone.pop(hash(key), None)
            return
        self._alone[hash(key)] = None
        self._alone.move_to_end(hash(key))
        if len(self._alone) > MOST_ALONE:
            self._alone.popitem(last=False)

    async def join(self, key: Hashable) -> Whole | None:
        """The answer to the one who asked first, or None when it cannot be shared or nobody is asking."""
        landing = self._flights.get(key)
        return None if landing is None else await asyncio.shield(landing)
