"""The public pages, and the same as JSON for programs."""

from html import escape
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from starlette.responses import HTMLResponse, Response

from gateway.openapi import Document, MergedDescription
from gateway.problems import ServiceDown
from gateway.web.html import inline_html, wants_html
from gateway.web.layout.page import PublicPage
from gateway.web.pages.reference import missing_notice, render_reference
from gateway.web.pages.status import StatusMonitor, render_status
from shared.callers import Anyone
from shared.http.caching import NO_STORE, PUBLIC_LONG
from shared.http.conditional_requests import create_router
from shared.problems import NotFound

router = create_router("", "Platform")

Accept = Annotated[str, Header(alias="accept")]


@router.get("/openapi.json", include_in_schema=False)
async def get_openapi(request: Request, _caller: Anyone) -> Response:
    """Return the OpenAPI description of the whole API. No cache keeps one that is incomplete."""
    document = await _description(request).merged()
    policy = NO_STORE if document["x-missing-services"] else PUBLIC_LONG
    return JSONResponse(document, headers=policy.headers)


@router.get("/docs", include_in_schema=False)
async def show_reference(request: Request, page: PublicPage) -> HTMLResponse:
    """Show the API reference."""
    return render_reference(page, await _description(request).merged())


@router.get("/problems", include_in_schema=False)
async def list_problems(request: Request, page: PublicPage, accept: Accept = "") -> Response:
    """List every problem that the API may return."""
    document = await _description(request).merged()
    by_slug = _problems(request, document)
    if not wants_html(accept):
        return JSONResponse(
            {"items": list(by_slug.values()), "next": None, "missing_services": document["x-missing-services"]}
        )
    entries = "".join(
        f'<dt><a href="/problems/{escape(slug)}">{escape(problem["title"])}</a> ({problem["status"]})</dt>'
        f"<dd>{inline_html(problem['detail'])}</dd>"
        for slug, problem in sorted(by_slug.items(), key=lambda item: item[1]["title"])
    )
    body = f"""
{missing_notice(document)}
<p>When the API refuses a request, it says why and what you can do about it. These are all the reasons.</p>
<dl>{entries}</dl>
"""
    return page.render_html("Problems and what to do about them", body)


@router.get("/problems/{slug}", include_in_schema=False)
async def get_problem(request: Request, slug: str, page: PublicPage, accept: Accept = "") -> Response:
    """Explain one problem: the page that its `type` leads to."""
    document = await _description(request).merged()
    problem = _problems(request, document).get(slug)
    if problem is None:
        raise ServiceDown if document["x-missing-services"] else NotFound
    if not wants_html(accept):
        return JSONResponse(problem)
    body = f"""
<p>{inline_html(problem["detail"])}</p>
<dl>
<dt>HTTP status</dt><dd>{problem["status"]}</dd>
<dt>Problem type</dt><dd><code>{escape(problem["type"])}</code></dd>
</dl>
<p><a href="/problems">All problems</a></p>
"""
    return page.render_html(problem["title"], body)


@router.get("/status", include_in_schema=False, dependencies=[Depends(NO_STORE)])
async def get_status(request: Request, page: PublicPage, accept: Accept = "") -> Response:
    """Show which parts of the platform are working."""
    monitor: StatusMonitor = request.app.state.status_monitor
    platform = await monitor.status()
    return render_status(page, platform) if wants_html(accept) else JSONResponse(platform.as_dict())


def _description(request: Request) -> MergedDescription:
    return request.app.state.description


def _problems(request: Request, document: Document) -> dict[str, dict[str, Any]]:
    """Return every problem of the platform by its slug, with its whole `type`."""
    public_url: str = request.app.state.settings.public_url
    return {
        slug: {**problem, "type": f"{public_url}/problems/{slug}"} for slug, problem in document["x-problems"].items()
    }
