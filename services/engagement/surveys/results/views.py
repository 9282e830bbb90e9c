"""What people read of results."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from services.engagement.surveys.results import rules
from services.engagement.surveys.results.tables import Result
from services.engagement.surveys.surveys.tables import Survey
from shared.disclosure import FewerThan, RoundedCount, people_count
from shared.events.contracts.engagement import TopicPriority
from shared.views import View


class ResultsView(View):
    """The results of a survey. Numbers about too few people are left out, also where they could be subtracted."""

    survey_id: UUID
    title: str
    published_at: datetime
    fewest_shown: int
    respondents: int | FewerThan
    unnamed_voices: RoundedCount | None = Field(
        description="How many of the respondents answered by an invitation made for nobody known. Each counts as one "
        "voice; the others are people who could answer only once. Null where these or those are too few to show."
    )
    groups: rules.MeasureResults
    questions: list[rules.QuestionResults]
    priorities: list[TopicPriority]

    @classmethod
    def of(cls, survey: Survey, result: Result, *, by_group: bool) -> Self:
        """Return the results, of everyone together or also by group."""
        published = rules.PublishedResults.model_validate(result.published)
        if not by_group:
            published = rules.without_groups(published)
        return cls(
            survey_id=survey.id,
            title=survey.title,
            published_at=result.published_at,
            fewest_shown=result.fewest_shown,
            respondents=people_count(result.respondents, result.fewest_shown),
            unnamed_voices=rules.shown_unnamed_voices(result.unnamed_voices, result.respondents, result.fewest_shown),
            groups=published.respondents,
            questions=published.questions,
            priorities=published.priorities,
        )
