"""Addresses of pages that cannot be: a page that is not there, not a list of bad fields."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from shared.problems import NotFound, instance_of


def show_bad_addresses_as_not_found(app: FastAPI) -> None:
    """Answer 404 where a part of a page's path is no id or number, such as that of a link that was cut off."""
    handle = app.exception_handlers[RequestValidationError]

    async def handle_validation_error(request: Request, error: Exception) -> Response:
        is_page = not request.url.path.startswith("/v1/")
        if is_page and isinstance(error, RequestValidationError) and _is_of_path(error):
            return NotFound().response(request.app.state.settings.public_url, instance_of(request.scope))
        return await handle(request, error)  # type: ignore[misc]  a handler of ours is a coroutine function

    app.add_exception_handler(RequestValidationError, handle_validation_error)


def _is_of_path(error: RequestValidationError) -> bool:
    return all(field["loc"][0] == "path" for field in error.errors())
