"""A proxy returns the same responses as the gateway."""

import asyncio
import secrets
from collections.abc import Iterator
from typing import NamedTuple

import httpx
import pytest

from tests.support.platform import Platform

UNKNOWN_ID = "01900000-0000-7000-8000-000000000000"
CONNECTION_HEADERS = frozenset({"date", "server", "connection", "keep-alive", "transfer-encoding"})
COUNTING_HEADERS = frozenset({"ratelimit"})
"""Headers that change with every request."""
CONNECTIONS, REQUESTS = 4, 400

READ_PATHS = (
    "/",
    "/docs",
    "/problems",
    "/problems/not-found",
    "/openapi.json",
    "/sitemap.xml",
    "/v1/topics",
    "/v1/topics?limit=1",
    "/v1/evidence?limit=3",
    "/v1/search?q=carers%20breaks",
    "/v1/search?q=a%2Bb%26c",
    "/v1/exports/evidence?format=ris",
    "/v1/exports/evidence?format=csv",
)
REFUSED_PATHS = (
    "/v1/nowhere",
    f"/v1/evidence/{UNKNOWN_ID}",
    "/v1/evidence/no-id",
    "/v1/claims",
    "/v1/topics?limit=0",
    "/v1//topics",
    "/v1/evidence/%2e%2e/topics",
    "/v1/evidence/a%2Fb",
    f"/v1/search?q={'x' * 8_100}",
)


class ProxiedResponse(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return dict(self.headers)[name]


class RequestSender:
    """Sends the same request to several addresses over persistent connections."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def __call__(
        self, base: str, method: str, path: str, headers: dict[str, str] | None = None, content: bytes | None = None
    ) -> ProxiedResponse:
        """Send a request to the gateway or a proxy at `base`. Returns the response without connection headers."""
        response = self._client.request(method, base + path, headers=headers, content=content)
        headers_left = [
            pair for pair in response.headers.multi_items() if pair[0] not in CONNECTION_HEADERS | COUNTING_HEADERS
        ]
        return ProxiedResponse(response.status_code, sorted(headers_left), response.content)


@pytest.fixture(scope="module")
def send() -> Iterator[RequestSender]:
    with httpx.Client(timeout=60) as client:
        yield RequestSender(client)


def request_id() -> dict[str, str]:
    return {"X-Request-Id": secrets.token_hex(16)}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", [*READ_PATHS, *REFUSED_PATHS], ids=lambda path: path[:50])
def test_a_read_answers_the_same(send: RequestSender, platform: Platform, proxy: str, method: str, path: str) -> None:
    headers = request_id()
    direct, proxied = send(platform.url, method, path, headers), send(proxy, method, path, headers)
    assert proxied == direct
    assert proxied.header("x-request-id") == headers["X-Request-Id"]
    assert (proxied.status >= 400) == (path in REFUSED_PATHS)
    if path in REFUSED_PATHS:
        assert proxied.header("content-type") == "application/problem+json"
    assert (proxied.body == b"") == (method == "HEAD")


@pytest.mark.parametrize("path", [path for path in READ_PATHS if "sitemap" not in path])
def test_what_has_not_changed_is_not_sent_again(send: RequestSender, platform: Platform, proxy: str, path: str) -> None:
    etag = send(proxy, "GET", path).header("etag")
    headers = {**request_id(), "If-None-Match": etag}
    direct, proxied = send(platform.url, "GET", path, headers), send(proxy, "GET", path, headers)
    assert proxied == direct
    assert (proxied.status, proxied.body, proxied.header("etag")) == (304, b"", etag)


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/v1/topics", f"/v1/topics/{UNKNOWN_ID}", "/v1/search", "/v1/nowhere", "/status"])
@pytest.mark.parametrize("signed_in", [False, True], ids=["nobody", "editor"])
def test_every_method_is_answered_the_same(
    send: RequestSender, platform: Platform, proxy: str, editor_token: str, method: str, path: str, signed_in: bool
) -> None:
    headers = {**request_id(), "Content-Type": "application/json"}
    if signed_in:
        headers["Authorization"] = f"Bearer {editor_token}"
    content = b'{"name": 1, "unknown": "\xc3\xa4"}'
    direct = send(platform.url, method, path, headers, content)
    proxied = send(proxy, method, path, headers, content)
    assert proxied == direct
    assert 400 <= proxied.status < 500
    assert proxied.header("content-type") == "application/problem+json"


async def test_many_requests_on_few_connections_get_each_their_own_answer(proxy: str) -> None:
    async with httpx.AsyncClient(
        base_url=proxy, timeout=60, limits=httpx.Limits(max_connections=CONNECTIONS)
    ) as client:
        topics = await client.get("/v1/topics")

        async def send_numbered(number: int) -> None:
            headers = {"X-Request-Id": f"{number:032x}"}
            path = f"/v1/nowhere/{number}"
            if number % 5 == 0:
                response = await client.head("/v1/topics", headers=headers)
                assert (response.status_code, response.content) == (200, b"")
            elif number % 5 == 1:
                refused = await client.post("/v1/topics", headers=headers, content=b"x" * 40_000)
                assert (refused.status_code, refused.json()["instance"]) == (401, "/v1/topics")
                response = refused
            elif number % 5 == 2:
                not_modified = {**headers, "If-None-Match": topics.headers["etag"]}
                response = await client.get("/v1/topics", headers=not_modified)
                assert (response.status_code, response.content) == (304, b"")
            elif number % 5 == 3:
                response = await client.get("/v1/topics", headers=headers)
                assert response.content == topics.content
            else:
                response = await client.get(path, headers=headers)
                assert (response.status_code, response.json()["instance"]) == (404, path)
            assert response.headers["x-request-id"] == headers["X-Request-Id"]

        await asyncio.gather(*(send_numbered(number) for number in range(REQUESTS)))
