"""`/questions/mine`: what somebody has asked, and what is new."""

from datetime import datetime
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from gateway.settings import GatewaySettings
from gateway.web.api_client import Api
from gateway.web.layout.page import SignedInPage
from gateway.web.lists import next_page
from shared import clock
from shared.http.conditional_requests import create_router

router = create_router("", "Questions")

SEEN_COOKIE: Final = "impact_questions_seen"
SEEN_COOKIE_SECONDS: Final = 365 * 24 * 3600
MAX_LISTED: Final = 20


@router.get("/questions/mine", include_in_schema=False)
async def list_own_questions(
    request: Request, page: SignedInPage, api: Api, cursor: str | None = None, done: str = ""
) -> Response:
    """Show what somebody has asked, with what is new since they last looked on this device."""
    questions = await api.get("/v1/evidence-requests/mine", cursor=cursor, limit=MAX_LISTED)
    visible = [question for question in questions["items"] if question["status"] != "withdrawn"]
    seen = request.scope["impact.cookies"].get(SEEN_COOKIE, "")
    response = page.render(
        "questions/templates/own_questions.html",
        questions=[(question, _is_new(question, seen)) for question in visible],
        withdrawn=len(questions["items"]) - len(visible),
        next_page=next_page(questions),
        done=done,
        now=clock.now().isoformat(),
    )
    settings: GatewaySettings = request.app.state.settings
    response.set_cookie(
        SEEN_COOKIE,
        clock.now().isoformat(),
        max_age=SEEN_COOKIE_SECONDS,
        path="/questions",
        httponly=True,
        samesite="lax",
        secure=settings.secure,
    )
    return response


def _is_new(question: dict[str, Any], seen: str) -> bool:
    """Return whether it was answered since they looked, or nobody knows when, and they have not spoken of its use."""
    answered = [turn["answered_at"] for turn in question["turns"] if turn["answered_at"]]
    if not answered:
        return False
    try:
        return datetime.fromisoformat(answered[-1]) > datetime.fromisoformat(seen)
    except (ValueError, TypeError):
        return question["used"] is None
