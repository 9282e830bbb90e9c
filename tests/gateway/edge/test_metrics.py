import pytest

from gateway.edge.metrics import BUCKET_BOUNDS_SECONDS, RequestMetrics


def test_counts_and_buckets_add_up() -> None:
    metrics = RequestMetrics()
    for seconds in (0.001, 0.002, 0.003, 0.2, 99.0):
        metrics.record("evidence", "read", "GET", 200, seconds)
    metrics.record("evidence", "read", "GET", 0, 0.1)
    requests, durations = list(metrics.collect())
    assert {sample.labels["status"]: sample.value for sample in requests.samples} == {"200": 5, "client left": 1}
    buckets = {sample.labels["le"]: sample.value for sample in durations.samples if sample.name.endswith("_bucket")}
    assert (buckets["0.002"], buckets["0.005"], buckets["30.0"], buckets["+Inf"]) == (2, 3, 5, 6)
    assert len(buckets) == len(BUCKET_BOUNDS_SECONDS) + 1
    (total,) = (sample.value for sample in durations.samples if sample.name.endswith("_sum"))
    assert total == pytest.approx(99.306)
