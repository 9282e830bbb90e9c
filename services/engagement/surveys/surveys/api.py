"""Surveys by HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.engagement.callers import Anyone, OfficerOrSurveyPartner, manages_surveys
from services.engagement.surveys.surveys import commands, queries, rules
from services.engagement.surveys.surveys.tables import Survey, SurveyStatus
from services.engagement.surveys.surveys.views import SurveyPatch, SurveyRequest, SurveyView
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/surveys", "Surveys")


@router.post("", status_code=201, response_model=SurveyView, responses=documented(rules.TopicUnknown))
async def create_survey(
    body: SurveyRequest, _caller: OfficerOrSurveyPartner, uow: Transaction, response: Response
) -> Survey:
    """Draft a survey. It takes answers once it is opened."""
    survey = await commands.create_survey(uow, body)
    return await flush_and_tag(uow, response, survey, location=f"/v1/surveys/{survey.id}")


@router.get("", response_model=Page[SurveyView])
async def list_surveys(
    caller: Anyone, session: Reading, paging: Paging, status: Annotated[SurveyStatus | None, Query()] = None
) -> Page[SurveyView]:
    """List surveys, the newest first. Only staff see drafts."""
    statement = queries.select_surveys(status, include_drafts=manages_surveys(caller))
    return await paginate(session, statement, paging, key=queries.NEWEST, view=SurveyView, descending=True)


@router.get("/{survey_id}", response_model=SurveyView, responses=documented(queries.SurveyNotFound))
async def get_survey(survey_id: UUID, caller: Anyone, session: Reading, response: Response) -> Survey:
    """Return one survey with its questions."""
    survey = await queries.get_survey(session, survey_id, include_drafts=manages_surveys(caller))
    set_etag(response, survey)
    return survey


@router.patch(
    "/{survey_id}",
    response_model=SurveyView,
    responses=documented(
        queries.SurveyNotFound, rules.SurveyNotDraft, rules.TopicUnknown, PreconditionFailed, PreconditionRequired
    ),
)
async def update_survey(
    survey_id: UUID,
    body: SurveyPatch,
    _caller: OfficerOrSurveyPartner,
    match: IfMatch,
    uow: Transaction,
    response: Response,
) -> Survey:
    """Change a draft. Once a survey is open everyone answers the same questions."""
    return await flush_and_tag(uow, response, await commands.update_survey(uow, survey_id, body, match))


@router.post(
    "/{survey_id}/open",
    response_model=SurveyView,
    responses=documented(queries.SurveyNotFound, rules.SurveyNotDraft, rules.SurveyIncomplete),
)
async def open_survey(survey_id: UUID, _caller: OfficerOrSurveyPartner, uow: Transaction, response: Response) -> Survey:
    """Let people answer. From now on the questions cannot change."""
    return await flush_and_tag(uow, response, await commands.open_survey(uow, survey_id))
