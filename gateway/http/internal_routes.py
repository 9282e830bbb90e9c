"""Whether a request comes from beside the gateway, not from outside through a proxy."""

import ipaddress
from functools import lru_cache
from typing import Final

from gateway.http.request import Call

NEAR: Final = tuple(
    ipaddress.ip_network(network)
    for network in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
PASSED_ON: Final = frozenset({
    b"forwarded", b"via", b"x-real-ip", b"x-client-ip", b"x-cluster-client-ip", b"x-envoy-external-address",
    b"cf-connecting-ip", b"true-client-ip", b"x-original-host",
})  # fmt: skip
"""What a proxy adds; everything that begins with x-forwarded counts too."""


def from_inside(call: Call) -> bool:
    """From the loopback or a private network, and passed on by nobody."""
    named = (name for name, _ in call.scope["headers"])
    return near(call.address) and not any(name in PASSED_ON or name.startswith(b"x-forwarded") for name in named)


@lru_cache(maxsize=1_000)
def near(address: str) -> bool:
    """What is no address is not near."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return False
    known = getattr(known, "ipv4_mapped", None) or known
    return any(known in network for network in NEAR)
