"""What a survey may ask, and whom, and when it may change, open and close."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.surveys.surveys.tables import EVERY_GROUP_BY_INVITATION, Survey
from shared.events.contracts.engagement import SurveyOpened
from shared.problems import FieldError, Problem

QuestionKind = Literal["score", "rank", "single_choice", "free_text"]
Admission = Literal["signed_in", "invitation"]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]


class SurveyNotDraft(Problem):
    status = 409
    title = "This survey can no longer be changed"
    detail = "It has been opened, and everyone must answer the same questions. Make a new survey instead."


class SurveyNotOpen(Problem):
    status = 409
    title = "This survey is not open"
    detail = "It takes answers once the centre opens it. Try again later."


class SurveyClosed(Problem):
    status = 409
    title = "This survey has closed"
    detail = "Thank you for wanting to take part. Read its published results, or look in the list for an open survey."


class SurveyIncomplete(Problem):
    status = 422
    title = "This survey is not ready to open"
    detail = "See the errors, correct them and open it again."


class TopicUnknown(Problem):
    status = 422
    title = "A topic of this survey is not known"
    detail = "See the errors. A topic that was created a moment ago may need a few seconds to arrive: then try again."


class Option(BaseModel):
    """Something to score, rank or choose; it may stand for a topic."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    id: Identifier
    text: str = Field(min_length=1, max_length=300)
    topic_id: UUID | None = None


class Question(BaseModel):
    """One question. A score is a whole number from `lowest` to `highest`, for each option or the question itself."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    id: Identifier
    kind: QuestionKind
    text: str = Field(min_length=1, max_length=500)
    required: bool = False
    options: tuple[Option, ...] = Field(default=(), max_length=60)
    lowest: int = Field(default=1, ge=-100, le=100, description="Of a score; 1 unless given.")
    highest: int = Field(default=5, ge=-100, le=100, description="Of a score; 5 unless given.")

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
        _check_distinct("option ids", [option.id for option in self.options])
        _check_distinct("topics of options", [option.topic_id for option in self.options if option.topic_id])
        return self


class SurveyGroup(BaseModel):
    """A stakeholder group that is asked. Its people answer signed in or by invitation, never both."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    group: StakeholderGroup
    admission: Admission = Field(default="invitation", description="How people of this group are let in.")


EVERY_GROUP = tuple(SurveyGroup.model_validate(group) for group in EVERY_GROUP_BY_INVITATION)
Admissions = Mapping[StakeholderGroup, Admission]
"""How people are let in, by the groups that a survey asks."""


def _check_distinct(plural: str, values: Sequence[object]) -> None:
    if len(set(values)) != len(values):
        raise ValueError(f"the {plural} must differ from each other")


def check_distinct_ids(questions: tuple[Question, ...]) -> tuple[Question, ...]:
    """Return the questions. Raises ValueError where two have the same id."""
    _check_distinct("question ids", [question.id for question in questions])
    return questions


def check_distinct_groups(groups: tuple[SurveyGroup, ...]) -> tuple[SurveyGroup, ...]:
    """Return the groups. Raises ValueError where one is there twice: it would have two admissions."""
    _check_distinct("groups", [group.group for group in groups])
    return groups


def admissions_of(survey: Survey) -> Admissions:
    """Return how people are let in, by the groups that the survey asks."""
    groups = [SurveyGroup.model_validate(group) for group in survey.groups]
    return {group.group: group.admission for group in groups}


def questions_of(survey: Survey) -> tuple[Question, ...]:
    """Return the questions of a row."""
    return tuple(Question.model_validate(question) for question in survey.questions)


def to_json(questions: Iterable[Question]) -> list[dict[str, object]]:
    """Return the questions as the row stores them."""
    return [question.model_dump(mode="json", exclude_defaults=True) for question in questions]


def groups_to_json(groups: Iterable[SurveyGroup]) -> list[dict[str, object]]:
    """Return the groups as the row stores them."""
    return [group.model_dump(mode="json") for group in groups]


def _topic_pointers(questions: Sequence[Question]) -> Iterator[tuple[str, UUID]]:
    for question_index, question in enumerate(questions):
        for option_index, option in enumerate(question.options):
            if option.topic_id:
                yield f"/questions/{question_index}/options/{option_index}/topic_id", option.topic_id


def topics_of(questions: Sequence[Question]) -> tuple[UUID, ...]:
    """Return the topics that the questions ask about, each once, in the order of the questions."""
    return tuple(dict.fromkeys(topic for _, topic in _topic_pointers(questions)))


def check_topics(questions: Sequence[Question], known_topic_ids: Collection[UUID]) -> None:
    """Raise TopicUnknown for topics that engagement does not know."""
    if unknown := [pointer for pointer, topic_id in _topic_pointers(questions) if topic_id not in known_topic_ids]:
        raise TopicUnknown(
            errors=[FieldError(pointer=pointer, detail="No topic with this id is known here.") for pointer in unknown]
        )


def check_draft(survey: Survey) -> None:
    """Raise SurveyNotDraft unless the survey is a draft."""
    if survey.status != "draft":
        raise SurveyNotDraft


def open_survey(survey: Survey, now: datetime, today: date) -> SurveyOpened:
    """Open the survey: from now on it takes responses and does not change. Raises SurveyNotDraft, SurveyIncomplete."""
    check_draft(survey)
    questions = questions_of(survey)
    errors: list[FieldError] = []
    if not questions:
        errors.append(FieldError(pointer="/questions", detail="Ask at least one question."))
    if survey.closes_on and survey.closes_on < today:
        errors.append(FieldError(pointer="/closes_on", detail="This day is over. Give a later one, or none."))
    if errors:
        raise SurveyIncomplete(errors=errors)
    survey.status = "open"
    survey.opened_at = now
    return SurveyOpened(survey_id=survey.id, topic_ids=topics_of(questions))


def check_open(survey: Survey) -> None:
    """Raise SurveyClosed or SurveyNotOpen unless the survey is open."""
    if survey.status == "closed":
        raise SurveyClosed
    if survey.status != "open":
        raise SurveyNotOpen


def close_survey(survey: Survey, now: datetime) -> None:
    """Close the survey: from now on it takes no responses. Raises SurveyClosed, SurveyNotOpen."""
    check_open(survey)
    survey.status = "closed"
    survey.closed_at = now
