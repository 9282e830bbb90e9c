"""Structured logging: one JSON object a line, with request and trace ids, without personal data."""

import logging
import sys
import time
import traceback
from collections.abc import Iterator
from typing import cast

import structlog
from structlog.typing import EventDict, ExcInfo, Processor

from shared import tracing

REPEAT_INTERVAL_SECONDS = 10.0
MAX_REMEMBERED_MESSAGES = 1000


def _add_trace_id(_logger: object, _method: str, event: EventDict) -> EventDict:
    if trace_id := tracing.current_trace_id():
        event["trace_id"] = trace_id
    return event


def _without_messages(exc_info: ExcInfo) -> str:
    """Return tracebacks and types of the errors, the first cause first. Their messages may quote a row or a body."""
    return "\n".join(
        "".join([*traceback.format_tb(error.__traceback__), _describe(error)])
        for error in reversed([*_chain(exc_info[1])])
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for inner in cast("BaseExceptionGroup[BaseException]", error).exceptions:
                yield from _chain(inner)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _describe(error: BaseException) -> str:
    """Return the type of an error, and the database's or operating system's name for it."""
    attributes = (getattr(error, name, None) for name in ("sqlstate", "constraint_name", "strerror"))
    details = ", ".join(value for value in attributes if isinstance(value, str))
    return f"{type(error).__module__}.{type(error).__qualname__}" + (f" ({details})" if details else "")


class RepeatFilter(logging.Filter):
    """Passes each message of aiokafka once in ten seconds: without a broker it logs fifty in each."""

    def __init__(self) -> None:
        super().__init__()
        self._logged_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to log the record."""
        if not record.name.startswith("aiokafka"):
            return True
        now = time.monotonic()
        if now - self._logged_at.get(str(record.msg), -REPEAT_INTERVAL_SECONDS) < REPEAT_INTERVAL_SECONDS:
            return False
        if len(self._logged_at) > MAX_REMEMBERED_MESSAGES:
            self._logged_at.clear()
        self._logged_at[str(record.msg)] = now
        return True


def configure(service: str, level: str = "INFO") -> None:
    """Send every record of `logging` and structlog to standard output as JSON."""
    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=["request_id", "problem", "seconds", "count", "topic", "partition"]),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace_id,
        structlog.processors.ExceptionRenderer(_without_messages),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=processors,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            lambda _logger, _method, event: {"service": service, **event},
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    handler.addFilter(RepeatFilter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn.access", "aiokafka", "httpx", "asyncio"):
        logging.getLogger(name).setLevel("WARNING")
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    structlog.configure(
        processors=[*processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
