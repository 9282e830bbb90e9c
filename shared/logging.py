"""Structured logs: one JSON object a line, with the request and trace ids, never with personal data."""

import logging
import sys
import time
import traceback
from collections.abc import Iterator
from typing import Any

import structlog
from structlog.typing import EventDict, ExcInfo, Processor

from shared import tracing

SELDOM = 10.0


def _traced(_logger: Any, _method: str, event: EventDict) -> EventDict:
    if trace_id := tracing.current_trace_id():
        event["trace_id"] = trace_id
    return event


def _without_messages(exc_info: ExcInfo) -> str:
    """Kinds of errors and where they arose, the first cause first: what they say may quote a row or a body."""
    return "\n".join(
        "".join([*traceback.format_tb(one.__traceback__), _kind(one)]) for one in reversed([*_chain(exc_info[1])])
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  of anything
                yield from _chain(inner)  # pyright: ignore[reportUnknownArgumentType]  as above
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _kind(error: BaseException) -> str:
    """Its type, and by name what the database or the system calls it."""
    facts = (getattr(error, name, None) for name in ("sqlstate", "constraint_name", "strerror"))
    known = ", ".join(fact for fact in facts if isinstance(fact, str))
    return f"{type(error).__module__}.{type(error).__qualname__}" + (f" ({known})" if known else "")


class Seldom(logging.Filter):
    """Lets each of aiokafka's sentences through once in ten seconds: without a broker it says fifty in each."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("aiokafka"):
            return True
        now = time.monotonic()
        if now - self._said.get(str(record.msg), -SELDOM) < SELDOM:
            return False
        if len(self._said) > 1000:
            self._said.clear()
        self._said[str(record.msg)] = now
        return True


def start(service: str, level: str = "INFO") -> None:
    """Send every record of `logging` and structlog to standard output as JSON."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=["request_id", "problem", "seconds", "count", "topic", "partition"]),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _traced,
        structlog.processors.ExceptionRenderer(_without_messages),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            lambda _logger, _method, event: {"service": service, **event},
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    handler.addFilter(Seldom())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("uvicorn.access", "aiokafka", "httpx", "asyncio"):
        logging.getLogger(noisy).setLevel("WARNING")
    for own in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(own).handlers = []
        logging.getLogger(own).propagate = True
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
