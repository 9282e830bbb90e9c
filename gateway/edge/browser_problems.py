"""Problems as pages, for people whose browser opened an address; programs, which do not ask for HTML, get JSON."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from starlette.responses import Response
from starlette.types import Message, Send

from gateway.http.request import Headers, ProxiedRequest
from shared.http.caching import NO_STORE
from shared.problems import MEDIA_TYPE

logger = logging.getLogger(__name__)

RenderProblem = Callable[[ProxiedRequest, Mapping[str, Any]], Response]
"""Returns the page of a problem with a request, or the redirect to where it can be solved."""

NAVIGATION_METHODS: Final = ("GET", "POST")
"""Of links and of forms. A browser shows their response in place of the page before."""

VARY_BY_READER: Final = (b"vary", b"accept, sec-fetch-mode")
"""Of what depends on whether this is a navigation."""
VARY: Final = (b"vary", b"accept, sec-fetch-mode, cookie")
_replaced: Final = frozenset({
    *(name.lower().encode() for name in NO_STORE.headers),
    b"content-type", b"content-length", b"content-security-policy", b"location", b"www-authenticate",
})  # fmt: skip
"""By the headers of the page; all others stay."""


def is_navigation(request: ProxiedRequest) -> bool:
    """Return whether a browser opens an address or sends a form: it asks for HTML, not for JSON, and says so.

    By Sec-Fetch-Mode, or where it is older by asking for XHTML too, as every browser does, or by taking only what
    it names. Programs whose library names HTML among all that it takes, such as that of Java, do none of these.
    """
    headers: dict[bytes, bytes] = dict(request.forwarded_headers)
    accept, mode = headers.get(b"accept", b""), headers.get(b"sec-fetch-mode")
    if request.method not in NAVIGATION_METHODS or b"text/html" not in accept or b"json" in accept:
        return False
    if mode is not None:
        return mode == b"navigate"
    return b"application/xhtml+xml" in accept or b"*" not in accept


def show_problems_as_pages(request: ProxiedRequest, render: RenderProblem) -> None:
    """Have a refusal of this request sent as a page."""
    request.send = _ProblemPage(request, render)


class _ProblemPage:
    """The send channel of a request. The start of a problem waits for its body."""

    def __init__(self, request: ProxiedRequest, render: RenderProblem) -> None:
        self._send: Send = request.send
        self._request, self._render = request, render
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if message["status"] >= 400 and _is_problem(message["headers"]):
                self._start = message
                return
        elif self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_page(self._start)
            return
        await self._send(message)

    async def _send_page(self, start: Message) -> None:
        """Send the page, or the problem as it is where making the page fails: no request ends without a response."""
        try:
            # The response to HEAD has no body to make a page of, and sends none.
            problem: dict[str, Any] = orjson.loads(self._body) if self._body else {"status": start["status"]}
            page = self._render(self._request, problem)
        except Exception as error:
            logger.exception("the page of a problem failed: %s", type(error).__name__)
            await self._send({**start, "headers": [*start["headers"], VARY]})
            await self._send({"type": "http.response.body", "body": self._body})
            return
        headers: Headers = [header for header in start["headers"] if header[0] not in _replaced]
        headers += [header for header in page.raw_headers if header[0] in _replaced]
        await self._send({**start, "status": page.status_code, "headers": [*headers, VARY]})
        await self._send({"type": "http.response.body", "body": page.body})


def _is_problem(headers: Headers) -> bool:
    return any(name == b"content-type" and value.startswith(MEDIA_TYPE.encode()) for name, value in headers)
