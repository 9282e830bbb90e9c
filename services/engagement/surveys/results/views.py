"""What people read of results."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from services.engagement.surveys.results import rules
from services.engagement.surveys.results.summaries import MeasureResults, PublishedResults, QuestionResults
from services.engagement.surveys.results.tables import Result
from services.engagement.surveys.surveys.tables import Survey
from shared.disclosure import AtLeast, FewerThan, RoundedCount
from shared.events.contracts.engagement import TopicPriority
from shared.views import View


class ResultsView(View):
    """The results of a survey. Numbers about too few people are left out, also where they could be subtracted."""

    survey_id: UUID
    title: str
    published_at: datetime
    fewest_shown: int
    rounded_to: int = Field(description="Every number of people is rounded down to a multiple of this.")
    respondents: RoundedCount = Field(description="Everyone of the groups that are shown, alone or together.")
    unnamed_voices: AtLeast | None = Field(
        description="How many answered by an invitation made for nobody known. Each is one voice; the others could "
        "answer only once. Null in older results."
    )
    groups: MeasureResults
    questions: list[QuestionResults]
    priorities: list[TopicPriority]

    @classmethod
    def of(cls, survey: Survey, result: Result, *, by_group: bool) -> Self:
        """Return the results, of everyone together or also by group."""
        published = PublishedResults.model_validate(result.published)
        if not by_group:
            published = rules.without_groups(published)
        return cls(
            survey_id=survey.id,
            title=survey.title,
            published_at=result.published_at,
            fewest_shown=result.fewest_shown,
            rounded_to=published.rounded_to,
            respondents=_respondents(result.respondents, published.rounded_to),
            unnamed_voices=None if result.unnamed_voices is None else AtLeast(at_least=result.unnamed_voices),
            groups=published.respondents,
            questions=published.questions,
            priorities=published.priorities,
        )


def _respondents(at_least: int, rounded_to: int) -> RoundedCount:
    return AtLeast(at_least=at_least) if at_least else FewerThan(fewer_than=rounded_to)
