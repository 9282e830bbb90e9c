"""What an editor writes about a question, kept for a day: each question has a draft of its own in each browser."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from gateway.web.forms import Form
from gateway.web.layout.page import WebPage
from gateway.web.saved_answers.journey import Journey


def draft(kind: Literal["answer", "publish", "decide"]) -> Callable[[Request, UUID], Awaitable[Journey]]:
    """Return the dependency that opens the draft of the question in the path."""

    async def open_draft(request: Request, id: UUID) -> Journey:
        return Journey(request, f"{kind}-{id.hex}")

    return open_draft


async def restore(journey: Journey) -> dict[str, Any] | None:
    """Return the values of the form as they were left, or None where nothing was begun."""
    saved = await journey.load()
    return saved.values.get("values") if saved else None


async def keep(journey: Journey, form: Form) -> None:
    """Keep what was sent, as it was sent; not what was shown of the question, whose words are the asker's to erase."""
    await journey.save(values={name: value for name, value in form.values.items() if name != "shown"})


async def sign_in(journey: Journey, page: WebPage, form: Form) -> Response:
    """Keep what was sent by somebody whose session has ended, and let them sign in and come back to it."""
    await keep(journey, form)
    return journey.sign_in(page)


async def forget(journey: Journey) -> None:
    """Forget the draft once it is done."""
    if await journey.load():
        await journey.begin()
