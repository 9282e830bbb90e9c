"""A service that returns 1.5 kB immediately, so that only the overhead of the proxy is measured; `/large` is 20 MB."""

from typing import Final

from starlette.types import Receive, Scope, Send

ITEM: Final = b'{"id":"0198c0de-0000-7000-8000-000000000000","title":"A piece of evidence"}'
BODY: Final = b'{"items":[' + b",".join([ITEM] * 20) + b'],"next":null}'
CHUNK: Final = b"x" * 65_536
LARGE_BYTES: Final = 20_000_000
HEADERS: Final = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(BODY)).encode()),
    (b"etag", b'"1"'),
    (b"cache-control", b"public, max-age=5"),
]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        for message in ("lifespan.startup.complete", "lifespan.shutdown.complete"):
            await receive()
            await send({"type": message})
        return
    await receive()
    if scope["path"].endswith("/large"):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(LARGE_BYTES // len(CHUNK)):
            await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
        await send({"type": "http.response.body"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})
