"""What a survey may ask, and when it may change."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.engagement.surveys.surveys.tables import Survey
from shared.events.contracts.engagement import SurveyOpened
from shared.problems import FieldError, Problem

QuestionKind = Literal["score", "rank", "single_choice", "free_text"]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]


class SurveyNotDraft(Problem):
    status = 409
    title = "This survey can no longer be changed"
    detail = "It has been opened, and everyone must answer the same questions. Make a new survey instead."


class SurveyNotOpen(Problem):
    status = 409
    title = "This survey is not open"
    detail = "It takes answers once the centre opens it. Come back a little later."


class SurveyClosed(Problem):
    status = 409
    title = "This survey has closed"
    detail = "Thank you for wanting to take part. Its results are published: look there, or for an open survey."


class SurveyIncomplete(Problem):
    status = 422
    title = "This survey is not ready to open"
    detail = "See the errors, put them right and open it again."


class TopicUnknown(Problem):
    status = 422
    title = "A topic of this survey is not known"
    detail = "See the errors. A topic that was made a moment ago may need some seconds to arrive; then send this again."


class Option(BaseModel):
    """Something to score, rank or choose; it may stand for a topic."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    id: Name
    text: str = Field(min_length=1, max_length=300)
    topic_id: UUID | None = None


class Question(BaseModel):
    """One question. A score is a whole number from `lowest` to `highest`, for each option or the question itself."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    id: Name
    kind: QuestionKind
    text: str = Field(min_length=1, max_length=500)
    required: bool = False
    options: tuple[Option, ...] = Field(default=(), max_length=60)
    lowest: int = Field(default=1, ge=-100, le=100, description="Of a score; 1 unless told.")
    highest: int = Field(default=5, ge=-100, le=100, description="Of a score; 5 unless told.")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind in ("rank", "single_choice") and len(self.options) < 2:
            raise ValueError("give at least two options to rank or to choose from")
        if self.kind == "free_text" and self.options:
            raise ValueError("a free text has no options")
        if self.lowest >= self.highest:
            raise ValueError("lowest must be less than highest")
        if self.kind == "single_choice" and any(option.topic_id for option in self.options):
            raise ValueError("only options to score or to rank may stand for a topic")
        _all_different("option ids", [option.id for option in self.options])
        _all_different("topics of options", [option.topic_id for option in self.options if option.topic_id])
        return self


def _all_different(what: str, values: Sequence[object]) -> None:
    if len(set(values)) != len(values):
        raise ValueError(f"the {what} must differ from each other")


def with_different_ids(questions: tuple[Question, ...]) -> tuple[Question, ...]:
    """The questions. Raises ValueError when two have the same id."""
    _all_different("question ids", [question.id for question in questions])
    return questions


def questions_of(survey: Survey) -> tuple[Question, ...]:
    return tuple(Question.model_validate(question) for question in survey.questions)


def stored(questions: Iterable[Question]) -> list[dict[str, object]]:
    """Questions as the row keeps them."""
    return [question.model_dump(mode="json", exclude_defaults=True) for question in questions]


def _topics(questions: Sequence[Question]) -> Iterator[tuple[str, UUID]]:
    for at, question in enumerate(questions):
        for nth, option in enumerate(question.options):
            if option.topic_id:
                yield f"/questions/{at}/options/{nth}/topic_id", option.topic_id


def topics_of(questions: Sequence[Question]) -> tuple[UUID, ...]:
    """The topics that the questions ask about, each once, in the order of asking."""
    return tuple(dict.fromkeys(topic for _, topic in _topics(questions)))


def check_topics(questions: Sequence[Question], known: set[UUID]) -> None:
    """Raises TopicUnknown for topics that engagement has not heard of."""
    if unknown := [pointer for pointer, topic in _topics(questions) if topic not in known]:
        raise TopicUnknown(
            errors=[FieldError(pointer=pointer, detail="No topic with this id is known here.") for pointer in unknown]
        )


def check_editable(survey: Survey) -> None:
    if survey.status != "draft":
        raise SurveyNotDraft


def open_survey(survey: Survey, now: datetime, today: date) -> SurveyOpened:
    """From now on the survey takes answers and does not change."""
    check_editable(survey)
    questions = questions_of(survey)
    error: list[FieldError] = []
    if not questions:
        error.append(FieldError(pointer="/questions", detail="Ask at least one question."))
    if survey.closes_on and survey.closes_on < today:
        error.append(FieldError(pointer="/closes_on", detail="This day is over. Give a later one, or none."))
    if error:
        raise SurveyIncomplete(errors=error)
    survey.status = "open"
    survey.opened_at = now
    return SurveyOpened(survey_id=survey.id, topic_ids=topics_of(questions))


def check_open(survey: Survey) -> None:
    """Raises SurveyClosed or SurveyNotOpen."""
    if survey.status == "closed":
        raise SurveyClosed
    if survey.status != "open":
        raise SurveyNotOpen


def close_survey(survey: Survey, now: datetime) -> None:
    """From now on it takes no answers. Raises SurveyClosed or SurveyNotOpen."""
    check_open(survey)
    survey.status = "closed"
    survey.closed_at = now
