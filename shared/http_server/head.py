"""The strict check of a request's head, before any parser acts on it (RFC 9112; request smuggling).

What two HTTP implementations may read differently is refused: bare line feeds, folded lines, more than one Host or
Content-Length, any Transfer-Encoding but `chunked` alone. An upgrade to another protocol is ignored, as RFC 9110
(section 7.8) allows, so that the body stays a body.
"""

import re
from typing import Final, NamedTuple

from shared.http_server.limits import HttpLimits
from shared.http_server.problems import (
    AddressTooLong,
    ExpectationUnknown,
    HeadersTooLarge,
    MethodNotSupported,
    RequestNotUnderstood,
)

CHUNKED: Final = -1
"""As the length of a body that is sent in chunks."""
METHODS: Final = (b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS")

UPGRADE: Final = frozenset({b"upgrade", b"http2-settings"})

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]"
_request_line = re.compile(rb"(" + _TOKEN + rb"{1,40}) ([!-~]+) HTTP/1\.([01])\r\n")
_header_lines = re.compile(rb"(?:" + _TOKEN + rb"++:[\t -~\x80-\xff]*+\r\n)*+\r\n")
_framing = re.compile(
    rb"^(host|content-length|transfer-encoding|expect|upgrade|http2-settings):[\t ]*(.*?)[\t ]*\r\n", re.I | re.M
)
_upgrade_lines = re.compile(rb"^(?:upgrade|http2-settings):.*\r\n", re.I | re.M)
_host = re.compile(rb"(?:[A-Za-z0-9._~-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_length = re.compile(rb"0|[1-9][0-9]{0,17}")
_absolute_form = re.compile(rb"https?://([^/?#@]*)(?=[/?])", re.I)


class CheckedHead(NamedTuple):
    """A head that is safe to parse, and how long the body after it is."""

    head: bytes
    """Without an upgrade to another protocol."""
    body_length: int
    """In bytes; CHUNKED where the body itself says where it ends."""


def check_head(head: bytes, limits: HttpLimits) -> CheckedHead:
    """Check a whole head, up to and with its empty line.

    Raises RequestNotUnderstood, MethodNotSupported, AddressTooLong, HeadersTooLarge, ExpectationUnknown.
    """
    request_line = _request_line.match(head)
    if request_line is None:
        raise RequestNotUnderstood(part="request line")
    method, target, minor_version = request_line.groups()
    if len(target) > limits.max_target_bytes:
        raise AddressTooLong(bytes=limits.max_target_bytes)
    if len(head) > limits.max_head_bytes or head.count(b"\n") - 2 > limits.max_headers:
        raise HeadersTooLarge(count=limits.max_headers, bytes=limits.max_head_bytes)
    if not _header_lines.fullmatch(head, request_line.end()):
        raise RequestNotUnderstood(part="header section")
    if method not in METHODS:
        raise MethodNotSupported(headers={"Allow": b", ".join(METHODS).decode()})
    framing: dict[bytes, list[bytes]] = {}
    for name, value in _framing.findall(head, request_line.end()):
        framing.setdefault(name.lower(), []).append(value)
    is_http_1_0 = minor_version == b"0"
    _check_host(framing.get(b"host", []), target, method, is_http_1_0=is_http_1_0)
    if any(value.lower() != b"100-continue" for value in framing.get(b"expect", ())):
        raise ExpectationUnknown
    if not UPGRADE.isdisjoint(framing):
        head = head[: request_line.end()] + _upgrade_lines.sub(b"", head[request_line.end() :])
    return CheckedHead(head, _body_length(framing, is_http_1_0=is_http_1_0))


def _body_length(framing: dict[bytes, list[bytes]], *, is_http_1_0: bool) -> int:
    lengths, encodings = framing.get(b"content-length", []), framing.get(b"transfer-encoding", [])
    if encodings and (lengths or is_http_1_0 or [value.lower() for value in encodings] != [b"chunked"]):
        raise RequestNotUnderstood(part="Transfer-Encoding")
    if lengths and (len(lengths) > 1 or not _length.fullmatch(lengths[0])):
        raise RequestNotUnderstood(part="Content-Length")
    return CHUNKED if encodings else int(lengths[0]) if lengths else 0


def _check_host(hosts: list[bytes], target: bytes, method: bytes, *, is_http_1_0: bool) -> None:
    """Refuse a host that is missing, repeated or not one, and an address whose host is another."""
    if len(hosts) > 1 or (not hosts and not is_http_1_0) or (hosts and not _host.fullmatch(hosts[0])):
        raise RequestNotUnderstood(part="Host header")
    if b"#" in target:
        raise RequestNotUnderstood(part="address")
    if target.startswith(b"/") or (target == b"*" and method == b"OPTIONS"):
        return
    absolute = _absolute_form.match(target)
    if absolute is None or [absolute[1].lower()] != [host.lower() for host in hosts]:
        raise RequestNotUnderstood(part="address")
