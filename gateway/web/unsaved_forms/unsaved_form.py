"""A form whose change did not get through: the page that shows again what was typed, to be sent once more.

One for every form: it asks no service, so it takes the names of its fields from the form itself (`Form.labels`).
"""

from typing import Any, Final, cast

from fastapi import FastAPI, Request
from starlette.datastructures import FormData
from starlette.responses import Response
from starlette.routing import Match

from gateway.web.api_client import MAY_HAVE_CHANGED, ApiRefusal, respond_with_refusal
from gateway.web.forms import SENT_BEFORE, SUBMITTED, form_of, submitted_form
from gateway.web.layout.page import WebPage, page_of
from shared.problems import Problem, RequestTimedOut

OUR_FAULT: Final = 500
"""From this status on, the form is as good as another: what failed is a service."""
URL_ENCODED: Final = "application/x-www-form-urlencoded"
MAX_LINE: Final = 80
"""How long a text may be that is shown in a field of one line."""


def show_unsaved_forms(app: FastAPI) -> None:
    """Answer a form with what was typed into it where a service failed, and anything else as before."""
    handle_problem = app.exception_handlers[Problem]

    async def handle(request: Request, error: Exception) -> Response:
        status = error.status if isinstance(error, Problem | ApiRefusal) else 0
        if status >= OUR_FAULT and (response := await _unsaved_form(request, status, error)):
            return response
        if isinstance(error, ApiRefusal):
            return await respond_with_refusal(request, error)
        return await handle_problem(request, error)  # type: ignore[misc]  a handler of ours is a coroutine function

    app.add_exception_handler(Problem, handle)
    app.add_exception_handler(ApiRefusal, handle)


async def _unsaved_form(request: Request, status: int, error: Exception) -> Response | None:
    """Return the page of a form that a browser sent; None for anything else, and where its address is secret."""
    page = page_of(request)
    by_browser = request.method == "POST" and "text/html" in request.headers.get("accept", "")
    if not by_browser or page.path.startswith("/v1/") or page.path != page.shown_path:
        return None
    data = await _data_of(request)
    if data is None:
        return None
    form = form_of(request, data)
    typed = {name: label for name, label in form.labels.items() if _is_typed(form.values.get(name))}
    response = page.render(
        "unsaved_forms/templates/unsaved_form.html",
        status=503 if status in (502, RequestTimedOut.status) else status,
        form=form,
        may_be_saved=SENT_BEFORE in data or request.scope.get(MAY_HAVE_CHANGED, False),
        sent_before=SENT_BEFORE,
        with_file=not request.headers.get("content-type", "").startswith(URL_ENCODED),
        lines={name: label for name, label in typed.items() if _is_line(form.values[name])},
        areas={name: label for name, label in typed.items() if not _is_line(form.values[name])},
        rest=[pair for name, value in form.values.items() if name not in typed for pair in _pairs(name, value)],
        look_at=_page_above(request, page),
    )
    if isinstance(error, Problem) and (seconds := error.headers.get("Retry-After")):
        response.headers["Retry-After"] = seconds
    return response


async def _data_of(request: Request) -> FormData | None:
    """Return what was sent, also where the endpoint failed before it read it; a file that was not read is left."""
    if SUBMITTED not in request.scope and request.headers.get("content-type", "").startswith(URL_ENCODED):
        await submitted_form(request)
    return request.scope.get(SUBMITTED)


def _is_typed(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_line(value: str) -> bool:
    return "\n" not in value and len(value) <= MAX_LINE


def _pairs(name: str, value: object) -> list[tuple[str, str]]:
    values = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [(name, str(text)) for text in values]


def _page_above(request: Request, page: WebPage) -> str | None:
    """Return the nearest page above the address of the form, which shows what became of it."""
    path = page.path
    while path := path.rpartition("/")[0]:
        scope: dict[str, Any] = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes):
            return path
    return None
