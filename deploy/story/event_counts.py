"""Counts of events that were sent and handled, from the workers' metrics, to show that none was lost or doubled."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

K = TypeVar("K")
SENT_METRIC = "impact_relay_sent_total"
HANDLED_METRIC = "impact_consumer_events_total"


@dataclass(frozen=True, slots=True)
class EventCounts:
    """`sent` by type, `handled` by listening service and type, since the workers started."""

    sent: Counter[str]
    handled: Counter[tuple[str, str]]

    def since(self, earlier: "EventCounts") -> "EventCounts":
        return EventCounts(_difference(self.sent, earlier.sent), _difference(self.handled, earlier.handled))

    @property
    def lost(self) -> int:
        """How many events are not handled yet, for each service and each type that it has ever handled."""
        return sum(max(0, self.sent[kind] - handled) for (_, kind), handled in self.handled.items())

    @property
    def doubled(self) -> int:
        """How many events were handled more than once."""
        return sum(max(0, handled - self.sent[kind]) for (_, kind), handled in self.handled.items())


def _difference(after: Counter[K], before: Counter[K]) -> Counter[K]:
    return Counter({key: count - before[key] for key, count in after.items()})


async def read_counts(http: aiohttp.ClientSession, workers: Mapping[str, str]) -> EventCounts:
    """Read the current counts from the metrics of these workers, by service."""
    counts = EventCounts(Counter(), Counter())
    for service, url in workers.items():
        async with http.get(f"{url}/metrics") as response:
            response.raise_for_status()
            text = await response.text()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == SENT_METRIC:
                    counts.sent[sample.labels["type"]] += int(sample.value)
                elif sample.name == HANDLED_METRIC and sample.labels["outcome"] == "handled":
                    counts.handled[service, sample.labels["type"]] += int(sample.value)
    return counts


async def wait_until_handled(
    http: aiohttp.ClientSession, workers: Mapping[str, str], earlier: EventCounts, seconds: float = 10
) -> EventCounts:
    """Return the counts since `earlier`, once every event is handled or the time is up."""
    for _ in range(int(seconds / 0.2)):
        counts = (await read_counts(http, workers)).since(earlier)
        if not counts.lost:
            return counts
        await asyncio.sleep(0.2)
    return (await read_counts(http, workers)).since(earlier)
