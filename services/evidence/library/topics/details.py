"""Topics with what is published under them, and with how their priority was calculated."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.library.topics import queries
from services.evidence.library.topics.classification import item_counts
from services.evidence.library.topics.priorities.rules import MENTIONS_COUNT_FOR, counts, explanation
from services.evidence.library.topics.views import (
    Coverage,
    MentionsView,
    PriorityBasis,
    SurveyScoreView,
    TopicBranch,
    TopicDetails,
    TopicView,
)
from services.evidence.library.topics.voices.queries import mentions_since, scores_of
from shared import clock
from shared.disclosure import rounded_count


async def topic_tree(session: AsyncSession) -> list[TopicBranch]:
    """Return the topics at the top, each with those below it."""
    topics = await queries.topics_by_level(session)
    coverage = await item_counts(session, [topic.id for topic in topics])
    branches = {
        topic.id: TopicBranch(
            **topic.model_dump(include=set(TopicView.model_fields)),
            coverage=Coverage(**coverage.get(topic.id, {})),
            topics=[],
        )
        for topic in topics
    }
    for branch in branches.values():
        if branch.parent_id is not None:
            branches[branch.parent_id].topics.append(branch)
    return [branch for branch in branches.values() if branch.parent_id is None]


async def topic_details(session: AsyncSession, topic_id: UUID) -> tuple[TopicDetails, int]:
    """Return a topic with everything about it, and its version. Raises TopicNotFound.

    The transaction is REPEATABLE READ, so that a priority which changes between two statements agrees with its basis.
    """
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    topic = await queries.get_topic(session, topic_id)
    coverage = await item_counts(session, [topic_id])
    details = TopicDetails(
        **topic.model_dump(include=set(TopicDetails.model_fields)),
        priority_basis=await _priority_basis(session, topic_id),
        coverage=Coverage(**coverage.get(topic_id, {})),
    )
    return details, topic.version


async def _priority_basis(session: AsyncSession, topic_id: UUID) -> PriorityBasis:
    scores = await scores_of(session, topic_id)
    mentions = (await mentions_since(session, clock.now() - MENTIONS_COUNT_FOR)).get(topic_id, [])
    return PriorityBasis(
        rule=explanation(),
        surveys=[SurveyScoreView.model_validate(score) for score in scores],
        mentions=[
            MentionsView(
                source="assemblies" if mention.kind == "assembly" else "requests",
                score=mention.score,
                people=rounded_count(mention.people),
                counted=counts(mention, scores),
            )
            for mention in mentions
        ],
    )
