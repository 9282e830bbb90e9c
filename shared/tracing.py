"""Distributed tracing through HTTP, the outbox and the event log (W3C Trace Context).

Every request and event has a trace id, which is passed on and logged. Where a trace enters or begins is decided whether
it is recorded, and everybody behind follows the sampled flag of its `traceparent`. Spans are exported only where an
OTLP endpoint is set.
"""

import re
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from random import getrandbits
from typing import Final

from opentelemetry import trace
from opentelemetry.context import Context
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEFAULT_TRACES_PER_SECOND: Final = 100
FLUSH_TIMEOUT_SECONDS: Final = 2.0
SAMPLED: Final = trace.TraceFlags(trace.TraceFlags.SAMPLED)

_traceparent_pattern = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class TraceLimit:
    """How many traces are recorded: so many in a second, and as many at once (GCRA, as for rate limits)."""

    def __init__(self, per_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        self._arrival = 0.0
        """GCRA's theoretical arrival time, in intervals of 1 / `per_second` seconds."""

    def take(self) -> bool:
        """Return whether one more trace may be recorded, and count it if so."""
        now = self._clock() * self._per_second
        arrival = max(self._arrival, now) + 1
        if arrival - now > self._per_second:
            return False
        self._arrival = arrival
        return True


_tracer: trace.Tracer | None = None
_limit = TraceLimit(DEFAULT_TRACES_PER_SECOND)
_traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)


def start(service: str, endpoint: str | None, traces_per_second: int = DEFAULT_TRACES_PER_SECOND) -> None:
    """Set the limit, and where there is an endpoint start exporting spans to it, once per process."""
    global _tracer, _limit  # noqa: PLW0603  one tracer provider for the process, as in OpenTelemetry itself
    _limit = TraceLimit(traces_per_second)
    if not endpoint or _tracer is not None:
        return
    # Imported here, since a process without an endpoint need not load the SDK.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  see above
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  see above
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  see above
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  see above

    provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))
    trace.set_tracer_provider(provider)
    _tracer = provider.get_tracer("impact")


def stop() -> None:
    """Send the spans recorded so far, for two seconds at most.

    OpenTelemetry's own `force_flush` ignores its timeout: it takes ten seconds a batch where no collector answers.
    """
    flush = getattr(trace.get_tracer_provider(), "force_flush", None)
    if flush is not None:
        thread = threading.Thread(target=flush, daemon=True)
        thread.start()
        thread.join(FLUSH_TIMEOUT_SECONDS)


def current_traceparent() -> str | None:
    """Return the `traceparent` to pass on, or None outside a trace."""
    return _traceparent.get()


def current_trace_id() -> str | None:
    """Return the id of the current trace as 32 hexadecimal digits, or None outside a trace."""
    traceparent = _traceparent.get()
    return traceparent[3:35] if traceparent else None


@contextmanager
def continue_trace(traceparent: str | None, name: str, *, from_client: bool = False) -> Generator[trace.Span]:
    """Open a span in the trace of the caller or of the event's publisher; without one, in a new trace.

    The span is recorded if the caller's is. New traces are recorded up to the limit, and so are those of a client,
    whose own flag counts for nothing: it could otherwise have everything recorded, or hide. Where nothing is recorded
    no span is made, which costs less than a fifth of one.
    """
    parent = traceparent if traceparent and _traceparent_pattern.fullmatch(traceparent) else None
    sampled = _limit.take() if parent is None or from_client else bool(int(parent[-2:], 16) & SAMPLED)
    span = trace.INVALID_SPAN
    if sampled and _tracer is not None:
        span = _tracer.start_span(name, _remote_context(parent))
        traceparent = _traceparent_of(span.get_span_context())
    elif parent is None:
        traceparent = f"00-{getrandbits(128) or 1:032x}-{getrandbits(64) or 1:016x}-{sampled:02x}"
    elif from_client:
        traceparent = f"{parent[:-2]}{sampled:02x}"
    token = _traceparent.set(traceparent)
    try:
        yield span
    except Exception as error:
        # OpenTelemetry itself must not record the exception: its message may quote personal data.
        span.set_status(trace.StatusCode.ERROR, type(error).__name__)
        raise
    finally:
        _traceparent.reset(token)
        span.end()


def _remote_context(parent: str | None) -> Context:
    """Return the context of a span with this parent. OpenTelemetry's own propagators take three times as long."""
    if parent is None:
        return Context()
    span_context = trace.SpanContext(int(parent[3:35], 16), int(parent[36:52], 16), is_remote=True, trace_flags=SAMPLED)
    return trace.set_span_in_context(trace.NonRecordingSpan(span_context), Context())


def _traceparent_of(span_context: trace.SpanContext) -> str:
    return f"00-{span_context.trace_id:032x}-{span_context.span_id:016x}-{span_context.trace_flags:02x}"


UNTRACED_PATHS = ("/health/", "/metrics")
"""Polled every few seconds: their traces would bury all others."""


class Tracing:
    """ASGI middleware: one span per request, named after method and route."""

    def __init__(self, app: ASGIApp, *, from_clients: bool = False) -> None:
        self.app = app
        self._from_clients = from_clients

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(UNTRACED_PATHS):
            await self.app(scope, receive, send)
            return
        traceparent = next((value.decode("latin-1") for key, value in scope["headers"] if key == b"traceparent"), None)
        with continue_trace(traceparent, scope["method"], from_client=self._from_clients) as span:

            async def send_and_record(message: Message) -> None:
                if message["type"] == "http.response.start" and span.is_recording():
                    route = getattr(scope.get("route"), "path", "")
                    span.update_name(f"{scope['method']} {route}")
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await self.app(scope, receive, send_and_record)
