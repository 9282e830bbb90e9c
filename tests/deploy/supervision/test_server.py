"""How a process stops."""

import asyncio
import signal
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from deploy import processes
from deploy.supervision.server import DrainingServer, limits_of, uvicorn_config
from shared.http_server.limits import HttpLimits
from shared.http_server.server import HttpServer
from tests.gateway.servers import answer_lifespan, open_socket, respond, url_of
from tests.gateway.world import wait_until


class Server(DrainingServer):
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to pytest."""
        yield


@asynccontextmanager
async def draining_server(
    drain_seconds: float, events: list[str], trusted_proxies: str = ""
) -> AsyncGenerator[tuple[Server, str, asyncio.Task[None]]]:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
            return
        if scope["path"] == "/slow":
            await asyncio.sleep(0.6)
        await respond(send, {"client": scope["client"][0]}, [])

    http = HttpServer(HttpLimits.model_validate({"TRUSTED_PROXIES": trusted_proxies}), "http://here")
    config = uvicorn_config(app, http, "127.0.0.1", 0)
    server = Server(config, http, drain_seconds, lambda: events.append("not ready"))
    with open_socket() as bound:
        running = asyncio.create_task(server.serve(sockets=[bound]))
        await wait_until(lambda: server.started)
        yield server, url_of(bound), running
        server.should_exit = True
        await running


async def test_a_process_that_stops_says_so_serves_on_finishes_and_closes() -> None:
    events: list[str] = []
    async with draining_server(0.4, events) as (server, url, running), httpx.AsyncClient(base_url=url) as client:
        assert "connection" not in (await client.get("/")).headers
        server.handle_exit(signal.SIGTERM, None)
        assert events == ["not ready"]
        assert (await client.get("/")).headers["connection"] == "close"
        slow = asyncio.create_task(client.get("/slow"))
        await asyncio.sleep(0.5)
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) != 0
        assert (await slow).status_code == 200, "what was under way is finished"
        await asyncio.wait_for(running, 5)


async def test_a_second_signal_ends_the_wait() -> None:
    events: list[str] = []
    async with draining_server(60, events) as (server, _, running):
        server.handle_exit(signal.SIGTERM, None)
        server.handle_exit(signal.SIGTERM, None)
        await asyncio.wait_for(running, 5)
        assert events == ["not ready"]


@pytest.mark.parametrize(
    ("trusted_proxies", "client_address"), [("", "127.0.0.1"), ("10.0.0.0/8", "127.0.0.1"), ("127.0.0.0/8", "10.1.1.1")]
)
@pytest.mark.parametrize("sent", [{"X-Forwarded-For": "10.1.1.1"}, {"Forwarded": "for=10.1.1.1"}])
async def test_only_a_named_proxy_says_who_its_client_is(
    trusted_proxies: str, client_address: str, sent: dict[str, str]
) -> None:
    async with draining_server(0, [], trusted_proxies) as (_, url, _), httpx.AsyncClient(base_url=url) as client:
        response = await client.get("/", headers=sent)
        assert response.json() == {"client": client_address}


def test_the_apis_take_more_headers_than_the_gateway_which_adds_some() -> None:
    gateway = limits_of(processes.GATEWAY)
    for process in processes.APIS:
        assert limits_of(process).max_headers > gateway.max_headers
        assert limits_of(process).max_head_bytes > gateway.max_head_bytes
        assert limits_of(process).max_target_bytes == gateway.max_target_bytes
