"""The public pages, and the same as JSON for programs."""

from html import escape
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from starlette.responses import HTMLResponse, Response

from gateway.openapi import Document, MergedDescription
from gateway.problems import ServiceDown
from gateway.web.html import inline_html, link_list, render_page, wants_html
from gateway.web.pages.reference import missing_notice, render_reference
from gateway.web.pages.status import StatusMonitor, render_status
from shared.callers import Anyone
from shared.http.caching import NO_STORE, PUBLIC_LONG
from shared.http.conditional_requests import create_router
from shared.problems import NotFound

router = create_router("", "Platform")

Accept = Annotated[str, Header(alias="accept")]


@router.get("/", include_in_schema=False)
async def show_front_page(_caller: Anyone) -> HTMLResponse:
    """Show the front page."""
    body = """
<p>Good support is not just about services. It is about having a life.</p>
<p>IMPACT helps adult social care put evidence into practice. Evidence here is research, lived experience and practice
knowledge, and each matters in its own right.</p>
<p>People tell us what matters to them. That decides what we look into, which evidence we bring together, who is paid to
take part and what changes in practice. You can follow every step.</p>
<p>Websites and apps are built on what is here, so some of these links open data (JSON), not a page.</p>
""" + link_list(
        (
            ("/v1/search?q=carers", "Search the evidence"),
            ("/v1/topics", "See the topics and their priorities"),
            ("/welcome", "Go to your start page, once you have signed in"),
            ("/docs", "Read the API reference"),
            ("/status", "Check whether everything is working"),
        )
    )
    return render_page("Improving Adult Care Together", body)


@router.get("/openapi.json", include_in_schema=False)
async def get_openapi(request: Request, _caller: Anyone) -> Response:
    """Return the OpenAPI description of the whole API. No cache keeps one that is incomplete."""
    document = await _description(request).merged()
    policy = NO_STORE if document["x-missing-services"] else PUBLIC_LONG
    return JSONResponse(document, headers=policy.headers)


@router.get("/docs", include_in_schema=False)
async def show_reference(request: Request, _caller: Anyone) -> HTMLResponse:
    """Show the API reference."""
    return render_reference(await _description(request).merged())


@router.get("/problems", include_in_schema=False)
async def list_problems(request: Request, _caller: Anyone, accept: Accept = "") -> Response:
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
    return render_page("Problems and what to do about them", body)


@router.get("/problems/{slug}", include_in_schema=False)
async def get_problem(request: Request, slug: str, _caller: Anyone, accept: Accept = "") -> Response:
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
    return render_page(problem["title"], body)


@router.get("/status", include_in_schema=False, dependencies=[Depends(NO_STORE)])
async def get_status(request: Request, _caller: Anyone, accept: Accept = "") -> Response:
    """Show which parts of the platform are working."""
    monitor: StatusMonitor = request.app.state.status_monitor
    platform = await monitor.status()
    return render_status(platform) if wants_html(accept) else JSONResponse(platform.as_dict())


def _description(request: Request) -> MergedDescription:
    return request.app.state.description


def _problems(request: Request, document: Document) -> dict[str, dict[str, Any]]:
    """Return every problem of the platform by its slug, with its whole `type`."""
    public_url: str = request.app.state.settings.public_url
    return {
        slug: {**problem, "type": f"{public_url}/problems/{slug}"} for slug, problem in document["x-problems"].items()
    }
