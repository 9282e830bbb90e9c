"""Closing of surveys, by an officer or by the calendar: it publishes the results in the same transaction."""

from uuid import UUID

from services.engagement.surveys.invitations.queries import void_invitations
from services.engagement.surveys.responses.queries import forget_respondents, shuffle_responses
from services.engagement.surveys.results import queries, rules
from services.engagement.surveys.results.tables import Result
from services.engagement.surveys.surveys import rules as survey_rules
from services.engagement.surveys.surveys.queries import SurveyNotFound, lock_overdue_survey
from services.engagement.surveys.surveys.tables import Survey
from shared import clock
from shared.disclosure import threshold
from shared.events.contracts.engagement import ResultsPublished
from shared.persistence.fetch import fetch
from shared.persistence.unit_of_work import UnitOfWork


async def close_survey(uow: UnitOfWork, survey_id: UUID) -> Survey:
    """Close the survey, and publish its results. Raises SurveyNotFound, SurveyNotOpen, SurveyClosed."""
    survey = await fetch(uow.session, Survey, survey_id, missing=SurveyNotFound, key_share=True)
    await _close_and_publish(uow, survey)
    return survey


async def close_overdue_survey(uow: UnitOfWork) -> bool:
    """Close one survey whose last day is over. Returns whether there was one."""
    survey = await lock_overdue_survey(uow.session, clock.today())
    if survey is None:
        return False
    await _close_and_publish(uow, survey)
    return True


async def _close_and_publish(uow: UnitOfWork, survey: Survey) -> None:
    """Count every response so far, and refuse every later one. The survey is locked."""
    now = clock.now()
    survey_rules.close_survey(survey, now)
    await void_invitations(uow.session, survey.id)
    identified = await forget_respondents(uow.session, survey.id)
    await shuffle_responses(uow.session, survey.id)
    questions = survey_rules.questions_of(survey)
    respondents = await queries.count_respondents(uow.session, survey.id)
    tables = await queries.get_tables(uow.session, survey.id, questions)
    published = rules.publish(questions, respondents, tables)
    everyone = published.respondents.everyone
    total = everyone.answered.at_least if everyone else 0
    unnamed = sum(tally.answered for tally in respondents.values()) - identified
    admissions = survey_rules.admissions_of(survey)
    signed_in_groups = {group for group, admission in admissions.items() if admission == "signed_in"}
    uow.save(
        Result(
            id=survey.id,
            respondents=total,
            unnamed_voices=rules.unnamed_voices(published, signed_in_groups, unnamed),
            fewest_shown=threshold(),
            published=published.model_dump(mode="json"),
            published_at=now,
        )
    )
    event = ResultsPublished(survey_id=survey.id, respondents=total, priorities=tuple(published.priorities))
    uow.publish(event, of=survey)
