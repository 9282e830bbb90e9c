"""`/saved-answers`: deleting what this browser keeps of forms that were begun."""

from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from gateway.web.layout.page import PublicPage
from gateway.web.saved_answers.journey import Journey, journey
from shared.http.conditional_requests import create_router

router = create_router("", "Saved answers")
TEMPLATE = "saved_answers/templates/saved_answers.html"
AnyJourney = Annotated[Journey, Depends(journey(""))]


@router.get("/saved-answers", include_in_schema=False)
async def show_saved_answers(page: PublicPage, deleted: bool = False) -> Response:
    """Show what is kept and a button that deletes it."""
    return page.render(TEMPLATE, private=True, deleted=deleted)


@router.post("/saved-answers/delete", include_in_schema=False)
async def delete_saved_answers(page: PublicPage, answers: AnyJourney) -> Response:
    """Delete the answers of this browser, whoever gave them."""
    await answers.delete()
    return answers.forget(page.redirect("/saved-answers", deleted="true"))
