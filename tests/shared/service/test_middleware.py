"""The middleware of every request of a service."""

import logging

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from shared.service.middleware import RequestContext


async def test_a_client_that_leaves_in_the_middle_is_no_failure_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    async def reads_a_body(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ClientDisconnect

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        raise AssertionError(f"there is nobody to send {message} to")

    with caplog.at_level(logging.INFO):
        scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
        await RequestContext(reads_a_body, "example", "http://here", max_timeout_seconds=5)(scope, receive, send)
    assert caplog.records == []
