"""One trace through HTTP, the outbox and the log. Ids are always made and carried; spans are sent only where asked."""

import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_recording = False
_carried: ContextVar[str | None] = ContextVar("traceparent", default=None)
_WELL_FORMED = re.compile(r"[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def start(service: str, endpoint: str | None) -> None:
    """Once per process. Without an endpoint nothing is recorded: the ids of traces are carried on as they came,
    which costs a twentieth of a span."""
    global _recording
    if not endpoint or _recording:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))
    trace.set_tracer_provider(provider)
    _recording = True


def stop() -> None:
    """Send what has been recorded so far."""
    flush = getattr(trace.get_tracer_provider(), "force_flush", None)
    if flush is not None:
        flush(2_000)


def current_traceparent() -> str | None:
    if not _recording:
        return _carried.get()
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")


def current_trace_id() -> str | None:
    if not _recording:
        carried = _carried.get()
        return carried.split("-")[1] if carried else None
    context = trace.get_current_span().get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else None


@contextmanager
def continued(traceparent: str | None, name: str) -> Generator[trace.Span]:
    """A span that goes on where the other side of HTTP or of the log left off."""
    if not _recording:
        known = traceparent is not None and _WELL_FORMED.fullmatch(traceparent)
        carried = _carried.set(traceparent if known else f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-00")
        try:
            yield trace.INVALID_SPAN
        finally:
            _carried.reset(carried)
        return
    context = propagate.extract({"traceparent": traceparent}) if traceparent else Context()
    # Not recorded by OpenTelemetry itself: the message of an error may quote a person's data.
    tracer = trace.get_tracer("impact")
    with tracer.start_as_current_span(name, context, record_exception=False, set_status_on_exception=False) as span:
        try:
            yield span
        except Exception as error:
            span.set_status(trace.StatusCode.ERROR, type(error).__name__)
            raise


WATCHED = ("/health/", "/metrics")
"""What machines ask every few seconds would bury the traces of people."""


class Tracing:
    """ASGI: one span per request, named after method and route."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(WATCHED):
            await self.app(scope, receive, send)
            return
        traceparent = next((value.decode("latin-1") for key, value in scope["headers"] if key == b"traceparent"), None)
        with continued(traceparent, scope["method"]) as span:

            async def sent(message: Message) -> None:
                if message["type"] == "http.response.start" and span.is_recording():
                    route = getattr(scope.get("route"), "path", "")
                    span.update_name(f"{scope['method']} {route}")
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await self.app(scope, receive, sent)
