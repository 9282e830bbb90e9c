"""What the workers count: events that were sent and handled, to say that none was lost and none had two effects."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

K = TypeVar("K")
SENT = "impact_relay_sent_total"
HANDLED = "impact_consumer_events_total"


@dataclass(frozen=True, slots=True)
class Count:
    """`sent` by type, `handled` by listening service and type, since the workers started."""

    sent: Counter[str]
    handled: Counter[tuple[str, str]]

    def since(self, before: "Count") -> "Count":
        return Count(_minus(self.sent, before.sent), _minus(self.handled, before.handled))

    @property
    def lost(self) -> int:
        """Handlings that are missing: of each service, for the types that it has ever handled."""
        return sum(max(0, self.sent[kind] - done) for (_, kind), done in self.handled.items())

    @property
    def doubled(self) -> int:
        return sum(max(0, done - self.sent[kind]) for (_, kind), done in self.handled.items())


def _minus(after: Counter[K], before: Counter[K]) -> Counter[K]:
    return Counter({key: count - before[key] for key, count in after.items()})


async def counted(http: aiohttp.ClientSession, workers: Mapping[str, str]) -> Count:
    """What the workers at these addresses say now."""
    count = Count(Counter(), Counter())
    for service, url in workers.items():
        async with http.get(f"{url}/metrics") as response:
            response.raise_for_status()
            text = await response.text()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == SENT:
                    count.sent[sample.labels["type"]] += int(sample.value)
                elif sample.name == HANDLED and sample.labels["outcome"] == "handled":
                    count.handled[service, sample.labels["type"]] += int(sample.value)
    return count


async def settled(http: aiohttp.ClientSession, workers: Mapping[str, str], before: Count, seconds: float = 10) -> Count:
    """The count since `before`, once nothing is missing any more or the time is up."""
    for _ in range(int(seconds / 0.2)):
        count = (await counted(http, workers)).since(before)
        if not count.lost:
            return count
        await asyncio.sleep(0.2)
    return (await counted(http, workers)).since(before)
