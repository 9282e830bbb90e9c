"""The gap map over HTTP: what is known by whom, from where and when, and which questions wait."""

from typing import Any
from uuid import UUID

from services.evidence.callers import Anyone
from services.evidence.discovery.coverage import queries, views
from services.evidence.library.topics.queries import TopicNotFound
from services.evidence.library.topics.tables import Topic
from shared.http.conditional_requests import create_router
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.unit_of_work import Reading
from shared.problems import documented

router = create_router("/v1/topics", "Topics")


@router.get("/gaps", response_model=Page[views.Gap])
async def list_gaps(caller: Anyone, session: Reading, paging: Paging) -> Page[views.Gap]:
    """Topics that lack a way of knowing or have a question waiting, the highest priority first.

    At the end, without a priority, those on which few people were asked, or nobody: of these, which lack something.
    """
    key, statement = queries.PRIORITY_KEY, queries.topics_with_gaps()
    page = await paginate(session, statement, paging, key=key, view=_topic, descending=True)
    return Page(items=await views.gaps(session, page.items), next=page.next, total=page.total)


@router.get("/{topic_id}/coverage", response_model=views.GapMap, responses=documented(TopicNotFound))
async def get_coverage(topic_id: UUID, caller: Anyone, session: Reading) -> views.GapMap:
    """The gap map: what is known by way of knowing, country, setting and year, and which questions wait."""
    return views.gap_map(await queries.topic_coverage(session, topic_id))


def _topic(row: Any) -> Topic:
    return row.Topic
