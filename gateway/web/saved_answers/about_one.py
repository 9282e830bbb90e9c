"""The answers of a form about one resource, for whose sender the session has ended: they are there after signing in."""

from typing import Any
from uuid import UUID

from starlette.responses import Response

from gateway.web.forms import Form
from gateway.web.layout.page import WebPage
from gateway.web.saved_answers.journey import Journey


async def sign_in_with_answers(answers: Journey, page: WebPage, id: UUID | str, form: Form) -> Response:
    """Keep what was sent, as it was sent, and return the redirect to sign in and back."""
    await answers.save(about=str(id), values=form.values)
    return answers.sign_in(page)


async def restore_answers(answers: Journey, id: UUID | str) -> dict[str, Any]:
    """Return what was kept of the form about this, or nothing."""
    saved = await answers.load()
    return saved.values["values"] if saved and saved.values.get("about") == str(id) else {}


async def open_answers(answers: Journey, id: UUID) -> dict[str, Any]:
    """Return what was kept of the form about this.

    Where nothing was, it begins as that of whoever is signed in, so that nobody else sees what is kept when their
    session ends. Return the response by `answers.keep`.
    """
    values = await restore_answers(answers, id)
    if not values:
        await answers.begin(about=str(id), values={})
    return values


async def forget_answers(answers: Journey) -> None:
    """Forget what was kept, once it is done."""
    if await answers.load():
        await answers.begin()
