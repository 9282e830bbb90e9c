"""The address of a client behind proxies that `TRUSTED_PROXIES` names: by X-Forwarded-For, or Forwarded (RFC 7239).

uvicorn's own middleware does not read Forwarded, and does not know a trusted address that is written as IPv6.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from shared.http_server.addresses import address_of
from shared.http_server.limits import HttpLimits

_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PAIR: Final = rf'{_WORD}=(?:{_WORD}|"(?:[^"\\]|\\.)*")'
_element = re.compile(rf"{_PAIR}(?:;{_PAIR})*")
_forwarded = re.compile(rf"\s*{_element.pattern}\s*(?:,\s*{_element.pattern}\s*)*")
_for = re.compile(r'(?:^|;)for="?([^";]*)', re.IGNORECASE)
_node = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\w+)?|([0-9.]+)(?::\w+)?|([0-9A-Fa-f:.]+)")


class ClientAddress:
    """ASGI middleware that sets the client of a request which a trusted proxy sends on.

    Each proxy adds the address of its own client on the right, so the first from the right that is no trusted proxy is
    the client's. What stands left of it the client may have written itself.
    """

    def __init__(self, app: ASGIApp, limits: HttpLimits) -> None:
        self._app, self._limits = app, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (peer := scope.get("client")) and self._limits.trusts(peer[0]):
            address = client_address(scope["headers"], self._limits)
            if address is not None:
                scope["client"] = (address, 0)
        await self._app(scope, receive, send)


def client_address(headers: Sequence[tuple[bytes, bytes]], limits: HttpLimits) -> str | None:
    """Return the client's address, or None where the headers do not say it in one way.

    A proxy that writes one of the two headers may send on the other as the client wrote it. So where both stand and
    differ neither is believed: whoever sends such requests is counted as the proxy.
    """
    chains = (
        _x_forwarded_for(value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for"),
        _forwarded_for(value.decode("latin-1") for name, value in headers if name == b"forwarded"),
    )
    clients = {_client_of(chain, limits) for chain in chains if chain}
    return clients.pop() if len(clients) == 1 else None


def _client_of(chain: list[str], limits: HttpLimits) -> str | None:
    address = None
    for node in reversed(chain):
        address = _address_in(node)
        if address is None or not limits.trusts(address):
            break
    return address


def _address_in(node: str) -> str | None:
    """Return the IP address of a node without its port; None for `unknown`, `_hidden` and what is no node."""
    match = _node.fullmatch(node)
    try:
        return str(address_of(match[match.lastindex or 0])) if match else None
    except ValueError:
        return None


def _x_forwarded_for(values: Iterable[str]) -> list[str]:
    return [node.strip() for value in values for node in value.split(",") if node.strip()]


def _forwarded_for(values: Iterable[str]) -> list[str]:
    """Return the nodes of `for=`; one that cannot be read where a header is not as RFC 7239 asks.

    A quotation mark that the client leaves open would take in what the proxy adds.
    """
    nodes: list[str] = []
    for value in values:
        if not _forwarded.fullmatch(value):
            return [""]
        for element in _element.finditer(value):
            match = _for.search(element[0])
            nodes.append(match[1] if match else "")
    return nodes
