import gzip
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fastapi import FastAPI
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import select

from shared import tracing
from shared.callers import person
from shared.persistence.platform_tables import outbox
from shared.persistence.tables import new_id
from tests.support.world import client

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331"


async def test_a_callers_trace_goes_on_in_the_events_of_its_command(app: FastAPI) -> None:
    async with client(app, person(new_id()), traceparent=f"00-{TRACE}-b7ad6b7169203331-01") as http:
        await http.post("/v1/boxes", json={"note": "x", "pence": 1})
    async with app.state.database.engine.connect() as connection:
        carried = await connection.scalar(select(outbox.c.traceparent))
    assert carried is not None
    assert carried.split("-")[1] == TRACE


async def test_who_brings_no_trace_begins_one(app: FastAPI) -> None:
    async with client(app, person(new_id())) as http:
        for _ in range(2):
            await http.post("/v1/boxes", json={"note": "x", "pence": 1})
    async with app.state.database.engine.connect() as connection:
        carried = (await connection.scalars(select(outbox.c.traceparent))).all()
    assert len({parent.split("-")[1] for parent in carried if parent}) == 2


def test_a_handler_goes_on_with_the_trace_of_its_event() -> None:
    tracing.start("example", None)
    with tracing.continue_trace(f"00-{TRACE}-b7ad6b7169203331-01", "handle"):
        assert tracing.current_trace_id() == TRACE
    assert tracing.current_trace_id() is None


@pytest.mark.parametrize("flag", ["00", "01"])
async def test_events_carry_the_trace_and_the_flag_whether_or_not_it_is_recorded(
    app: FastAPI, spans: InMemorySpanExporter, flag: str
) -> None:
    async with client(app, person(new_id()), traceparent=f"{PARENT}-{flag}") as http:
        await http.post("/v1/boxes", json={"note": "x", "pence": 1})
    async with app.state.database.engine.connect() as connection:
        carried = await connection.scalar(select(outbox.c.traceparent))
    assert carried is not None
    assert (carried[3:35], carried[-2:]) == (TRACE, flag)
    assert len(spans.get_finished_spans()) == int(flag)


def test_a_limit_lets_as_many_through_at_once_as_in_a_second() -> None:
    seconds = 1000.0
    limit = tracing.TraceLimit(4, clock=lambda: seconds)
    assert [limit.take() for _ in range(6)] == [True] * 4 + [False] * 2
    seconds += 0.25
    assert [limit.take() for _ in range(2)] == [True, False]
    seconds += 3600
    assert [limit.take() for _ in range(6)] == [True] * 4 + [False] * 2


def test_a_limit_of_none_lets_none_through() -> None:
    assert not tracing.TraceLimit(0).take()


def test_the_limit_is_that_of_the_settings(spans: InMemorySpanExporter) -> None:
    tracing.start("example", None, 2)
    for _ in range(5):
        with tracing.continue_trace(None, "handle"):
            pass
    assert len(spans.get_finished_spans()) == 2


def test_a_new_trace_beyond_the_limit_has_an_id_and_says_that_it_is_not_recorded(
    spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "_limit", tracing.TraceLimit(1))
    traceparents: list[str] = []
    for _ in range(3):
        with tracing.continue_trace(None, "handle"):
            traceparents.append(tracing.current_traceparent() or "")
            assert tracing.current_trace_id() == traceparents[-1].split("-")[1]
    assert [int(traceparent[-2:], 16) & 1 for traceparent in traceparents] == [1, 0, 0]
    assert len({traceparent[3:35] for traceparent in traceparents}) == 3
    (span,) = spans.get_finished_spans()
    assert span.parent is None


@pytest.mark.parametrize(("flag", "per_second"), [("00", 100), ("01", 0)])
def test_a_service_follows_the_flag_of_its_caller_whatever_the_limit(
    spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch, flag: str, per_second: int
) -> None:
    monkeypatch.setattr(tracing, "_limit", tracing.TraceLimit(per_second))
    with tracing.continue_trace(f"{PARENT}-{flag}", "ask"):
        traceparent = tracing.current_traceparent() or ""
        assert tracing.current_trace_id() == TRACE
    assert traceparent[-2:] == flag
    assert [f"00-{TRACE}-{span.parent.span_id:016x}" for span in spans.get_finished_spans() if span.parent] == [
        PARENT
    ] * int(flag)


@pytest.mark.parametrize("is_exporting", [True, False])
@pytest.mark.parametrize("flag", ["00", "01"])
def test_a_client_keeps_its_trace_and_has_no_say_in_whether_it_is_recorded(
    spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch, flag: str, is_exporting: bool
) -> None:
    monkeypatch.setattr(tracing, "_limit", tracing.TraceLimit(1))
    if not is_exporting:
        monkeypatch.setattr(tracing, "_tracer", None)
    traceparents: list[str] = []
    for _ in range(2):
        with tracing.continue_trace(f"{PARENT}-{flag}", "ask", from_client=True):
            traceparents.append(tracing.current_traceparent() or "")
    assert [traceparent[3:35] for traceparent in traceparents] == [TRACE] * 2
    assert [traceparent[-2:] for traceparent in traceparents] == ["01", "00"]
    assert len(spans.get_finished_spans()) == is_exporting


@pytest.mark.parametrize("broken", ["", "00-xyz", f"00-{'0' * 32}-b7ad6b7169203331-01", f"00-{TRACE}-{'0' * 16}-01"])
def test_a_broken_trace_is_begun_anew(spans: InMemorySpanExporter, broken: str) -> None:
    with tracing.continue_trace(broken, "ask"):
        traceparent = tracing.current_traceparent() or ""
    assert len(traceparent) == 55
    assert traceparent[3:35] not in (TRACE, "0" * 32)
    assert [span.parent for span in spans.get_finished_spans()] == [None]


def test_a_span_tells_the_kind_of_an_error_and_not_what_it_says(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="diagnosis"), tracing.continue_trace(None, "handle"):
        raise ValueError("my own diagnosis")
    (span,) = spans.get_finished_spans()
    assert "diagnosis" not in span.to_json()
    assert span.status.description == "ValueError"


async def test_what_machines_ask_all_the_time_is_not_traced(app: FastAPI, spans: InMemorySpanExporter) -> None:
    async with client(app, person(new_id())) as http:
        for path in ("/health/live", "/health/ready", "/metrics", "/v1/boxes"):
            await http.get(path)
    assert [span.name for span in spans.get_finished_spans()] == ["GET /v1/boxes"]


SENDER = """
import sys
from shared import tracing
tracing.start("example", sys.argv[1])
with tracing.continue_trace(sys.argv[2], "ask"):
    with tracing.continue_trace(tracing.current_traceparent(), "handle"):
        print(tracing.current_trace_id())
tracing.stop()
"""


def test_where_a_collector_is_told_of_spans_reach_it_in_the_callers_trace() -> None:
    received: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        arguments = [f"http://127.0.0.1:{server.server_port}", f"00-{TRACE}-b7ad6b7169203331-01"]
        completed = subprocess.run(
            [sys.executable, "-c", SENDER, *arguments], capture_output=True, text=True, timeout=60, check=False
        )
        server.shutdown()
    assert completed.stdout.strip() == TRACE, completed.stderr
    (path, body) = received[0]
    assert path == "/v1/traces"
    spans = ExportTraceServiceRequest.FromString(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
    sent = [span for resource in spans.resource_spans for scope in resource.scope_spans for span in scope.spans]
    assert {span.name for span in sent} == {"ask", "handle"}
    assert {span.trace_id.hex() for span in sent} == {TRACE}


def test_a_process_stops_in_time_where_no_collector_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        arguments = [sys.executable, "-c", SENDER, endpoint, f"{PARENT}-01"]
        started = time.monotonic()
        subprocess.run(arguments, capture_output=True, timeout=60, check=True)
    assert time.monotonic() - started < 8
