"""Exception handlers: every error that an endpoint raises becomes a problem (RFC 9457)."""

import logging
from typing import Any

import asyncpg
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from shared import problems
from shared.messaging.dispatcher import is_outage
from shared.persistence.idempotency import ReplayedResponse
from shared.persistence.statement_executor import StatementRejected

logger = logging.getLogger(__name__)

CONCURRENCY_SQLSTATES = frozenset({"40001", "40P01", "55P03"})
"""PostgreSQL aborted this transaction in favour of another (serialization, deadlock, lock timeout): try again."""

INVALID_TEXT_SQLSTATES = frozenset({"22021", "22P05"})
"""PostgreSQL stores no text with the character NUL."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class UnstorableText(problems.Invalid):
    title = "One of these texts has a character that cannot be stored"
    detail = "Take the character NUL (\\u0000) out of what you send. Nothing was changed."


class ContentTooLarge(problems.Problem):
    status = 413
    title = "The request holds more than can be handled at once"
    detail = "Send it in smaller parts."


PROBLEMS_BY_STATUS: dict[int, type[problems.Problem]] = {
    400: problems.BadRequest,
    404: problems.NotFound,
    405: problems.MethodNotAllowed,
    413: ContentTooLarge,
    415: problems.UnsupportedMediaType,
}
"""The problems for the exceptions that Starlette and FastAPI raise themselves."""


def add_problem_handlers(app: FastAPI) -> None:
    """Register the handlers. What they do not know becomes an InternalError in the middleware."""
    handlers: dict[type[Exception], Any] = {
        problems.Problem: _handle_problem,
        RequestValidationError: _handle_validation_error,
        HTTPException: _handle_http_exception,
        ReplayedResponse: _handle_replayed_response,
        StaleDataError: _handle_stale_data,
        IntegrityError: _handle_integrity_error,
        DBAPIError: _handle_database_error,
        StatementRejected: _handle_database_error,
        OperationalError: _handle_outage,
        PoolTimeout: _handle_outage,
        asyncpg.PostgresConnectionError: _handle_outage,
        ConnectionError: _handle_outage,
    }
    for exception_type, handler in handlers.items():
        app.add_exception_handler(exception_type, handler)


def _response_of(request: Request, problem: problems.Problem) -> Response:
    return problem.response(request.app.state.settings.public_url, problems.instance_of(request.scope))


async def _handle_problem(request: Request, error: problems.Problem) -> Response:
    return _response_of(request, error)


async def _handle_validation_error(request: Request, error: RequestValidationError) -> Response:
    if isinstance(error.body, bytes):  # FastAPI reads a body as JSON only where its Content-Type says so.
        problem = problems.UnsupportedMediaType("Send JSON, with the header Content-Type: application/json.")
        return _response_of(request, problem)
    field_errors = [problems.field_error(field, error.body) for field in error.errors()]
    return _response_of(request, problems.Invalid(errors=field_errors))


async def _handle_http_exception(request: Request, error: HTTPException) -> Response:
    kind = PROBLEMS_BY_STATUS.get(error.status_code, problems.InternalError)
    headers = {"Allow": ", ".join(_allowed_methods(request))} if error.status_code == 405 else error.headers
    return _response_of(request, kind(headers=headers))


async def _handle_replayed_response(_request: Request, error: ReplayedResponse) -> Response:
    return error.response


async def _handle_stale_data(request: Request, _error: Exception) -> Response:
    return _response_of(request, problems.PreconditionFailed())


async def _handle_integrity_error(request: Request, error: Exception) -> Response:
    logger.warning("the database rejected a change: %s", type(getattr(error, "orig", error)).__name__)
    return _response_of(request, problems.Conflict())


async def _handle_outage(request: Request, error: Exception) -> Response:
    logger.warning("the database does not respond: %s", type(error).__name__)
    return _response_of(request, problems.ServiceUnavailable(headers={"Retry-After": "2"}))


async def _handle_database_error(request: Request, error: Exception) -> Response:
    sqlstate = getattr(getattr(error, "orig", error), "sqlstate", None)
    if sqlstate in INVALID_TEXT_SQLSTATES:
        return _response_of(request, UnstorableText())
    if sqlstate in CONCURRENCY_SQLSTATES or is_outage(error):
        return await _handle_outage(request, error)
    raise error


def _allowed_methods(request: Request) -> list[str]:
    """Return all methods of this path. Starlette lists only those of the first route that matches."""
    scopes = [(method, {**request.scope, "method": method}) for method in METHODS]
    routes = request.app.routes
    return [method for method, scope in scopes if any(route.matches(scope)[0] is Match.FULL for route in routes)]
