"""Malformed HTTP: the gateway refuses it or closes the connection, never fails, and serves the next request."""

import random
import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.platform import Platform

SEED = 20261129
REQUESTS = 1500
CONNECTIONS = 16
ANSWER_TIMEOUT_SECONDS = 30.0
ATTACK_TIMEOUT_SECONDS = 0.5
"""How long to wait for a response to what may be an incomplete request."""
LARGEST_ANSWER_BYTES = 2_000_000
STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
Mutation = Callable[[random.Random, bytes], bytes]

HOST = b"Host: 127.0.0.1\r\n"
VALID_REQUESTS = (
    b"GET /v1/topics HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
    b"HEAD /v1/search?q=carers HTTP/1.1\r\n" + HOST + b"Accept: */*\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"Accept: text/html\r\nCookie: impact=a; b=c\r\nConnection: close\r\n\r\n",
    b"POST /oai HTTP/1.1\r\n" + HOST + b"Content-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 13\r\nConnection: close\r\n\r\nverb=Identify",
    b"POST /oai HTTP/1.1\r\n" + HOST + b"Content-Type: application/x-www-form-urlencoded\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\nd\r\nverb=Identify\r\n0\r\n\r\n",
    b"POST /v1/topics HTTP/1.1\r\n" + HOST + b"Authorization: Bearer nobody\r\nContent-Type: application/json\r\n"
    b'Content-Length: 12\r\nConnection: close\r\n\r\n{"name":"x"}',
)
HEADERS = (
    b"Content-Length", b"Authorization", b"Host", b"Accept", b"Range", b"If-None-Match", b"Request-Timeout", b"X y",
    b"", b":",
)  # fmt: skip
HEADER_VALUES = (
    b"", b" ", b"\t", b"-1", b"0x10", b"1e3", b"99999999999999999999", b"\xff\xfe", b"a\x00b", b"a, b", b"%00",
)  # fmt: skip
METHODS = (b"", b"get", b"GET GET", b"\x00", b"G\xc3\x89T", b"TRACE", b"CONNECT", b"PRI", b"X" * 300)
TARGETS = (
    b"*", b"", b"topics", b"//", b"/%", b"/%zz", b"/v1/../v1/topics", b"/v1/topics\x00", b"/v1/topics#a", b"/\xff",
    b"http://elsewhere/v1/topics", b"elsewhere:443", b"/v1/topics?" + b"a" * 9_000, b"/" + b"a/" * 4_000,
)  # fmt: skip
VERSIONS = (b"HTTP/0.9", b"HTTP/1.0", b"HTTP/1.2", b"HTTP/2.0", b"HTTP/11", b"http/1.1", b"HTTP/1.1 x", b"")
CHUNKS = (
    b"g\r\n", b"-1\r\n{}\r\n", b"2;x=y\r\n{}\r\n", b"ffffffffffffffff\r\n{}", b"2\r\n{}", b"2\n{}\n0\n\n",
    b" 2\r\n{}\r\n",
)  # fmt: skip


def other_method(rng: random.Random, request: bytes) -> bytes:
    return rng.choice(METHODS) + b" " + request.partition(b" ")[2]


def other_target(rng: random.Random, request: bytes) -> bytes:
    line, _, rest = request.partition(b"\r\n")
    fields = line.split(b" ")
    return b" ".join((fields[0], rng.choice(TARGETS), fields[-1])) + b"\r\n" + rest


def other_version(rng: random.Random, request: bytes) -> bytes:
    line, _, rest = request.partition(b"\r\n")
    return line.rpartition(b" ")[0] + b" " + rng.choice(VERSIONS) + b"\r\n" + rest


def broken_header(rng: random.Random, request: bytes) -> bytes:
    line, _, rest = request.partition(b"\r\n")
    header = rng.choice(HEADERS) + rng.choice((b": ", b" : ", b":", b"")) + rng.choice(HEADER_VALUES)
    return b"\r\n".join((line, header, rest))


def broken_chunk(rng: random.Random, request: bytes) -> bytes:
    head, _, _ = request.partition(b"\r\n\r\n")
    head = re.sub(rb"\r\nContent-Length: \d+", b"", head)
    if b"chunked" not in head:
        head += b"\r\nTransfer-Encoding: chunked"
    return head + b"\r\n\r\n" + rng.choice(CHUNKS)


def cut_off(rng: random.Random, request: bytes) -> bytes:
    return request[: rng.randrange(len(request))]


def noise(rng: random.Random, request: bytes) -> bytes:
    position = rng.randrange(len(request))
    return request[:position] + rng.randbytes(rng.randrange(1, 30)) + request[position + rng.randrange(5) :]


def other_line_ends(rng: random.Random, request: bytes) -> bytes:
    return request.replace(b"\r\n", rng.choice((b"\n", b"\r", b"\n\r", b"\r\n\r")))


MUTATIONS: tuple[Mutation, ...] = (
    other_method, other_target, other_version, broken_header, broken_chunk, cut_off, noise, other_line_ends,
)  # fmt: skip


def requests() -> Iterator[bytes]:
    """Generate malformed requests, the same in every run."""
    rng = random.Random(SEED)
    for _ in range(REQUESTS):
        request = rng.choice(VALID_REQUESTS)
        for mutation in rng.sample(MUTATIONS, rng.choice((1, 1, 1, 2))):
            request = mutation(rng, request) if request else request
        yield request


def send_raw(address: tuple[str, int], request: bytes, timeout_seconds: float) -> bytes:
    """Send raw bytes. Returns what is received until the gateway closes, or sends nothing for `timeout_seconds`."""
    received = b""
    with socket.create_connection(address, ANSWER_TIMEOUT_SECONDS) as connection:
        try:
            connection.sendall(request)
            connection.settimeout(timeout_seconds)
            while len(received) < LARGEST_ANSWER_BYTES and (chunk := connection.recv(65_536)):
                received += chunk
        except (ConnectionError, TimeoutError):
            pass
    return received


@pytest.mark.usefixtures("failures")
def test_a_sound_request_of_each_kind_is_answered(platform: Platform) -> None:
    """Check the requests that the malformed ones are derived from."""
    address = address_of(platform)
    statuses = [status_of(send_raw(address, request, ANSWER_TIMEOUT_SECONDS)) for request in VALID_REQUESTS]
    assert statuses == [200, 200, 200, 200, 200, 401]


@pytest.mark.usefixtures("failures")
def test_no_request_however_broken_is_a_failure_of_the_gateway(platform: Platform) -> None:
    address = address_of(platform)

    def attack(request: bytes) -> int:
        return status_of(send_raw(address, request, ATTACK_TIMEOUT_SECONDS))

    attempts = list(requests())
    with ThreadPoolExecutor(CONNECTIONS) as attackers:
        statuses = list(attackers.map(attack, attempts))
    failed = [request[:300] for request, status in zip(attempts, statuses, strict=True) if status >= 500]
    assert failed == []
    assert statuses.count(400) > REQUESTS // 10
    assert httpx.get(f"{platform.url}/health/ready", timeout=30).status_code == 200
    assert httpx.get(f"{platform.url}/v1/topics", timeout=30).json()["items"]


def address_of(platform: Platform) -> tuple[str, int]:
    parts = urlsplit(platform.url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def status_of(received: bytes) -> int:
    """Return the status of the first response, or 0 if there is none."""
    if not received:
        return 0
    line = STATUS_LINE.match(received)
    assert line is not None, received[:200]
    return int(line[1])
