"""A problem as the bytes of a response, for requests that no application sees."""

from collections.abc import Sequence
from typing import Final

import uuid_utils
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from shared.problems import Problem

HTTPS_ONLY: Final = (b"strict-transport-security", b"max-age=31536000")


def as_last_response(problem: Problem, public_url: str, default_headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return the problem as a response after which the connection closes."""
    response = problem.response(public_url)
    lines = [STATUS_LINE[problem.status]]
    for name, value in (
        *default_headers,
        *response.raw_headers,
        (b"x-request-id", str(uuid_utils.uuid7()).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"same-origin"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        *([HTTPS_ONLY] if public_url.startswith("https://") else []),
        (b"connection", b"close"),
    ):
        lines += (name, b": ", value, b"\r\n")
    return b"".join((*lines, b"\r\n", response.body))
