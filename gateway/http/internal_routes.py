"""Whether a request comes from inside the private network, and not from outside through a proxy."""

import ipaddress
from functools import lru_cache
from typing import Final

from gateway.http.request import ProxiedRequest
from shared.http_server.addresses import address_of

PRIVATE_NETWORKS: Final = tuple(
    ipaddress.ip_network(network)
    for network in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
PROXY_HEADERS: Final = frozenset({
    b"forwarded", b"via", b"x-real-ip", b"x-client-ip", b"x-cluster-client-ip", b"x-envoy-external-address",
    b"cf-connecting-ip", b"true-client-ip", b"x-original-host",
})  # fmt: skip
"""Headers that a proxy adds; so does everything that begins with `x-forwarded`."""


def is_internal(request: ProxiedRequest) -> bool:
    """Return whether the request comes from the loopback or a private network and passed through no proxy."""
    names = (name for name, _ in request.scope["headers"])
    return is_private_address(request.client_address) and not any(
        name in PROXY_HEADERS or name.startswith(b"x-forwarded") for name in names
    )


@lru_cache(maxsize=1_000)
def is_private_address(address: str) -> bool:
    """Return whether the address is in a private network. Text that is no address is not."""
    try:
        ip_address = address_of(address)
    except ValueError:
        return False
    return any(ip_address in network for network in PRIVATE_NETWORKS)
