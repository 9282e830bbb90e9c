"""Closing a survey, by an officer or by the calendar, publishes its results in the same transaction."""

from services.engagement.surveys.invitations.queries import void_invitations
from services.engagement.surveys.responses.queries import forget_who_answered
from services.engagement.surveys.results import queries, rules
from services.engagement.surveys.results.tables import Result
from services.engagement.surveys.surveys.rules import close_survey, questions_of
from services.engagement.surveys.surveys.tables import Survey
from shared import clock
from shared.events.contracts.engagement import ResultsPublished
from shared.persistence.unit_of_work import UnitOfWork


async def close_and_publish(uow: UnitOfWork, survey: Survey, fewest: int) -> None:
    """Close a locked survey: every answer so far is counted, and every later one refused.

    Results of fewer than `fewest` people are not shown. Raises SurveyNotOpen, SurveyClosed.
    """
    now = clock.now()
    close_survey(survey, now)
    await uow.session.flush()
    await void_invitations(uow.session, survey.id)
    await forget_who_answered(uow.session, survey.id)
    questions = questions_of(survey)
    respondents = await queries.respondents(uow.session, survey.id)
    tables = await queries.counted(uow.session, survey.id, questions)
    published = rules.publish(questions, respondents, tables, fewest)
    everyone = sum(tally.answered for tally in respondents.values())
    uow.save(
        Result(
            id=survey.id,
            respondents=everyone,
            fewest_shown=fewest,
            published=published.model_dump(mode="json"),
            published_at=now,
        )
    )
    told = ResultsPublished(survey_id=survey.id, respondents=everyone, priorities=tuple(published.priorities))
    uow.publish(told, of=survey)
