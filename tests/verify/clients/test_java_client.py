"""Java's own HTTP client posts bodies, although it offers to change to HTTP/2 before it has sent them."""

import asyncio
import json
from asyncio.subprocess import PIPE
from pathlib import Path

from tests.conftest import FreshDatabase
from tests.gateway.servers import header
from tests.gateway.world import gateways
from tests.verify.programs import program

SOURCE = Path(__file__).parent / "PostBodies.java"
BODY_BYTES = [20, 200_000]


async def test_java_posts_bodies_whether_or_not_it_offers_http_2(fresh_database: FreshDatabase) -> None:
    program("javac")  # without it Java runs no source
    async with gateways(fresh_database) as start:
        gateway = await start(rate_limit_factor=100)
        command = (program("java"), SOURCE, f"{gateway.url}/v1/surveys/x/responses", *map(str, BODY_BYTES))
        process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
        printed, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
        lines = [line.split(b" ", 1) for line in printed.splitlines()]
        assert [(status, json.loads(body)["body_bytes"]) for status, body in lines] == [
            (b"200", bytes) for bytes in BODY_BYTES * 2
        ]
        assert [header(request, "upgrade") for request in gateway.service.requests] == [None] * 4
