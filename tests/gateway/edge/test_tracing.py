import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.gateway.servers import header
from tests.gateway.world import StartGateway

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize("flag", ["00", "01"])
async def test_the_gateway_records_up_to_its_limit_whatever_the_client_asks_for(
    start_gateway: StartGateway, spans: InMemorySpanExporter, flag: str
) -> None:
    gateway = await start_gateway(traces_per_second=1, rate_limit_factor=100)
    sent = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-{flag}"}
    forwarded: list[str] = []
    for _ in range(2):
        request = (await gateway.http.get("/v1/evidence/x", headers={**sent, "Cache-Control": "no-cache"})).json()
        forwarded.append(header(request, "traceparent") or "")
    assert [traceparent[3:35] for traceparent in forwarded] == [TRACE] * 2
    assert [traceparent[-2:] for traceparent in forwarded] == ["01", "00"]
    (span,) = spans.get_finished_spans()
    assert span.context is not None
    assert span.name == "GET /v1/evidence"
    assert forwarded[0] == f"00-{TRACE}-{span.context.span_id:016x}-01"


async def test_a_trace_beyond_the_limit_goes_on_to_the_service_with_its_id(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(traces_per_second=0, rate_limit_factor=100)
    for sent in ({}, {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}):
        traceparent = header((await gateway.http.get("/v1/evidence/x", headers=sent)).json(), "traceparent")
        assert traceparent is not None
        assert len(traceparent) == 55
        assert traceparent[-2:] == "00"
        assert not sent or traceparent[3:35] == TRACE


@pytest.mark.parametrize(("flag", "per_second"), [("01", 0), ("00", 100)])
async def test_the_gateways_own_pages_are_recorded_by_the_same_rule(
    start_gateway: StartGateway, spans: InMemorySpanExporter, flag: str, per_second: int
) -> None:
    gateway = await start_gateway(traces_per_second=per_second, rate_limit_factor=100)
    await gateway.http.get("/", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-{flag}"})
    finished = spans.get_finished_spans()
    traces = [(span.name, f"{span.context.trace_id:032x}") for span in finished if span.context is not None]
    assert traces == ([("GET /", TRACE)] if per_second else [])
