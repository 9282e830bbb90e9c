"""Who the client behind a trusted proxy is."""

import pytest

from shared.http_server.client_address import client_address
from shared.http_server.limits import HttpLimits

LIMITS = HttpLimits.model_validate({"TRUSTED_PROXIES": "10.0.0.0/8, 2001:db8:ffff::/48"})


def client_of(*headers: tuple[str, str]) -> str | None:
    return client_address([(name.lower().encode(), value.encode()) for name, value in headers], LIMITS)


@pytest.mark.parametrize(
    ("value", "client"),
    [
        ("for=192.0.2.1", "192.0.2.1"),
        ("For=192.0.2.1;Proto=https;by=10.0.0.9", "192.0.2.1"),
        ('for="192.0.2.1:4711"', "192.0.2.1"),
        ('for="[2001:db8::1]:4711"', "2001:db8::1"),
        ('for="[2001:db8::1]"', "2001:db8::1"),
        ("for=203.0.113.9, for=192.0.2.1", "192.0.2.1"),
        ("for=203.0.113.9, for=192.0.2.1, for=10.0.0.1", "192.0.2.1"),
        ('for=192.0.2.1, for="[::ffff:10.0.0.1]", for="[2001:db8:ffff::1]"', "192.0.2.1"),
        ("for=10.0.0.2, for=10.0.0.1", "10.0.0.2"),
        ('for=192.0.2.1;by="a, for=203.0.113.9"', "192.0.2.1"),
        ("for=unknown", None),
        ("for=_hidden, for=10.0.0.1", None),
        ("proto=https", None),
        ("for=192.0.2.1 203.0.113.9", None),
        ("192.0.2.1", None),
    ],
)
def test_forwarded_is_read_from_the_right(value: str, client: str | None) -> None:
    assert client_of(("Forwarded", value)) == client


@pytest.mark.parametrize("begun", ['for="203.0.113.9', 'for=203.0.113.9;by="', 'for=203.0.113.9;by="a\\', "for=x;by=,"])
@pytest.mark.parametrize("added", ["for=192.0.2.1", 'for="192.0.2.1:80"', 'for="[2001:db8::1]";proto=https'])
def test_what_a_client_leaves_open_hides_nothing_that_the_proxy_adds(begun: str, added: str) -> None:
    assert client_of(("Forwarded", f"{begun}, {added}")) is None
    assert client_of(("Forwarded", begun), ("Forwarded", added)) is None


@pytest.mark.parametrize(
    ("values", "client"),
    [
        (["192.0.2.1"], "192.0.2.1"),
        (["203.0.113.9, 192.0.2.1"], "192.0.2.1"),
        (["203.0.113.9", "192.0.2.1, 10.0.0.1"], "192.0.2.1"),
        (["192.0.2.1:4711, ::ffff:10.0.0.1"], "192.0.2.1"),
        (["[2001:db8::1]:4711"], "2001:db8::1"),
        (["2001:db8::1"], "2001:db8::1"),
        (["203.0.113.9, nonsense"], None),
        ([""], None),
    ],
)
def test_x_forwarded_for_is_read_from_the_right(values: list[str], client: str | None) -> None:
    assert client_of(*(("X-Forwarded-For", value) for value in values)) == client


def test_where_the_two_headers_differ_neither_is_believed() -> None:
    assert client_of(("X-Forwarded-For", "192.0.2.1"), ("Forwarded", "for=203.0.113.9")) is None
    assert client_of(("X-Forwarded-For", "192.0.2.1"), ("Forwarded", 'for="')) is None
    assert client_of(("X-Forwarded-For", "192.0.2.1"), ("Forwarded", "for=192.0.2.1")) == "192.0.2.1"
