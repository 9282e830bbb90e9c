"""Prometheus metrics of every request: plain numbers on the hot path, made into metrics when they are scraped."""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

BUCKET_BOUNDS_SECONDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class RequestMetrics(Collector):
    """Requests by service, rate limit class, method and status, and their duration. No id is ever a label."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, str, int], int] = {}
        self._durations: dict[tuple[str, str], list[float]] = {}
        """How many requests fell into each bucket, and last the sum of their seconds."""

    def record(self, service: str, limit: str, method: str, status: int, seconds: float) -> None:
        """Count a request. A status of 0 means that the client left before there was one."""
        key = (service, limit, method, status)
        self._counts[key] = self._counts.get(key, 0) + 1
        durations = self._durations.get((service, limit))
        if durations is None:
            durations = self._durations[service, limit] = [0.0] * (len(BUCKET_BOUNDS_SECONDS) + 2)
        durations[bisect_left(BUCKET_BOUNDS_SECONDS, seconds)] += 1
        durations[-1] += seconds

    def collect(self) -> Iterator[Metric]:
        labels = ["service", "limit", "method", "status"]
        requests = CounterMetricFamily("impact_gateway_requests", "Requests by outcome", labels=labels)
        for (service, limit, method, status), count in self._counts.items():
            requests.add_metric([service, limit, method, str(status or "client left")], count)
        yield requests
        seconds = HistogramMetricFamily("impact_gateway_request_seconds", "Time to answer", labels=labels[:2])
        for key, durations in self._durations.items():
            seconds.add_metric(list(key), _cumulative_buckets(durations), durations[-1])
        yield seconds


def _cumulative_buckets(durations: list[float]) -> list[tuple[str, float]]:
    """Return each bucket's upper bound with the number of requests that took no longer."""
    total, buckets = 0.0, list[tuple[str, float]]()
    for bound, count in zip((*map(str, BUCKET_BOUNDS_SECONDS), "+Inf"), durations[:-1], strict=True):
        total += count
        buckets.append((bound, total))
    return buckets


metrics: Final = RequestMetrics()
REGISTRY.register(metrics)
