"""Changes of surveys."""

from uuid import UUID

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from services.engagement.replicas.topics.queries import list_topics
from services.engagement.surveys.surveys import rules
from services.engagement.surveys.surveys.queries import SurveyNotFound
from services.engagement.surveys.surveys.tables import Survey
from services.engagement.surveys.surveys.views import SurveyPatch, SurveyRequest
from shared import clock
from shared.http.etags import Match
from shared.http.merge_patch import merge_patch
from shared.persistence.fetch import fetch
from shared.persistence.unit_of_work import UnitOfWork


async def create_survey(uow: UnitOfWork, body: SurveyRequest) -> Survey:
    """Save a draft. Raises TopicUnknown."""
    await _check_topics(uow, body)
    survey = Survey(
        title=body.title,
        introduction=body.introduction,
        questions=rules.to_json(body.questions),
        groups=rules.groups_to_json(body.groups),
        closes_on=body.closes_on,
    )
    uow.save(survey)
    return survey


async def update_survey(uow: UnitOfWork, survey_id: UUID, patch: SurveyPatch, match: Match) -> Survey:
    """Change a draft. Raises SurveyNotFound, SurveyNotDraft, TopicUnknown, and what `match.check` does."""
    survey = await fetch(uow.session, Survey, survey_id, missing=SurveyNotFound, key_share=True)
    match.check(survey)
    rules.check_draft(survey)
    merged = _merged(survey, patch)
    await _check_topics(uow, merged)
    survey.title, survey.introduction, survey.closes_on = merged.title, merged.introduction, merged.closes_on
    survey.questions = rules.to_json(merged.questions)
    survey.groups = rules.groups_to_json(merged.groups)
    return survey


async def open_survey(uow: UnitOfWork, survey_id: UUID) -> Survey:
    """Open a draft to responses. Raises SurveyNotFound, SurveyNotDraft, SurveyIncomplete."""
    survey = await fetch(uow.session, Survey, survey_id, missing=SurveyNotFound, key_share=True)
    uow.publish(rules.open_survey(survey, clock.now(), clock.today()))
    return survey


async def _check_topics(uow: UnitOfWork, body: SurveyRequest) -> None:
    rules.check_topics(body.questions, await list_topics(uow.session, rules.topics_of(body.questions)))


def _merged(survey: Survey, patch: SurveyPatch) -> SurveyRequest:
    """Return the survey with the patch applied, validated as a whole. Raises RequestValidationError."""
    current = {name: getattr(survey, name) for name in SurveyRequest.model_fields}
    merged = merge_patch(current, patch.model_dump(exclude_unset=True))
    try:
        return SurveyRequest.model_validate(merged)
    except ValidationError as error:
        errors = [{**detail, "loc": ("body", *detail["loc"])} for detail in error.errors()]
        raise RequestValidationError(errors) from error
