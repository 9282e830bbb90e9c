import gzip
from collections.abc import AsyncGenerator

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from gateway.edge.compression import Compression, accepts_gzip
from tests.gateway.servers import answer_lifespan, open_socket, serve
from tests.gateway.world import Gateway, StartGateway

TEXT = b'{"items": "' + b"a text that repeats itself; " * 200 + b'"}'
PUBLIC = [(b"cache-control", b"public, max-age=5"), (b"content-type", b"application/json"), (b"etag", b'"3"')]
HEADERS = {
    "public": PUBLIC,
    "stream": PUBLIC,
    "private": [(b"cache-control", b"private, no-cache"), (b"content-type", b"application/json"), (b"etag", b'"3"')],
    "photo": [(b"cache-control", b"public"), (b"content-type", b"image/jpeg")],
    "cookie": [*PUBLIC, (b"set-cookie", b"a=b")],
    "encoded": [*PUBLIC, (b"content-encoding", b"br")],
    "small": PUBLIC,
}


async def service(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with what the last segment of the path names."""
    if scope["type"] == "lifespan":
        await answer_lifespan(receive, send)
        return
    name = scope["path"].rpartition("/")[2]
    body = b"{}" if name == "small" else TEXT
    length = [] if name == "stream" else [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS.get(name, PUBLIC), *length]})
    half = len(body) // 2
    await send({"type": "http.response.body", "body": body[:half], "more_body": True})
    await send({"type": "http.response.body", "body": body[half:]})


@pytest.fixture
async def gateway(start_gateway: StartGateway) -> AsyncGenerator[Gateway]:
    async with serve(service, open_socket()) as url:
        yield await start_gateway(service_url=url, rate_limit_factor=100)


async def fetch(gateway: Gateway, path: str, **headers: str) -> tuple[str | None, bytes, httpx.Headers]:
    """Return the coding, the bytes as they came, and the headers."""
    async with gateway.http.stream("GET", path, headers={"Accept-Encoding": "gzip", **headers}) as response:
        raw = b"".join([chunk async for chunk in response.aiter_raw()])
        return response.headers.get("content-encoding"), raw, response.headers


async def test_what_is_public_is_compressed_whole_or_as_a_stream(gateway: Gateway) -> None:
    for name in ("public", "stream"):
        coding, raw, headers = await fetch(gateway, f"/v1/evidence/{name}")
        assert (coding, gzip.decompress(raw), headers["etag"]) == ("gzip", TEXT, 'W/"3"')
        assert "accept-encoding" in headers.get_list("vary")
        assert len(raw) < len(TEXT) / 5
        assert headers.get("content-length") in (None, str(len(raw)))


async def test_what_depends_on_who_asks_is_never_compressed(gateway: Gateway) -> None:
    token = (await gateway.token("carer"))["Authorization"]
    for path, headers in (
        ("/v1/evidence/private", {}),
        ("/v1/evidence/public", {"Authorization": token}),
        ("/v1/surveys/public", {"Invitation": "one"}),
        ("/v1/evidence/cookie", {}),
        ("/v1/evidence/photo", {}),
        ("/v1/evidence/public", {"Accept-Encoding": "gzip;q=0, identity"}),
    ):
        coding, raw, answered = await fetch(gateway, path, **headers)
        assert (coding, raw, answered.get("etag", '"3"')) == (None, TEXT, '"3"'), path
    assert (await fetch(gateway, "/v1/evidence/encoded"))[:2] == ("br", TEXT)
    assert (await fetch(gateway, "/v1/evidence/small"))[:2] == (None, b"{}")


async def test_pages_that_hold_nothing_of_their_caller_are_compressed_and_no_others(gateway: Gateway) -> None:
    token = (await gateway.token("carer"))["Authorization"]
    for path in ("/docs", "/openapi.json", "/problems"):
        for headers in ({}, {"Authorization": token}):
            coding, raw, _ = await fetch(gateway, path, **headers)
            assert coding == "gzip", path
            assert gzip.decompress(raw)
    assert (await fetch(gateway, "/preferences", Authorization=token))[0] is None
    signed_in, own = {"Authorization": token}, {"Sec-Fetch-Site": "same-origin"}
    for headers, coding in (
        (signed_in, None),
        ({**signed_in, "Sec-Fetch-Site": "cross-site"}, None),
        ({**signed_in, **own}, "gzip"),
        ({}, "gzip"),
    ):
        assert (await fetch(gateway, "/problems?q=guess", **headers))[0] == coding, headers
    assert (await fetch(gateway, "/v1/evidence/private", **signed_in, **own))[0] is None
    head = await gateway.http.head("/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in head.headers


async def test_a_page_of_the_callers_own_is_compressed_where_a_page_of_this_site_asked_for_it(gateway: Gateway) -> None:
    token = (await gateway.token("carer"))["Authorization"]
    for path in ("/preferences", "/preferences?next=guess"):
        for site, coding in (("same-origin", "gzip"), ("same-site", None), ("cross-site", None), ("none", None)):
            shown, raw, headers = await fetch(gateway, path, **{"Authorization": token, "Sec-Fetch-Site": site})
            assert shown == coding, (path, site)
            assert b"<h1" in (gzip.decompress(raw) if coding else raw)
            assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("also_private", "compressed"), [(True, True), (False, False)])
async def test_a_page_that_sets_a_cookie_is_compressed_only_where_private_ones_may_be(
    also_private: bool, compressed: bool
) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    compression = Compression(send, also_private=also_private)
    await compression({"type": "http.response.start", "status": 200, "headers": HEADERS["cookie"]})
    await compression({"type": "http.response.body", "body": TEXT})
    assert ((b"content-encoding", b"gzip") in sent[0]["headers"]) == compressed
    assert (b"set-cookie", b"a=b") in sent[0]["headers"]


async def test_a_page_at_a_secret_address_is_never_compressed(gateway: Gateway) -> None:
    link = await gateway.http.get("/sign-in/impact_link_unknown", headers={"Sec-Fetch-Site": "same-origin"})
    assert "content-encoding" not in link.headers
    assert (await fetch(gateway, "/sign-in/check-your-email", **{"Sec-Fetch-Site": "same-origin"}))[0] == "gzip"


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        (b"gzip", True),
        (b"br, GZIP;q=0.5", True),
        (b"gzip;q=0", False),
        (b"gzip; q=0.000", False),
        (b"identity", False),
        (b"", False),
        (b"xgzip", False),
    ],
)
def test_a_client_says_whether_it_takes_gzip(header: bytes, accepted: bool) -> None:
    assert accepts_gzip(header) == accepted
