import asyncio
from uuid import uuid4

import pytest
from starlette.types import Message

from tests.gateway.http.test_request import send_raw
from tests.gateway.world import Gateway, StartGateway, wait_until


async def test_an_unexpected_failure_tells_its_request_id_and_nothing_else(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("the reason, with a name in it")

    monkeypatch.setattr(gateway.app.proxy, "forward", fail)
    response = await gateway.http.get("/v1/evidence/x")
    assert (response.status_code, response.headers["content-type"]) == (500, "application/problem+json")
    assert len(response.headers["x-request-id"]) == 36
    assert "the reason" not in response.text
    assert "the reason" in caplog.text


async def test_a_log_line_names_no_address_below_its_prefix(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    await gateway.http.post("/v1/surveys/a-survey-of-somebody/responses?who=me", json={})
    assert "POST /v1/surveys/*/responses 200" in caplog.text
    assert "a-survey-of-somebody" not in caplog.text
    assert "who=me" not in caplog.text


async def test_there_are_no_websockets(gateway: Gateway) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await gateway.app({"type": "websocket", "path": "/v1/topics", "headers": []}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]


async def test_a_body_for_the_gateway_itself_must_come_in_time(gateway: Gateway) -> None:
    lines = ("Content-Length: 5", "Request-Timeout: 0.1")
    status, response = await asyncio.wait_for(send_raw(gateway, "/sign-in/x", *lines, method="POST"), 5)
    assert status == 504
    assert "request-timed-out" in response


async def test_every_answer_is_safe_in_a_browser(gateway: Gateway) -> None:
    for path in ("/", "/v1/evidence/x", "/v1/claims", "/nothing", "/openapi.json", "/metrics"):
        headers = (await gateway.http.get(path)).headers
        assert headers.get_list("x-content-type-options") == ["nosniff"]
        assert len(headers.get_list("content-security-policy")) == 1
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers.get_list("x-frame-options") == ["DENY"]
        assert headers.get_list("referrer-policy") == ["same-origin"]
        assert "strict-transport-security" not in headers
    too_large = (await gateway.http.get("/", headers={"X-Large": "x" * 40_000})).headers
    assert [too_large[name] for name in ("x-content-type-options", "x-frame-options", "referrer-policy")] == [
        "nosniff", "DENY", "same-origin"
    ]  # fmt: skip
    assert "frame-ancestors 'none'" in too_large["content-security-policy"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Forwarded-For", "10.0.0.1"),
        ("X-Forwarded-Proto", "https"),
        ("Forwarded", "for=10.0.0.1"),
        ("Via", "1.1 door"),
        ("X-Real-IP", "10.0.0.1"),
    ],
)
async def test_metrics_are_not_shown_through_a_proxy(gateway: Gateway, name: str, value: str) -> None:
    assert (await gateway.http.get("/metrics", headers={name: value})).status_code == 404
    assert (await gateway.http.get("/status", headers={name: value})).status_code == 200
    assert (await gateway.http.get("/metrics")).status_code == 200


async def test_metrics_are_not_shown_to_a_public_address(gateway: Gateway) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    target = {"path": "/metrics", "raw_path": b"/metrics", "query_string": b"", "client": ("8.8.8.8", 4711)}
    await gateway.app({"type": "http", "method": "GET", "headers": [], **target}, receive, send)
    assert sent[0]["status"] == 404


async def test_only_a_sign_out_removes_a_session_from_the_cache(gateway: Gateway) -> None:
    carer, partner = await gateway.token("carer"), await gateway.token("partner-developer")
    for token in (carer, partner):
        assert (await gateway.http.get("/v1/me", headers=token)).status_code == 200
    for _ in range(3):
        assert (await gateway.http.post("/sign-in/impact_link_wrong")).status_code == 404
    new_client = {"name": "x", "mode": "live", "scopes": ["evidence:read"]}
    assert (await gateway.http.post("/v1/api-clients", json=new_client, headers=partner)).status_code == 201
    assert len(gateway.app.credential_cache) == 2
    assert (await gateway.http.post("/v1/session/sign-out", headers=partner)).status_code == 204
    assert len(gateway.app.credential_cache) == 1


async def test_the_clients_of_a_trusted_proxy_are_counted_each_for_themselves(
    start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_MAX_CONNECTIONS_PER_ADDRESS", "3")
    gateway = await start_gateway()

    async def get(address: str) -> int:
        # uvicorn trusts this proxy, since it comes from the loopback.
        path = f"/v1/evidence/{uuid4()}/private"
        response = await gateway.http.get(path, headers={"X-Forwarded-For": address})
        if response.status_code == 429:
            assert response.json()["title"] == "Too many connections are open"
        return response.status_code

    async with asyncio.TaskGroup() as tasks:
        first = [tasks.create_task(get("2001:db8::1")) for _ in range(3)]
        await wait_until(lambda: gateway.service.request_count == 3)
        # One household has the whole of a /64.
        assert await get("2001:db8::2") == 429
        other = tasks.create_task(get("2001:db8:0:1::1"))
        leaving = tasks.create_task(get("203.0.113.7"))
        await wait_until(lambda: gateway.service.request_count == 5)
        leaving.cancel()
        first[0].cancel()
        await wait_until(lambda: sum(gateway.app.requests_by_network.values()) == 3)
        again = tasks.create_task(get("2001:db8::2"))
        await wait_until(lambda: gateway.service.request_count == 6)
        gateway.service.released.set()
    assert [task.result() for task in (*first[1:], other, again)] == [200] * 4
    assert not gateway.app.requests_by_network
