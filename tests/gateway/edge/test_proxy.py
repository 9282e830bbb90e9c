import asyncio
from collections.abc import AsyncGenerator

import httpx
import pytest

from gateway.http.body import WATCH_DELAY_SECONDS
from gateway.http_client import resilience
from shared.callers import NOBODY, Role, person, sign
from shared.http_server.limits import HttpLimits
from shared.persistence.tables import new_id
from tests.gateway.servers import CHUNK, caller_in, header, open_socket, url_of
from tests.gateway.world import Gateway, StartGateway, wait_until
from tests.support.settings import caller_keys


async def chunks(count: int) -> AsyncGenerator[bytes]:
    for _ in range(count):
        yield CHUNK


async def test_a_request_arrives_as_it_was_sent(gateway: Gateway) -> None:
    token = await gateway.token("evidence-editor")
    sent = {**token, "Content-Type": "application/json", "If-Match": '"3"', "Accept-Language": "cy"}
    response = await gateway.http.put("/v1/evidence/a%20b?x=1&x=2&y=%2F", content=b'{"a": 1}', headers=sent)
    request = response.json()
    assert (request["method"], request["path"], request["query"]) == ("PUT", "/v1/evidence/a%20b", "x=1&x=2&y=%2F")
    assert request["body_bytes"] == 8
    for name, value in (("content-type", "application/json"), ("if-match", '"3"'), ("accept-language", "cy")):
        assert header(request, name) == value


async def test_the_service_learns_who_is_calling_and_no_credential(gateway: Gateway) -> None:
    sent = {**await gateway.token("approver"), "X-Forwarded-For": "1.2.3.4"}
    request = (await gateway.http.get("/v1/evidence/x", headers=sent)).json()
    assert caller_in(request).has(Role.APPROVER, Role.CONTRIBUTOR)
    for name in ("authorization", "cookie", "x-api-key", "x-forwarded-for"):
        assert header(request, name) is None


async def test_a_client_that_says_itself_who_it_is_is_not_believed(gateway: Gateway) -> None:
    forged = sign(person(new_id(), Role.ADMINISTRATOR), caller_keys()[0])
    request = (await gateway.http.get("/v1/evidence/x", headers={"X-Impact-Caller": forged})).json()
    assert [name for name, _ in request["headers"]].count("x-impact-caller") == 1
    assert caller_in(request).id == NOBODY
    assert (await gateway.http.get("/v1/claims", headers={"X-Impact-Caller": forged})).status_code == 401


async def test_headers_of_one_connection_go_no_further(gateway: Gateway) -> None:
    sent = {"Connection": "keep-alive, X-Mine", "X-Mine": "1", "TE": "trailers", "Keep-Alive": "timeout=5"}
    request = (await gateway.http.get("/v1/evidence/x", headers=sent)).json()
    for name in ("x-mine", "te", "keep-alive"):
        assert header(request, name) is None
    assert "x-private" not in (await gateway.http.get("/v1/evidence/moved")).headers


async def test_the_location_that_a_service_names_becomes_a_path(gateway: Gateway) -> None:
    assert (await gateway.http.get("/v1/evidence/moved")).headers["location"] == "/v1/evidence/1"


async def test_every_answer_carries_a_request_id_and_a_sane_one_is_kept(gateway: Gateway) -> None:
    response = await gateway.http.get("/v1/evidence/x", headers={"X-Request-Id": "partner-0001"})
    assert response.headers.get_list("x-request-id") == ["partner-0001"]
    assert header(response.json(), "x-request-id") == "partner-0001"
    for path in ("/v1/evidence/x", "/v1/claims", "/nothing", "/health/live"):
        response = await gateway.http.get(path, headers={"X-Request-Id": "a b\tc"})
        assert len(response.headers["x-request-id"]) == 36


async def test_a_trace_is_carried_on_and_a_broken_one_is_begun_anew(gateway: Gateway) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert (
        header((await gateway.http.get("/v1/evidence/x", headers={"traceparent": trace})).json(), "traceparent")
        == trace
    )
    traceparent = header(
        (await gateway.http.get("/v1/evidence/x", headers={"traceparent": "00-xyz"})).json(), "traceparent"
    )
    assert traceparent is not None
    assert len(traceparent) == 55


async def test_a_large_upload_is_streamed_and_counted(gateway: Gateway) -> None:
    token = await gateway.token("evidence-editor")
    response = await gateway.http.post("/v1/imports", content=chunks(400), headers=token)
    assert response.json()["body_bytes"] == 400 * len(CHUNK)
    assert header(response.json(), "transfer-encoding") == "chunked"


async def test_an_upload_that_waits_for_a_connection_arrives_whole(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resilience, "MAX_REQUESTS", 1)
    monkeypatch.setattr(resilience, "QUEUE_TIMEOUT_SECONDS", 5)
    token = await gateway.token("evidence-editor")
    before = asyncio.create_task(gateway.http.get("/v1/evidence/waits"))
    await asyncio.wait_for(gateway.service.started.wait(), 5)
    upload = asyncio.create_task(gateway.http.post("/v1/imports", content=chunks(5), headers=token))
    await asyncio.sleep(5 * WATCH_DELAY_SECONDS)
    before.cancel()
    assert (await upload).json()["body_bytes"] == 5 * len(CHUNK)


async def test_an_upload_beyond_the_limit_is_refused_before_and_while_it_is_sent(gateway: Gateway) -> None:
    token = await gateway.token("evidence-editor")
    declared = await gateway.http.post("/v1/evidence", content=b"x" * (1024 * 1024 + 1), headers=token)
    assert (declared.status_code, declared.json()["title"]) == (413, "The request body is too large")
    assert declared.json()["instance"] == "/v1/evidence"
    to_survey = await gateway.http.post("/v1/surveys/1/responses", content=b"x" * (256 * 1024 + 1))
    assert (to_survey.status_code, to_survey.json()["instance"]) == (413, "/v1/surveys/1/responses")
    secret = await gateway.http.post("/sign-in/token", content=b"x" * (4 * 1024 + 1))
    assert (secret.status_code, "token" in secret.text) == (413, False)
    undeclared = await gateway.http.post("/v1/evidence", content=chunks(40), headers=token)
    assert undeclared.status_code == 413
    await wait_until(lambda: gateway.service.disconnects == 1)
    assert gateway.service.requests[-1]["body_bytes"] <= 1024 * 1024


async def test_a_large_answer_is_streamed(gateway: Gateway) -> None:
    async with gateway.http.stream("GET", "/v1/evidence/stream?chunks=300") as response:
        assert sum([len(chunk) async for chunk in response.aiter_raw()]) == 300 * len(CHUNK)


async def test_a_client_that_leaves_stops_the_service(gateway: Gateway) -> None:
    request = asyncio.create_task(gateway.http.get("/v1/evidence/waits"))
    await asyncio.wait_for(gateway.service.started.wait(), 5)
    request.cancel()
    await wait_until(lambda: gateway.service.disconnects == 1)


async def test_a_client_that_leaves_in_the_middle_of_an_answer_stops_the_service(start_gateway: StartGateway) -> None:
    stopped = asyncio.Event()

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"/health/live" in await reader.readuntil(b"\r\n\r\n"):
            writer.close()
            return
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"10000\r\n" + CHUNK + b"\r\n")
                await writer.drain()
        except ConnectionError:
            stopped.set()
        finally:
            writer.close()

    server = await asyncio.start_server(stream, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        gateway = await start_gateway(service_url=f"http://127.0.0.1:{port}")
        async with gateway.http.stream("GET", "/v1/evidence/x") as response:
            assert await anext(response.aiter_raw())
            assert not stopped.is_set()
        await asyncio.wait_for(stopped.wait(), 5)


async def test_what_takes_longer_than_the_client_allows_is_given_up(gateway: Gateway) -> None:
    response = await gateway.http.get("/v1/evidence/waits", headers={"Request-Timeout": "0.2"})
    assert (response.status_code, response.headers["content-type"]) == (504, "application/problem+json")
    await wait_until(lambda: gateway.service.disconnects == 1)


async def test_the_time_left_is_carried_down_and_never_more_than_the_route_allows(gateway: Gateway) -> None:
    request = (await gateway.http.get("/v1/evidence/x", headers={"Request-Timeout": "5"})).json()
    assert 4 < float(header(request, "request-timeout") or 0) <= 5
    request = (await gateway.http.get("/v1/evidence/x", headers={"Request-Timeout": "9999"})).json()
    assert 25 < float(header(request, "request-timeout") or 0) <= 30
    assert (await gateway.http.get("/v1/evidence/x", headers={"Request-Timeout": "0"})).status_code == 504
    assert (await gateway.http.get("/v1/evidence/x", headers={"Request-Timeout": "soon"})).status_code == 400


async def test_a_service_that_is_down_is_a_problem_that_says_when_to_try_again(start_gateway: StartGateway) -> None:
    with open_socket() as nobody:
        gateway = await start_gateway(service_url=url_of(nobody))
        response = await gateway.http.get("/v1/evidence/x")
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert response.json()["type"] == f"{gateway.url}/problems/service-down"


@pytest.mark.parametrize("raw", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"])
async def test_a_service_that_breaks_off_is_a_problem(start_gateway: StartGateway, raw: bytes) -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(break_off, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        gateway = await start_gateway(service_url=f"http://127.0.0.1:{port}")
        response = await gateway.http.get("/v1/evidence/x")
    assert (response.status_code, response.headers["content-type"]) == (502, "application/problem+json")


async def test_an_answer_that_breaks_off_after_it_began_does_not_look_whole(start_gateway: StartGateway) -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(break_off, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        gateway = await start_gateway(service_url=f"http://127.0.0.1:{port}")
        with pytest.raises(httpx.RemoteProtocolError):
            await gateway.http.get("/v1/evidence/x")


@pytest.mark.parametrize("status", [204, 304])
async def test_a_status_without_a_body_is_passed_on_without_the_length_of_another(
    start_gateway: StartGateway, status: int
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 %d Nothing\r\netag: x\r\ncontent-length: 5000\r\n\r\n" % status)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        gateway = await start_gateway(service_url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        response = await gateway.http.get("/v1/evidence/x")
        assert (response.status_code, response.headers["etag"]) == (status, "x")
        assert "content-length" not in response.headers
        assert "connection" not in response.headers


async def test_what_the_gateway_takes_the_service_takes_with_what_is_added(gateway: Gateway) -> None:
    for headers in (
        {f"X-{number}": "y" for number in range(99 - len(gateway.http.headers))},
        {"X": "y" * (HttpLimits().max_head_bytes - 500)},
    ):
        assert (await gateway.http.get("/v1/evidence/x", headers=headers)).status_code == 200


async def test_what_the_service_refuses_is_passed_on(gateway: Gateway) -> None:
    response = await gateway.http.get("/v1/evidence/refuses")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_head_is_a_get_without_its_body(gateway: Gateway) -> None:
    for path in ("/v1/evidence/x", "/v1/evidence/stream?chunks=3", "/status", "/v1/nothing"):
        head, get = await gateway.http.head(path), await gateway.http.get(path)
        assert (head.status_code, head.content) == (get.status_code, b"")
        assert head.headers["content-type"] == get.headers["content-type"]
    assert {request["method"] for request in gateway.service.requests} == {"GET"}


@pytest.mark.parametrize("public", ["public", "public-by-caller"])
async def test_equal_public_reads_at_one_moment_reach_the_service_once(gateway: Gateway, public: str) -> None:
    requests = [asyncio.create_task(gateway.http.get(f"/v1/evidence/{public}?q=1")) for _ in range(20)]
    await asyncio.wait_for(gateway.service.started.wait(), 5)
    await asyncio.sleep(0.1)
    gateway.service.released.set()
    responses = await asyncio.gather(*requests)
    assert len(gateway.service.requests) == 1
    assert {response.status_code for response in responses} == {200}
    assert len({response.headers["x-request-id"] for response in responses}) == 20


async def test_what_differs_or_is_not_public_is_not_shared(gateway: Gateway) -> None:
    token = await gateway.token("carer")
    gateway.service.released.set()
    requests = (
        gateway.http.get("/v1/evidence/public?q=1"),
        gateway.http.get("/v1/evidence/public?q=2"),
        gateway.http.get("/v1/evidence/public?q=1", headers={"Accept": "text/csv"}),
        gateway.http.get("/v1/evidence/public?q=1", headers=token),
        gateway.http.get("/v1/evidence/private"),
        gateway.http.get("/v1/evidence/private"),
    )
    responses = await asyncio.gather(*requests)
    assert len(gateway.service.requests) == 6
    assert responses[0].headers["cache-control"] == "public, max-age=5"
    assert responses[0].headers["vary"] == "accept, authorization, x-api-key, cookie"
    assert responses[3].headers["cache-control"] == "private, max-age=5"


async def test_a_header_that_comes_twice_differs_from_one_that_comes_once(gateway: Gateway) -> None:
    accepted = (("Accept", "text/csv"), ("Accept", "application/json")), (("Accept", "application/json"),)
    requests: list[asyncio.Task[httpx.Response]] = []
    for number, headers in enumerate(accepted, 1):
        gateway.http.headers.pop("Accept", None)
        requests.append(asyncio.create_task(gateway.http.get("/v1/evidence/public", headers=headers)))
        await wait_until(lambda number=number: gateway.service.request_count == number)
    gateway.service.released.set()
    assert {response.status_code for response in await asyncio.gather(*requests)} == {200}


async def test_where_an_answer_was_not_to_be_shared_nobody_waits_for_the_next(gateway: Gateway) -> None:
    gateway.service.released.set()
    await gateway.http.get("/v1/evidence/private")
    gateway.service.released.clear()
    requests = [asyncio.create_task(gateway.http.get("/v1/evidence/private")) for _ in range(5)]
    await wait_until(lambda: gateway.service.request_count == 6)
    gateway.service.released.set()
    assert {response.status_code for response in await asyncio.gather(*requests)} == {200}


async def test_one_who_leaves_does_not_take_the_answer_from_the_others(gateway: Gateway) -> None:
    first = asyncio.create_task(gateway.http.get("/v1/evidence/public"))
    await asyncio.wait_for(gateway.service.started.wait(), 5)
    second = asyncio.create_task(gateway.http.get("/v1/evidence/public"))
    await asyncio.sleep(0.1)
    first.cancel()
    await asyncio.sleep(0.1)
    gateway.service.released.set()
    assert (await second).status_code == 200
