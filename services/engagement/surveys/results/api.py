"""Closing of surveys and their results by HTTP."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Response

from services.engagement.callers import Anyone, OfficerOrSurveyPartner
from services.engagement.surveys.results import commands, queries, rules
from services.engagement.surveys.results.views import ResultsView
from services.engagement.surveys.surveys.queries import SurveyNotFound, get_survey
from services.engagement.surveys.surveys.rules import SurveyClosed, SurveyNotOpen
from services.engagement.surveys.surveys.tables import Survey
from services.engagement.surveys.surveys.views import SurveyView
from shared.http.caching import PUBLIC_LONG
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import documented

router = create_router("/v1/surveys", "Surveys")


@router.post(
    "/{survey_id}/close",
    response_model=SurveyView,
    responses=documented(SurveyNotFound, SurveyNotOpen, SurveyClosed),
)
async def close_survey(
    survey_id: UUID, _caller: OfficerOrSurveyPartner, uow: Transaction, response: Response
) -> Survey:
    """Take no more answers, and publish the results."""
    survey = await commands.close_survey(uow, survey_id)
    return await flush_and_tag(uow, response, survey)


@router.get(
    "/{survey_id}/results",
    response_model=ResultsView,
    responses=documented(SurveyNotFound, rules.ResultsNotPublished),
    dependencies=[Depends(PUBLIC_LONG)],
)
async def get_results(
    survey_id: UUID,
    _caller: Anyone,
    session: Reading,
    by: Annotated[Literal["group"] | None, Query(description="`group` shows each stakeholder group as well.")] = None,
) -> ResultsView:
    """Return the results of a closed survey."""
    survey = await get_survey(session, survey_id, include_drafts=False)
    result = await queries.get_published_result(session, survey_id)
    return ResultsView.of(survey, result, by_group=by == "group")
