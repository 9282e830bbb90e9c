"""What the gateway says about the platform: front page, reference, problems, status."""

from html import escape
from typing import Annotated, Any

from fastapi import Header, Request
from fastapi.responses import JSONResponse
from starlette.responses import HTMLResponse, Response

from gateway.openapi import Descriptions
from gateway.web import reference
from gateway.web.page import links, page, prose, wants_html
from gateway.web.status import StatusBoard
from shared.callers import Anyone
from shared.http.conditional_requests import create_router
from shared.problems import NotFound

router = create_router("", "platform")

Accept = Annotated[str, Header(alias="accept")]


@router.get("/", include_in_schema=False)
async def front(_caller: Anyone) -> HTMLResponse:
    body = """
<p>This is IMPACT, the platform of a centre that helps adult social care put evidence into practice: research, lived
experience and practice knowledge, each important in its own right.</p>
<p>People tell what matters. That sets priorities, finds evidence, pays people who take part and changes practice, and
every step can be followed.</p>
""" + links(
        (
            ("/v1/search?q=carers", "Search the evidence"),
            ("/v1/topics", "See the topics and their priorities"),
            ("/docs", "Read the API reference"),
            ("/status", "See whether everything works"),
        )
    )
    return page("Improving Adult Care Together", body)


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request, _caller: Anyone) -> Response:
    descriptions: Descriptions = request.app.state.descriptions
    return JSONResponse(await descriptions.merged(), headers={"Cache-Control": "public, max-age=60"})


@router.get("/docs", include_in_schema=False)
async def docs(request: Request, _caller: Anyone) -> HTMLResponse:
    descriptions: Descriptions = request.app.state.descriptions
    return reference.render(await descriptions.merged())


@router.get("/problems", include_in_schema=False)
async def problems(request: Request, _caller: Anyone, accept: Accept = "") -> Response:
    known = await _known(request)
    if not wants_html(accept):
        return JSONResponse({"items": list(known.values()), "next": None})
    told = "".join(
        f'<dt><a href="/problems/{escape(slug)}">{escape(problem["title"])}</a> ({problem["status"]})</dt>'
        f"<dd>{prose(problem['detail'])}</dd>"
        for slug, problem in sorted(known.items(), key=lambda item: item[1]["title"])
    )
    return page("What can be refused, and what to do", f"<dl>{told}</dl>")


@router.get("/problems/{slug}", include_in_schema=False)
async def problem(request: Request, slug: str, _caller: Anyone, accept: Accept = "") -> Response:
    found = (await _known(request)).get(slug)
    if found is None:
        raise NotFound
    if not wants_html(accept):
        return JSONResponse(found)
    body = f"""
<p>{prose(found["detail"])}</p>
<dl><dt>Status</dt><dd>{found["status"]}</dd><dt>Type</dt><dd><code>{escape(found["type"])}</code></dd></dl>
<p><a href="/problems">Everything else that can be refused</a></p>
"""
    return page(found["title"], body)


@router.get("/status", include_in_schema=False)
async def status(request: Request, _caller: Anyone, accept: Accept = "") -> Response:
    board: StatusBoard = request.app.state.status_board
    shown = await board.look()
    return shown.as_page() if wants_html(accept) else shown.as_json()


async def _known(request: Request) -> dict[str, dict[str, Any]]:
    """Every problem of the platform by its slug, its type written out."""
    descriptions: Descriptions = request.app.state.descriptions
    document = await descriptions.merged()
    public_url: str = request.app.state.settings.public_url
    return {slug: {**told, "type": f"{public_url}/problems/{slug}"} for slug, told in document["x-problems"].items()}
