"""`/learning/record`: what somebody has finished, and certificates of it to print and to show."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from gateway.web.api_client import Api
from gateway.web.layout.page import PublicPage, SignedInPage
from gateway.web.lists import next_page
from shared.http.conditional_requests import create_router

router = create_router("", "Learning")

MAX_LISTED = 100

Code = Annotated[str, Path(max_length=40, pattern=r"^[A-Za-z0-9-]+$")]


@router.get("/learning/record", include_in_schema=False)
async def show_record(page: SignedInPage, api: Api, cursor: str | None = None, done: str = "") -> Response:
    """Show all that somebody has finished, to print."""
    completions = await api.get("/v1/learning/completions", cursor=cursor, limit=MAX_LISTED)
    return page.render(
        "learning/templates/record.html",
        completions=completions["items"],
        minutes=sum(completion["minutes"] for completion in completions["items"]),
        next_page=next_page(completions),
        done=done,
    )


@router.get("/learning/record/{id}", include_in_schema=False)
async def show_completion(id: UUID, page: SignedInPage, api: Api, done: str = "") -> Response:
    """Show one record as a certificate to print."""
    completion = await api.get(f"/v1/learning/completions/{id}")
    return page.render("learning/templates/completion.html", completion=completion, done=done)


@router.post("/learning/record/{id}/certify", include_in_schema=False)
async def certify_completion(id: UUID, page: SignedInPage, api: Api) -> Response:
    """Make the code by which others can check the record."""
    await api.send("POST", f"/v1/learning/completions/{id}/certify")
    return page.redirect(f"/learning/record/{id}")


@router.post("/learning/record/{id}/revoke", include_in_schema=False)
async def revoke_certificate(id: UUID, page: SignedInPage, api: Api) -> Response:
    """Make the code worthless."""
    await api.send("POST", f"/v1/learning/completions/{id}/revoke")
    return page.redirect(f"/learning/record/{id}", done="revoked")


@router.get("/learning/record/{id}/erase", include_in_schema=False)
async def show_erase(id: UUID, page: SignedInPage, api: Api) -> Response:
    """Say what erasing a record does, before it is done."""
    completion = await api.get(f"/v1/learning/completions/{id}")
    return page.render("learning/templates/erase.html", completion=completion)


@router.post("/learning/record/{id}/erase", include_in_schema=False)
async def erase_completion(id: UUID, page: SignedInPage, api: Api) -> Response:
    """Erase the record. A second press finds that it is gone."""
    if await api.find(f"/v1/learning/completions/{id}"):
        await api.send("POST", f"/v1/learning/completions/{id}/erase")
    return page.redirect("/learning/record", done="erased")


@router.get("/learning/certificates/{code}", include_in_schema=False)
async def show_certificate(code: Code, page: PublicPage, api: Api) -> Response:
    """Show to whoever was given a code what its holder has finished, and when."""
    certificate = await api.get(f"/v1/learning/certificates/{code}")
    return page.render("learning/templates/certificate.html", certificate=certificate, code=code)
