from types import SimpleNamespace

import pytest

from gateway.credentials import cache as cache_module
from gateway.credentials.cache import CACHE_SECONDS, CredentialCache, Identity
from shared.callers import Caller
from tests.gateway.edge.test_rate_limits import ManualClock


@pytest.mark.parametrize("seconds_left", [5.0, CACHE_SECONDS, 3600.0, float("inf")])
def test_a_credential_is_cached_for_half_a_minute_and_no_longer_than_it_is_valid(
    seconds_left: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, cache, identity = ManualClock(), CredentialCache(), Identity(Caller(), "")
    monkeypatch.setattr(cache_module, "time", SimpleNamespace(monotonic=clock))
    cache.enable()
    cache.put(b"hash", identity, cache.generation, seconds_left)
    clock.now += min(seconds_left, 30.0)
    assert cache.get(b"hash") is identity
    clock.now += 0.1
    assert cache.get(b"hash") is None
