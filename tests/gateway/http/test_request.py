import asyncio

import pytest

from tests.gateway.servers import header
from tests.gateway.world import Gateway


async def send_raw(gateway: Gateway, target: str, *lines: str, method: str = "GET") -> tuple[int, str]:
    """Send a request exactly as it is written here, which clients would tidy; returns the status and the response."""
    host, _, port = gateway.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = "\r\n".join([f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close", *lines, "", ""])
    writer.write(head.encode("latin-1"))
    response = (await reader.read()).decode("latin-1")
    writer.close()
    await writer.wait_closed()
    return int(response.split(" ")[1]), response


@pytest.mark.parametrize(
    "target",
    [
        "/v1/topics/../claims",
        "/v1/topics/%2e%2e/claims",
        "/v1/topics/%2E./claims",
        "/v1//claims",
        "//v1/claims",
        "/v1/topics/..%2fclaims",
        "/v1/topics%5c..%5cclaims",
        "/v1/topics/a%00b",
        "/v1/topics/%zz",
        "/v1/topics/.",
    ],
)
async def test_an_address_that_might_mean_another_is_refused(gateway: Gateway, target: str) -> None:
    status, response = await send_raw(gateway, target)
    assert status == 400
    assert "application/problem+json" in response
    assert gateway.service.requests == []


async def test_an_encoded_letter_changes_nothing_of_who_may(gateway: Gateway) -> None:
    assert (await send_raw(gateway, "/v1/%63laims"))[0] == 401
    assert (await send_raw(gateway, "/v1/claims%3fx"))[0] == 404


async def test_what_is_too_long_or_too_much_is_refused(gateway: Gateway) -> None:
    assert (await send_raw(gateway, "/v1/topics?q=" + "x" * 8_192))[0] == 414
    assert (await send_raw(gateway, "/v1/topics", *(f"X-{n}: 1" for n in range(120))))[0] == 431
    assert (await send_raw(gateway, "/v1/topics", "X-Long: " + "y" * 33_000))[0] == 431


async def test_two_credentials_are_refused(gateway: Gateway) -> None:
    both = ("Authorization: Bearer impact_session_a", "X-API-Key: impact_live_b")
    assert (await send_raw(gateway, "/v1/topics", *both))[0] == 400
    twice = ("Authorization: Bearer impact_session_a", "Authorization: Bearer impact_session_b")
    assert (await send_raw(gateway, "/v1/topics", *twice))[0] == 400


async def test_a_header_that_is_no_text_is_passed_on_byte_for_byte(gateway: Gateway) -> None:
    assert (await send_raw(gateway, "/v1/topics", "X-Name: \xff\xfe"))[0] == 200
    assert header(gateway.service.requests[0], "x-name") == "\xff\xfe"


async def test_two_lengths_of_one_body_are_refused(gateway: Gateway) -> None:
    lines = ("Content-Length: 5", "Transfer-Encoding: chunked")
    assert (await send_raw(gateway, "/v1/evidence", *lines, method="POST"))[0] == 400
    assert gateway.service.requests == []
