import json
import logging

import pytest
from fastapi import FastAPI

from shared import logging as logs
from shared.callers import person
from shared.persistence.tables import new_id
from tests.support.world import client


@pytest.fixture(autouse=True)
def restore_root_logger() -> object:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level


async def test_a_failure_is_one_json_line_with_the_request_id_and_no_word_of_the_body(
    app: FastAPI, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("example")
    async with client(app, person(new_id()), **{"X-Request-Id": "request-12345"}) as http:
        await http.post("/v1/boxes", json={"note": "my own diagnosis", "pence": -1})
        await http.post("/v1/boxes/broken", json={"note": "my own diagnosis"})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    failure = next(line for line in lines if line["level"] == "error")
    assert failure["service"] == "example"
    assert failure["request_id"] == "request-12345"
    assert len(failure["trace_id"]) == 32
    assert "diagnosis" not in json.dumps(lines)


async def test_an_error_of_the_database_is_logged_without_the_row_that_it_quotes(
    app: FastAPI, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("example")
    async with client(app, person(new_id())) as http:
        refused = await http.post("/v1/boxes/overfilled", json={"note": "my own diagnosis", "pence": 1})
    assert refused.status_code == 500
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (failure,) = [line for line in lines if line["level"] == "error"]
    assert "InvalidTextRepresentation" in failure["exception"]
    assert "example_service.py" in failure["exception"]
    assert "diagnosis" not in json.dumps(lines)


def test_a_library_that_repeats_itself_is_heard_once(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("example")
    for attempt in range(5):
        logging.getLogger("aiokafka.client").error("Unable connect to %s", attempt)
        logging.getLogger("shared.messaging.relay").error("trying again: %s", attempt)
    events = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert events == ["Unable connect to 0", *(f"trying again: {attempt}" for attempt in range(5))]
