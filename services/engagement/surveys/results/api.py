"""Results by HTTP: close a survey, and read what it says."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response

from services.engagement.callers import Anyone, OfficerOrSurveyPartner
from services.engagement.surveys.results import queries, rules
from services.engagement.surveys.results.publishing import close_and_publish
from services.engagement.surveys.surveys.api import SurveyView
from services.engagement.surveys.surveys.queries import SurveyNotFound, lock_survey
from services.engagement.surveys.surveys.queries import survey as survey_of
from services.engagement.surveys.surveys.rules import SurveyClosed, SurveyNotOpen
from services.engagement.surveys.surveys.tables import Survey
from shared.disclosure import FewerThan, people
from shared.events.contracts.engagement import TopicPriority
from shared.http.conditional_requests import create_router
from shared.http.etags import set_etag
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import documented
from shared.views import View

results = create_router("/v1/surveys", "Surveys")


class ResultsView(View):
    """What a survey says. Numbers about too few people are left out, also where they could be found by subtraction."""

    survey_id: UUID
    title: str
    published_at: datetime
    fewest_shown: int
    respondents: int | FewerThan
    groups: rules.MeasureResults
    questions: list[rules.QuestionResults]
    priorities: list[TopicPriority]


@results.post(
    "/{survey_id}/close",
    response_model=SurveyView,
    responses=documented(SurveyNotFound, SurveyNotOpen, SurveyClosed),
)
async def close(
    survey_id: UUID, caller: OfficerOrSurveyPartner, uow: Transaction, request: Request, response: Response
) -> Survey:
    """Take no more answers, and publish the results."""
    survey = await lock_survey(uow.session, survey_id)
    await close_and_publish(uow, survey, request.app.state.settings.fewest_shown)
    await uow.session.flush()
    set_etag(response, survey)
    return survey


@results.get(
    "/{survey_id}/results",
    response_model=ResultsView,
    responses=documented(SurveyNotFound, rules.ResultsNotPublished),
)
async def get_results(
    survey_id: UUID,
    caller: Anyone,
    session: Reading,
    response: Response,
    by: Annotated[Literal["group"] | None, Query(description="`group` shows each stakeholder group as well.")] = None,
) -> ResultsView:
    """The results of a closed survey."""
    survey = await survey_of(session, survey_id)
    if survey.status == "draft":
        raise SurveyNotFound
    result = await queries.published_result(session, survey_id)
    published = rules.PublishedResults.model_validate(result.published)
    if by is None:
        published = rules.without_groups(published)
    response.headers["Cache-Control"] = "public, max-age=300"
    return ResultsView(
        survey_id=survey.id,
        title=survey.title,
        published_at=result.published_at,
        fewest_shown=result.fewest_shown,
        respondents=people(result.respondents, result.fewest_shown),
        groups=published.respondents,
        questions=published.questions,
        priorities=published.priorities,
    )
