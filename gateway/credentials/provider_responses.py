"""Responses of an identity provider, of which no more is read than any of them needs."""

from typing import Any, Final

import orjson
from aiohttp import ClientResponse, ClientSession, ClientTimeout

MAX_RESPONSE_BYTES: Final = 1024 * 1024
"""Of its description, its keys or its tokens. Those of large providers have some tens of kilobytes."""
UNCOMPRESSED: Final = {"Accept-Encoding": "identity"}


def provider_session(timeout_seconds: float, *, raise_for_status: bool = False) -> ClientSession:
    """Return a client of an identity provider. It unpacks nothing: a small response could unpack to any size."""
    return ClientSession(
        timeout=ClientTimeout(total=timeout_seconds),
        headers=UNCOMPRESSED,
        auto_decompress=False,
        raise_for_status=raise_for_status,
    )


async def read_json(response: ClientResponse) -> Any:  # noqa: ANN401  it is JSON of somebody else
    """Return what the response says. Raises ValueError where that is no JSON, or more than MAX_RESPONSE_BYTES."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_RESPONSE_BYTES:
            response.close()
            raise ValueError("a response of the identity provider is too large")
    return orjson.loads(body)
