"""The figures of every request: counted in plain numbers on its way, made into metrics only when somebody asks."""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

BOUNDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Figures(Collector):
    """Requests by service, limit class, method and status, and the time they took. No id is ever a label."""

    def __init__(self) -> None:
        self._answered: dict[tuple[str, str, str, int], int] = {}
        self._times: dict[tuple[str, str], list[float]] = {}

    def count(self, service: str, limit: str, method: str, status: int, seconds: float) -> None:
        """A status of 0 means that the client left before there was one."""
        key = (service, limit, method, status)
        self._answered[key] = self._answered.get(key, 0) + 1
        times = self._times.get((service, limit))
        if times is None:
            times = self._times[service, limit] = [0.0] * (len(BOUNDS) + 2)
        times[bisect_left(BOUNDS, seconds)] += 1
        times[-1] += seconds

    def collect(self) -> Iterator[Metric]:
        labels = ["service", "limit", "method", "status"]
        requests = CounterMetricFamily("impact_gateway_requests", "Answered requests", labels=labels)
        for (service, limit, method, status), number in self._answered.items():
            requests.add_metric([service, limit, method, str(status or "client left")], number)
        yield requests
        seconds = HistogramMetricFamily("impact_gateway_request_seconds", "Time to answer", labels=labels[:2])
        for key, times in self._times.items():
            seconds.add_metric(list(key), _buckets(times), times[-1])
        yield seconds


def _buckets(times: list[float]) -> list[tuple[str, float]]:
    """Each with all that were quicker, as Prometheus wants it."""
    total, buckets = 0.0, list[tuple[str, float]]()
    for bound, number in zip((*map(str, BOUNDS), "+Inf"), times[:-1], strict=True):
        total += number
        buckets.append((bound, total))
    return buckets


FIGURES: Final = Figures()
REGISTRY.register(FIGURES)
