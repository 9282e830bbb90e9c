"""Distributed tracing through HTTP, the outbox and the event log (W3C Trace Context).

Trace ids are always created and propagated; spans are recorded only where an OTLP endpoint is set.
"""

import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_recording = False
_traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
_TRACEPARENT_PATTERN = re.compile(r"[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def start(service: str, endpoint: str | None) -> None:
    """Start recording spans, once per process. Without an endpoint trace ids are only propagated, which costs a
    twentieth of a span."""
    global _recording  # noqa: PLW0603  one tracer provider for the process, as in OpenTelemetry itself
    if not endpoint or _recording:
        return
    # Imported here, since a process without an endpoint need not load the SDK.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  see above
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  see above
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  see above
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  see above

    provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))
    trace.set_tracer_provider(provider)
    _recording = True


def stop() -> None:
    """Send the spans recorded so far."""
    flush = getattr(trace.get_tracer_provider(), "force_flush", None)
    if flush is not None:
        flush(2_000)


def current_traceparent() -> str | None:
    """Return the `traceparent` to pass on, or None outside a trace."""
    if not _recording:
        return _traceparent.get()
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")


def current_trace_id() -> str | None:
    """Return the id of the current trace as 32 hexadecimal digits, or None outside a trace."""
    if not _recording:
        traceparent = _traceparent.get()
        return traceparent.split("-")[1] if traceparent else None
    context = trace.get_current_span().get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else None


@contextmanager
def continue_trace(traceparent: str | None, name: str) -> Generator[trace.Span]:
    """Open a span in the trace of the caller or of the event's publisher; without one, in a new trace."""
    if not _recording:
        is_valid = traceparent is not None and _TRACEPARENT_PATTERN.fullmatch(traceparent)
        token = _traceparent.set(traceparent if is_valid else f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-00")
        try:
            yield trace.INVALID_SPAN
        finally:
            _traceparent.reset(token)
        return
    context = propagate.extract({"traceparent": traceparent}) if traceparent else Context()
    # OpenTelemetry itself must not record the exception: its message may quote personal data.
    tracer = trace.get_tracer("impact")
    with tracer.start_as_current_span(name, context, record_exception=False, set_status_on_exception=False) as span:
        try:
            yield span
        except Exception as error:
            span.set_status(trace.StatusCode.ERROR, type(error).__name__)
            raise


UNTRACED_PATHS = ("/health/", "/metrics")
"""Polled every few seconds: their traces would bury all others."""


class Tracing:
    """ASGI middleware: one span per request, named after method and route."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(UNTRACED_PATHS):
            await self.app(scope, receive, send)
            return
        traceparent = next((value.decode("latin-1") for key, value in scope["headers"] if key == b"traceparent"), None)
        with continue_trace(traceparent, scope["method"]) as span:

            async def send_and_record(message: Message) -> None:
                if message["type"] == "http.response.start" and span.is_recording():
                    route = getattr(scope.get("route"), "path", "")
                    span.update_name(f"{scope['method']} {route}")
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await self.app(scope, receive, send_and_record)
