from datetime import UTC, datetime, timedelta

from gateway.partners import rules
from gateway.partners.tables import ApiClient, ApiKey
from shared.persistence.tables import new_id

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def key(expires_at: datetime | None = None, revoked_at: datetime | None = None) -> ApiKey:
    return ApiKey(client_id=new_id(), digest=b"", hint="", expires_at=expires_at, revoked_at=revoked_at)


def test_a_rotation_ends_old_keys_with_the_overlap_and_prolongs_none() -> None:
    client = ApiClient(owner_id=new_id(), name="Ours", mode="live", scopes=["evidence:read"])
    keys = [key(), key(NOW + HOUR), key(NOW + 48 * HOUR), key(NOW - HOUR), key(NOW + HOUR, revoked_at=NOW)]
    rules.rotate(client, keys, 24 * HOUR, NOW)
    ends = [NOW + 24 * HOUR, NOW + HOUR, NOW + 24 * HOUR, NOW - HOUR, NOW + HOUR]
    assert [key.expires_at for key in keys] == ends
    rules.rotate(client, keys, 720 * HOUR, NOW + 2 * HOUR)
    assert [key.expires_at for key in keys] == ends
