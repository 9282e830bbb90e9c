"""What is no HTTP, or hardly: the gateway refuses it or closes, fails at nothing and serves the next."""

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
PATIENCE_SECONDS = 0.5
"""How long the attacker waits for an answer to what may be only the beginning of a request."""
LARGEST_ANSWER_BYTES = 2_000_000
STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
Mutation = Callable[[random.Random, bytes], bytes]

HOST = b"Host: 127.0.0.1\r\n"
SOUND = (
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


def other_method(chance: random.Random, request: bytes) -> bytes:
    return chance.choice(METHODS) + b" " + request.partition(b" ")[2]


def other_target(chance: random.Random, request: bytes) -> bytes:
    line, _, rest = request.partition(b"\r\n")
    words = line.split(b" ")
    return b" ".join((words[0], chance.choice(TARGETS), words[-1])) + b"\r\n" + rest


def other_version(chance: random.Random, request: bytes) -> bytes:
    line, _, rest = request.partition(b"\r\n")
    return line.rpartition(b" ")[0] + b" " + chance.choice(VERSIONS) + b"\r\n" + rest


def broken_header(chance: random.Random, request: bytes) -> bytes:
    line, _, rest = request.partition(b"\r\n")
    header = chance.choice(HEADERS) + chance.choice((b": ", b" : ", b":", b"")) + chance.choice(HEADER_VALUES)
    return b"\r\n".join((line, header, rest))


def broken_chunk(chance: random.Random, request: bytes) -> bytes:
    head, _, _ = request.partition(b"\r\n\r\n")
    head = re.sub(rb"\r\nContent-Length: \d+", b"", head)
    if b"chunked" not in head:
        head += b"\r\nTransfer-Encoding: chunked"
    return head + b"\r\n\r\n" + chance.choice(CHUNKS)


def cut_off(chance: random.Random, request: bytes) -> bytes:
    return request[: chance.randrange(len(request))]


def noise(chance: random.Random, request: bytes) -> bytes:
    place = chance.randrange(len(request))
    return request[:place] + chance.randbytes(chance.randrange(1, 30)) + request[place + chance.randrange(5) :]


def other_line_ends(chance: random.Random, request: bytes) -> bytes:
    return request.replace(b"\r\n", chance.choice((b"\n", b"\r", b"\n\r", b"\r\n\r")))


MUTATIONS: tuple[Mutation, ...] = (
    other_method, other_target, other_version, broken_header, broken_chunk, cut_off, noise, other_line_ends,
)  # fmt: skip


def requests() -> Iterator[bytes]:
    """The same requests in every run."""
    chance = random.Random(SEED)
    for _ in range(REQUESTS):
        request = chance.choice(SOUND)
        for mutation in chance.sample(MUTATIONS, chance.choice((1, 1, 1, 2))):
            request = mutation(chance, request) if request else request
        yield request


def answer_to(address: tuple[str, int], request: bytes, patience: float) -> bytes:
    """All that comes back until the gateway closes, or within `patience` seconds each time there is nothing."""
    answer = b""
    with socket.create_connection(address, ANSWER_TIMEOUT_SECONDS) as connection:
        try:
            connection.sendall(request)
            connection.settimeout(patience)
            while len(answer) < LARGEST_ANSWER_BYTES and (piece := connection.recv(65_536)):
                answer += piece
        except (ConnectionError, TimeoutError):
            pass
    return answer


@pytest.mark.usefixtures("failures")
def test_a_sound_request_of_each_kind_is_answered(platform: Platform) -> None:
    """Else the others would prove little."""
    address = address_of(platform)
    statuses = [status_of(answer_to(address, request, ANSWER_TIMEOUT_SECONDS)) for request in SOUND]
    assert statuses == [200, 200, 200, 200, 200, 401]


@pytest.mark.usefixtures("failures")
def test_no_request_however_broken_is_a_failure_of_the_gateway(platform: Platform) -> None:
    address = address_of(platform)

    def attack(request: bytes) -> int:
        return status_of(answer_to(address, request, PATIENCE_SECONDS))

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


def status_of(answer: bytes) -> int:
    """The status of the first answer; 0 where there was none."""
    if not answer:
        return 0
    line = STATUS_LINE.match(answer)
    assert line is not None, answer[:200]
    return int(line[1])
