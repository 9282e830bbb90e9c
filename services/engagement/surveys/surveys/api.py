"""Surveys by HTTP: draw one up, change it while it is a draft, open it."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Response
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from services.engagement.callers import Anyone, OfficerOrSurveyPartner
from services.engagement.replicas.topics.queries import known_topics
from services.engagement.surveys.surveys import queries, rules
from services.engagement.surveys.surveys.rules import Question
from services.engagement.surveys.surveys.tables import Survey
from shared import clock
from shared.callers import Caller, Role
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.http.merge_patch import merge_patch
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import PreconditionFailed, PreconditionRequired, documented
from shared.views import Body, View

surveys = create_router("/v1/surveys", "Surveys")
Questions = Annotated[tuple[Question, ...], Field(max_length=100), AfterValidator(rules.with_different_ids)]
Status = Literal["draft", "open", "closed"]
EXAMPLE: dict[str, Any] = {
    "title": "What should come first?",
    "questions": [
        {
            "id": "first",
            "kind": "rank",
            "text": "Put these in the order in which they matter to you.",
            "options": [
                {
                    "id": "breaks",
                    "text": "Breaks for unpaid carers",
                    "topic_id": "01980000-0000-7000-8000-000000000001",
                },
                {"id": "pay", "text": "Fair pay for people who work in care"},
            ],
        },
        {"id": "more", "kind": "free_text", "text": "What else should we know?"},
    ],
    "closes_on": "2027-03-31",
}


class SurveyRequest(Body):
    """A survey as an engagement officer draws it up."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    title: str = Field(min_length=1, max_length=200)
    introduction: str | None = Field(default=None, max_length=2000)
    questions: Questions = ()
    closes_on: date | None = Field(default=None, description="The last day for answers.")


class SurveyPatch(Body):
    """What shall change (RFC 7396): what is left out stays; `questions` are replaced as a whole."""

    title: str | None = None
    introduction: str | None = None
    questions: Questions | None = None
    closes_on: date | None = None


class SurveyView(View):
    """A survey as people see it."""

    id: UUID
    title: str
    introduction: str | None
    questions: tuple[Question, ...]
    status: Status
    closes_on: date | None
    opened_at: datetime | None
    closed_at: datetime | None
    created_at: datetime


def sees_drafts(caller: Caller) -> bool:
    return caller.has(Role.ENGAGEMENT_OFFICER) or "surveys:write" in caller.scopes


@surveys.post("", status_code=201, response_model=SurveyView, responses=documented(rules.TopicUnknown))
async def draft_survey(
    body: SurveyRequest, caller: OfficerOrSurveyPartner, uow: Transaction, response: Response
) -> Survey:
    """Draw up a survey. It takes answers once it is opened."""
    rules.check_topics(body.questions, set(await known_topics(uow.session, rules.topics_of(body.questions))))
    survey = Survey(
        title=body.title,
        introduction=body.introduction,
        questions=rules.stored(body.questions),
        closes_on=body.closes_on,
    )
    uow.save(survey)
    await uow.session.flush()
    set_etag(response, survey)
    response.headers["Location"] = f"/v1/surveys/{survey.id}"
    return survey


@surveys.get("", response_model=Page[SurveyView])
async def list_surveys(
    caller: Anyone, session: Reading, paging: Paging, status: Annotated[Status | None, Query()] = None
) -> Page[SurveyView]:
    """Surveys, the newest first. Only staff see drafts."""
    seen = queries.surveys_seen(status, drafts=sees_drafts(caller))
    return await paginate(session, seen, paging, key=queries.NEWEST, view=SurveyView, descending=True)


@surveys.get("/{survey_id}", response_model=SurveyView, responses=documented(queries.SurveyNotFound))
async def get_survey(survey_id: UUID, caller: Anyone, session: Reading, response: Response) -> Survey:
    """One survey with its questions."""
    survey = await queries.survey(session, survey_id)
    if survey.status == "draft" and not sees_drafts(caller):
        raise queries.SurveyNotFound
    set_etag(response, survey)
    return survey


@surveys.patch(
    "/{survey_id}",
    response_model=SurveyView,
    responses=documented(
        queries.SurveyNotFound, rules.SurveyNotDraft, rules.TopicUnknown, PreconditionFailed, PreconditionRequired
    ),
)
async def change_survey(
    survey_id: UUID,
    body: SurveyPatch,
    caller: OfficerOrSurveyPartner,
    match: IfMatch,
    uow: Transaction,
    response: Response,
) -> Survey:
    """Change a draft. Once a survey is open everyone answers the same questions."""
    survey = await queries.lock_survey(uow.session, survey_id)
    match.check(survey)
    rules.check_editable(survey)
    wanted = _merged(survey, body)
    rules.check_topics(wanted.questions, set(await known_topics(uow.session, rules.topics_of(wanted.questions))))
    survey.title, survey.introduction, survey.closes_on = wanted.title, wanted.introduction, wanted.closes_on
    survey.questions = rules.stored(wanted.questions)
    await uow.session.flush()
    set_etag(response, survey)
    return survey


def _merged(survey: Survey, patch: SurveyPatch) -> SurveyRequest:
    now = {name: getattr(survey, name) for name in SurveyRequest.model_fields}
    merged = merge_patch(now, patch.model_dump(exclude_unset=True))
    try:
        return SurveyRequest.model_validate(merged)
    except ValidationError as wrong:
        raise RequestValidationError([{**error, "loc": ("body", *error["loc"])} for error in wrong.errors()]) from wrong


@surveys.post(
    "/{survey_id}/open",
    response_model=SurveyView,
    responses=documented(queries.SurveyNotFound, rules.SurveyNotDraft, rules.SurveyIncomplete),
)
async def open_survey(survey_id: UUID, caller: OfficerOrSurveyPartner, uow: Transaction, response: Response) -> Survey:
    """Let people answer. From now on the questions cannot change."""
    survey = await queries.lock_survey(uow.session, survey_id)
    opened = rules.open_survey(survey, clock.now(), clock.today())
    uow.publish(opened)
    await uow.session.flush()
    set_etag(response, survey)
    return survey
