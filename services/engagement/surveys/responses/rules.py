"""What an answer may be, and what is kept of whoever gave it: nothing."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, cast
from uuid import UUID

from services.engagement.surveys.surveys.rules import Question
from shared.problems import FieldError, Problem

LONGEST_TEXT = 2_000
MOST_ERRORS = 50
UNKNOWN = "This survey has nothing with this id."

SKIPPED: tuple[Any, ...] = (None, "", [], {})

Check = Callable[[Any, str], Iterator[FieldError]]


class AnswersInvalid(Problem):
    status = 422
    title = "Some answers cannot be used"
    detail = "See the errors for each question, correct them and send the answers again. Nothing was kept."


class AlreadyAnswered(Problem):
    status = 409
    title = "These answers are already with us"
    detail = "This invitation has been used, or you have answered before. There is nothing more to do. Thank you."


class InvitationOrSignInNeeded(Problem):
    status = 401
    title = "An invitation is needed to answer"
    detail = "Send the token of your invitation in the header Invitation, or sign in and say which group you belong to."


class Questionnaire:
    """The questions of an open survey, made ready to check answers."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self._checks = {question.id: _check_of(question) for question in questions}
        self._required = [question.id for question in questions if question.required]

    def checked(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The answers that were given: null and blank mean skipped. Raises AnswersInvalid."""
        given = {
            question: answer
            for question, answer in answers.items()
            if answer is not None and answer not in ("", [], {})
        }
        errors = list(_at_most(MOST_ERRORS, self._wrong(given)))
        if errors:
            raise AnswersInvalid(errors=errors)
        return given

    def _wrong(self, given: Mapping[str, Any]) -> Iterator[FieldError]:
        for question, answer in given.items():
            check = self._checks.get(question)
            pointer = f"/answers/{escaped(question)}"
            if check is None:
                yield FieldError(pointer=pointer, detail=UNKNOWN)
            else:
                yield from check(answer, pointer)
        for question in self._required:
            if question not in given:
                yield FieldError(pointer=f"/answers/{question}", detail="This question needs an answer.")
        if not given and not self._required:
            yield FieldError(pointer="/answers", detail="Answer at least one question.")


def escaped(name: str) -> str:
    """One step of a JSON pointer (RFC 6901), cut where it is absurdly long."""
    return name[:80].replace("~", "~0").replace("/", "~1")


def _at_most(most: int, errors: Iterator[FieldError]) -> Iterator[FieldError]:
    for _, error in zip(range(most), errors, strict=False):
        yield error


def _check_of(question: Question) -> Check:
    options = frozenset(option.id for option in question.options)
    match question.kind:
        case "score":
            whole = _score(question.lowest, question.highest)
            return _scores(options, whole) if options else whole
        case "rank":
            return _ranks(options)
        case "single_choice":
            return _choice(options)
        case "free_text":
            return _free_text


def _score(lowest: int, highest: int) -> Check:
    detail = f"Give a whole number from {lowest} to {highest}."

    def check(answer: Any, pointer: str) -> Iterator[FieldError]:
        if type(answer) is not int or not lowest <= answer <= highest:
            yield FieldError(pointer=pointer, detail=detail)

    return check


def _scores(options: frozenset[str], whole: Check) -> Check:
    def check(answer: Any, pointer: str) -> Iterator[FieldError]:
        if not isinstance(answer, dict):
            yield FieldError(pointer=pointer, detail='Give a score for each option, as in {"option": 3}.')
            return
        for option, score in cast(dict[str, Any], answer).items():
            if option not in options:
                yield FieldError(pointer=f"{pointer}/{escaped(option)}", detail=UNKNOWN)
            else:
                yield from whole(score, f"{pointer}/{option}")

    return check


def _ranks(options: frozenset[str]) -> Check:
    def check(answer: Any, pointer: str) -> Iterator[FieldError]:
        if not isinstance(answer, list):
            yield FieldError(pointer=pointer, detail="Give a list of options, the most important one first.")
            return
        seen: set[str] = set()
        for place, option in enumerate(cast(list[Any], answer)):
            if not isinstance(option, str) or option not in options:
                yield FieldError(pointer=f"{pointer}/{place}", detail=UNKNOWN)
            elif option in seen:
                yield FieldError(pointer=f"{pointer}/{place}", detail="This option is in the list already.")
            else:
                seen.add(option)

    return check


def _choice(options: frozenset[str]) -> Check:
    def check(answer: Any, pointer: str) -> Iterator[FieldError]:
        if not isinstance(answer, str) or answer not in options:
            yield FieldError(pointer=pointer, detail="Choose one of the options by its id.")

    return check


def _free_text(answer: Any, pointer: str) -> Iterator[FieldError]:
    if not isinstance(answer, str) or "\0" in answer:
        yield FieldError(pointer=pointer, detail="Give plain text.")
    elif len(answer) > LONGEST_TEXT:
        yield FieldError(pointer=pointer, detail=f"Use at most {LONGEST_TEXT:,} characters.")


def untimed_id(day: date, random: bytes) -> UUID:
    """A UUIDv7 that tells the day and hides the hour: its time is midnight, the rest is 10 random bytes."""
    milliseconds = int(datetime.combine(day, time(), UTC).timestamp() * 1000)
    low = int.from_bytes(random)
    return UUID(int=milliseconds << 80 | 7 << 76 | (low >> 62 & 0xFFF) << 64 | 0b10 << 62 | low & (2**62 - 1))


def person_hash(key: bytes, survey_id: UUID, person_id: UUID) -> bytes:
    """What is kept of a signed-in person so that they answer once; another survey gives another hash."""
    return hashlib.blake2b(survey_id.bytes + person_id.bytes, key=key, digest_size=32).digest()
