"""Whose an address is, and how many connections may come from there."""

import pytest

from shared.http_server.addresses import network_of
from shared.http_server.limits import HttpLimits
from shared.http_server.server import HttpServer
from tests.shared.http_server.echo_server import connect


@pytest.mark.parametrize(
    ("address", "stands_for"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("testclient", "unknown"),
    ],
)
def test_an_address_stands_for_its_household(address: str, stands_for: str) -> None:
    assert network_of(address) == stands_for


@pytest.mark.parametrize(
    ("addresses", "refused"),
    [
        (["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:3::"], [False, False, True]),
        (["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:3::1"], [False, False, False]),
        (["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"], [False, False, True]),
        (["::ffff:10.0.0.1", "::ffff:10.0.0.1", "::ffff:10.0.0.1"], [False, False, False]),
    ],
    ids=["one household", "two households", "IPv4 written as IPv6", "a trusted proxy"],
)
async def test_a_household_may_have_as_many_connections_as_an_address(
    addresses: list[str], refused: list[bool]
) -> None:
    limits = HttpLimits.model_validate({"max_connections_per_address": 2, "TRUSTED_PROXIES": "10.0.0.0/8"})
    server = HttpServer(limits, "http://here", counts_connections=True)
    transports = [connect(server, address)[1] for address in addresses]
    assert [transport.write.called for transport in transports] == refused
