"""A problem as the page that a browser shows in place of its JSON."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

from starlette.responses import RedirectResponse, Response

from gateway.edge.authentication import cookies_of
from gateway.http.request import ProxiedRequest
from gateway.routes import SAFE_METHODS
from gateway.settings import GatewaySettings
from gateway.web.layout.languages import text
from gateway.web.layout.page import WebPage
from gateway.web.layout.preferences import COOKIE, Preferences
from gateway.web.layout.refusals import READING, REFUSALS, plain_detail
from shared.http.caching import NO_STORE

THIS_DID_NOT_WORK: Final = text("This did not work")


def problem_pages(settings: GatewaySettings) -> Callable[[ProxiedRequest, Mapping[str, Any]], Response]:
    """Return the function that makes the page of a problem."""

    def render(request: ProxiedRequest, problem: Mapping[str, Any]) -> Response:
        """Return what went wrong and what can be done, for people; whoever must sign in first is sent there."""
        status = int(problem["status"])
        query = request.scope["query_string"].decode("latin-1")
        page = WebPage(
            path=request.path,
            query=query,
            preferences=Preferences.of_cookie(cookies_of(request).get(COOKIE, "")),
            caller=None,
            public_url=settings.public_url,
            demo=settings.demo,
        )
        if status == 401 and request.method == "GET" and b"authorization" not in request.consumed_headers:
            return RedirectResponse(f"/sign-in?next={quote(page.here, '')}", 303, NO_STORE.headers)
        explanation = urlsplit(str(problem.get("type", ""))).path
        slug = explanation.rpartition("/")[2]
        reading = READING if request.method in SAFE_METHODS else {}
        refusal = reading.get(slug) or REFUSALS.get(slug)
        title, detail = refusal or (str(problem.get("title") or ""), str(problem.get("detail", "")))
        return page.render(
            "layout/templates/problem.html",
            status=status,
            title=page.text(title if title else THIS_DID_NOT_WORK),
            detail=page.text(detail),
            text_language=page.preferences.language if refusal or not title else "en",
            errors=_errors(page, problem),
            explanation=explanation if explanation.startswith("/problems/") else "",
            request_id=request.request_id.decode("latin-1"),
        )

    return render


def _errors(page: WebPage, problem: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what is wrong with each field; on a page, where no field has a pointer, in words alone."""
    errors: list[Mapping[str, Any]] = problem.get("errors") or []
    language = page.preferences.language
    if page.path.startswith("/v1/"):
        return [{**error, "language": "en"} for error in errors]
    details = {plain_detail(language, error["detail"]): error["detail"] for error in errors}
    return [{"detail": plain, "language": "en" if plain == detail else language} for plain, detail in details.items()]
