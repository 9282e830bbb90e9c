"""`/preferences` and `/language/{language}`: choosing how pages look, and in which language."""

from dataclasses import replace

from fastapi import Request
from starlette.responses import Response

from gateway.web.forms import Form, submitted_form
from gateway.web.layout.local_paths import local_path
from gateway.web.layout.page import PublicPage
from gateway.web.layout.preferences import CHOICES, set_preferences
from shared.http.conditional_requests import create_router
from shared.problems import NotFound

router = create_router("", "Preferences")
TEMPLATE = "preferences/templates/preferences.html"


@router.get("/preferences", include_in_schema=False)
async def show_preferences(page: PublicPage, next: str | None = None, saved: bool = False) -> Response:
    """Show what can be chosen, and what is."""
    values = {name: getattr(page.preferences, name) for name in CHOICES}
    return page.render(TEMPLATE, private=True, form=Form(values), next=local_path(next), saved=saved)


@router.post("/preferences", include_in_schema=False)
async def save_preferences(request: Request, page: PublicPage) -> Response:
    """Keep the choices in a cookie."""
    form = await submitted_form(request)
    chosen = {name: value for name, choices in CHOICES.items() if (value := form.choice(name, choices))}
    preferences = replace(page.preferences, **chosen)
    next_path = local_path(str(form.values.get("next") or ""))
    response = page.redirect("/preferences", saved="true", next=next_path)
    set_preferences(request, response, preferences)
    return response


@router.get("/language/{language}", include_in_schema=False)
async def show_in_language(request: Request, page: PublicPage, language: str, next: str | None = None) -> Response:
    """Show the page in another language from now on. What a link does here changes nothing but a look."""
    if language not in CHOICES["language"]:
        raise NotFound
    response = page.redirect(local_path(next))
    set_preferences(request, response, replace(page.preferences, language=language))
    return response
