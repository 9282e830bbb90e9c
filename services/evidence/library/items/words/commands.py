"""The gate against words that were taken back: before readers they come in no way, typed or brought in bulk."""

from collections.abc import Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from services.evidence.library.items.words.queries import has_known_texts, known_texts, taken_back_shingles
from services.evidence.library.items.words.rules import fingerprints_of, is_taken_back, may_repeat
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import FieldError, Invalid

_DETAIL = (
    "These are the words, or nearly the words, of an account or of practice knowledge that was taken back. Say it "
    "without them."
)
Key = TypeVar("Key")


async def find_taken_back(uow: UnitOfWork, texts: Mapping[str, str | None]) -> list[FieldError]:
    """Return an error for each of these texts, by its pointer, that repeats what somebody took back."""
    if not await has_known_texts(uow.session):
        return []
    repeats = await _find_repeats(uow, {pointer: [text or ""] for pointer, text in texts.items()}, {})
    return [FieldError(pointer=pointer, detail=_DETAIL) for pointer in texts if pointer in repeats]


async def check_not_taken_back(uow: UnitOfWork, texts: Mapping[str, str | None]) -> None:
    """Raise Invalid where one of these texts repeats what somebody took back."""
    if errors := await find_taken_back(uow, texts):
        raise Invalid(errors=errors)


async def find_taken_back_works(
    uow: UnitOfWork, texts: Mapping[Key, Sequence[str]], contributors: Mapping[Key, UUID | None] | None = None
) -> set[Key]:
    """Return those of these works that repeat, in any of their texts, what somebody else took back.

    `texts`: of each, `rules.compared_texts_of`. Of the thousands of an import all but a few are set aside at once.
    """
    shingles = await taken_back_shingles(uow.session) if texts else frozenset[int]()
    suspects = {
        key: of_work for key, of_work in texts.items() if shingles and may_repeat(of_work, shingles, uow.secret)
    }
    return await _find_repeats(uow, suspects, contributors or {})


async def _find_repeats(
    uow: UnitOfWork, texts: Mapping[Key, Sequence[str]], contributors: Mapping[Key, UUID | None]
) -> set[Key]:
    fingerprints = {key: fingerprints_of(of_key, uow.secret) for key, of_key in texts.items()}
    candidates = await known_texts(uow.session, [("", of_key) for of_key in fingerprints.values()])
    return {key for key, of_key in fingerprints.items() if is_taken_back(of_key, candidates, contributors.get(key))}
