"""Refuse words that were taken back, wherever staff put them before readers."""

from collections.abc import Mapping

from services.evidence.library.items.words.queries import has_known_texts, known_texts
from services.evidence.library.items.words.rules import fingerprints_of, repeats_taken_back
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import FieldError, Invalid

_DETAIL = (
    "These are the words, or nearly the words, of an account or of practice knowledge that was taken back. Say it "
    "without them."
)


async def find_taken_back(uow: UnitOfWork, texts: Mapping[str, str | None]) -> list[FieldError]:
    """Return an error for each of these texts, by its pointer, that repeats what somebody took back."""
    if not await has_known_texts(uow.session):
        return []
    fingerprints = {pointer: fingerprints_of([text or ""], uow.secret) for pointer, text in texts.items()}
    candidates = await known_texts(uow.session, [("", of_text) for of_text in fingerprints.values()])
    return [
        FieldError(pointer=pointer, detail=_DETAIL)
        for pointer, of_text in fingerprints.items()
        if any(repeats_taken_back(text, candidates) for text in of_text)
    ]


async def check_not_taken_back(uow: UnitOfWork, texts: Mapping[str, str | None]) -> None:
    """Raise Invalid where one of these texts repeats what somebody took back."""
    if errors := await find_taken_back(uow, texts):
        raise Invalid(errors=errors)
