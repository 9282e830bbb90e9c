import asyncio

import pytest
from starlette.types import Receive, Scope, Send

from tests.gateway.servers import answer_lifespan, open_socket, serve
from tests.gateway.world import BROWSER, StartGateway

REFUSAL = b'{"type": "/problems/not-found", "title": "Not found", "status": 404, "detail": "It is not here."}'
MAX_WAIT_SECONDS = 1.0


class PatientService:
    """A service that answers its first requests only when so many of them are under way, or after a second."""

    def __init__(self, expected: int) -> None:
        self._expected, self._under_way, self.most = expected, 0, 0
        self._complete = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
            return
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        if self.most == self._expected:
            self._complete.set()
        try:
            async with asyncio.timeout(MAX_WAIT_SECONDS):
                await self._complete.wait()
        except TimeoutError:
            pass
        self._under_way -= 1
        headers = [(b"content-type", b"application/problem+json"), (b"content-length", b"%d" % len(REFUSAL))]
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": REFUSAL})


@pytest.mark.parametrize(
    ("path", "requests"),
    [
        ("/evidence", 3),
        ("/guides", 3),
        ("/gaps", 3),
        ("/learning", 2),
        ("/questions", 3),
        ("/search?q=carers", 2),
        ("/staff/evidence", 2),
        ("/staff/guides", 2),
        ("/staff/questions", 4),
        ("/staff/duplicates", 2),
    ],
)
async def test_a_list_asks_for_its_rows_and_its_choices_at_once(
    start_gateway: StartGateway, path: str, requests: int
) -> None:
    service = PatientService(requests)
    async with serve(service, open_socket()) as url:
        gateway = await start_gateway(service_url=url)
        token = await gateway.token("evidence-editor") if path.startswith("/staff") else {}
        await gateway.http.get(path, headers={**BROWSER, **token})
    assert service.most == requests
