"""Whose an IP address is: what limits are counted for."""

import ipaddress
from functools import lru_cache
from typing import Final

UNKNOWN_NETWORK: Final = "unknown"


def address_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the IP address, IPv4 also where it is written as IPv6 (`::ffff:192.0.2.1`). Raises ValueError."""
    address = ipaddress.ip_address(text)
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=10_000)
def network_of(address: str) -> str:
    """Return what is counted for this address: itself, or for IPv6 the /64 that one household or office is given."""
    try:
        ip_address = address_of(address)
    except ValueError:
        return UNKNOWN_NETWORK
    if isinstance(ip_address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(ip_address) >> 64 << 64, 64)))
    return str(ip_address)
