"""Who may answer, what an answer may be, and the id that leads nobody to the person who gave it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import Any, cast
from uuid import UUID

from services.engagement.directory.people.rules import StakeholderGroup, own_groups
from services.engagement.surveys.surveys.rules import Admissions, Question
from shared.callers import Caller
from shared.problems import FieldError, Invalid, Problem
from shared.views import TextLimit

TEXT_LIMIT = TextLimit(2_000)
MAX_ERRORS = 50
UNKNOWN_ID = "This survey has no question or option with this id."

Check = Callable[[object, str], Iterator[FieldError]]


class AnswersInvalid(Problem):
    status = 422
    title = "Some answers cannot be used"
    detail = "See the errors for each question, correct them and send the answers again. Nothing was stored."


class AlreadyAnswered(Problem):
    status = 409
    title = "You have answered this survey already"
    detail = "This invitation was used, or you answered before. There is nothing more to do. Thank you."


class InvitationOrSignInNeeded(Problem):
    status = 401
    title = "An invitation is needed to answer"
    detail = "Send the token of your invitation in the header Invitation, or sign in and say which group you belong to."


class InvitationNeeded(Problem):
    status = 403
    title = "People of this group answer by invitation"
    detail = (
        "Use the link of your invitation, or ask the centre for one. So nobody answers both ways, and counts twice."
    )


class GroupNotAsked(Problem):
    status = 403
    title = "This survey does not ask people of this group"
    detail = "The groups that it asks are its `groups`. Look in the list for a survey that asks yours."


class NotYourGroup(Problem):
    status = 403
    title = "You cannot answer for this group"
    detail = "You work for the centre, so you answer as `others`, or by an invitation that a colleague made for you."


class Questionnaire:
    """The questions of an open survey, compiled into checks of answers, and how each group is let in."""

    def __init__(self, questions: Sequence[Question], admissions: Admissions) -> None:
        self.admissions = admissions
        self.invited_groups = ",".join(group for group in admissions if admissions[group] == "invitation")
        self._checks = {question.id: _check_for(question) for question in questions}
        self._required = [question.id for question in questions if question.required]

    def validate(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answers without those that are null or blank, which mean skipped. Raises AnswersInvalid."""
        present = {
            question: answer
            for question, answer in answers.items()
            if answer is not None and answer not in ("", [], {})
        }
        errors = list(islice(self._errors(present), MAX_ERRORS))
        if errors:
            raise AnswersInvalid(errors=errors)
        return present

    def _errors(self, present: Mapping[str, Any]) -> Iterator[FieldError]:
        for question, answer in present.items():
            check = self._checks.get(question)
            pointer = f"/answers/{escape_pointer(question)}"
            if check is None:
                yield FieldError(pointer=pointer, detail=UNKNOWN_ID)
            else:
                yield from check(answer, pointer)
        for question in self._required:
            if question not in present:
                yield FieldError(pointer=f"/answers/{question}", detail="This question needs an answer.")
        if not present and not self._required:
            yield FieldError(pointer="/answers", detail="Answer at least one question.")


def escape_pointer(name: str) -> str:
    """Return the name as one step of a JSON pointer (RFC 6901), cut to 80 characters."""
    return name[:80].replace("~", "~0").replace("/", "~1")


def _check_for(question: Question) -> Check:
    options = frozenset(option.id for option in question.options)
    match question.kind:
        case "score":
            check_score = _score(question.lowest, question.highest)
            return _scores(options, check_score) if options else check_score
        case "rank":
            return _rank(options)
        case "single_choice":
            return _choice(options)
        case "free_text":
            return _free_text


def _score(lowest: int, highest: int) -> Check:
    detail = f"Give a whole number from {lowest} to {highest}."

    def check(answer: object, pointer: str) -> Iterator[FieldError]:
        if type(answer) is not int or not lowest <= answer <= highest:
            yield FieldError(pointer=pointer, detail=detail)

    return check


def _scores(options: frozenset[str], check_score: Check) -> Check:
    def check(answer: object, pointer: str) -> Iterator[FieldError]:
        if not isinstance(answer, dict):
            yield FieldError(pointer=pointer, detail='Give a score for each option, as in {"option": 3}.')
            return
        for option, score in cast("dict[str, object]", answer).items():
            if option not in options:
                yield FieldError(pointer=f"{pointer}/{escape_pointer(option)}", detail=UNKNOWN_ID)
            else:
                yield from check_score(score, f"{pointer}/{option}")

    return check


def _rank(options: frozenset[str]) -> Check:
    def check(answer: object, pointer: str) -> Iterator[FieldError]:
        if not isinstance(answer, list):
            yield FieldError(pointer=pointer, detail="Give a list of options, the most important one first.")
            return
        ranked: set[str] = set()
        for index, option in enumerate(cast("list[object]", answer)):
            if not isinstance(option, str) or option not in options:
                yield FieldError(pointer=f"{pointer}/{index}", detail=UNKNOWN_ID)
            elif option in ranked:
                yield FieldError(pointer=f"{pointer}/{index}", detail="This option is in the list already.")
            else:
                ranked.add(option)

    return check


def _choice(options: frozenset[str]) -> Check:
    def check(answer: object, pointer: str) -> Iterator[FieldError]:
        if not isinstance(answer, str) or answer not in options:
            yield FieldError(pointer=pointer, detail="Choose one of the options by its id.")

    return check


def _free_text(answer: object, pointer: str) -> Iterator[FieldError]:
    if not isinstance(answer, str) or "\0" in answer:
        yield FieldError(pointer=pointer, detail="Give plain text.")
    elif reason := TEXT_LIMIT.refusal_of(answer):
        yield FieldError(pointer=pointer, detail=reason)


def untimed_id(day: date, random: bytes) -> UUID:
    """Return a UUIDv7 that tells the day and hides the hour: its time is midnight UTC, the rest 10 random bytes."""
    milliseconds = int(datetime.combine(day, time(), UTC).timestamp() * 1000)
    low = int.from_bytes(random)
    return UUID(int=milliseconds << 80 | 7 << 76 | (low >> 62 & 0xFFF) << 64 | 0b10 << 62 | low & (2**62 - 1))


def signed_in_group(caller: Caller, group: StakeholderGroup | None, admissions: Admissions) -> StakeholderGroup:
    """Return the group that a signed-in person gives.

    Raises InvitationOrSignInNeeded, NotYourGroup, GroupNotAsked, InvitationNeeded, and Invalid without a group.
    """
    if caller.kind != "person":
        raise InvitationOrSignInNeeded
    if group is None:
        raise Invalid(errors=[FieldError(pointer="/group", detail="Say which group you belong to.")])
    if group not in own_groups(caller):
        raise NotYourGroup
    match admissions.get(group):
        case None:
            raise GroupNotAsked
        case "invitation":
            raise InvitationNeeded
        case "signed_in":
            return group
