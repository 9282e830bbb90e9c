"""The gap map over HTTP: what is known, by whom, from where and when, and which questions wait for an answer."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.evidence.callers import Anyone
from services.evidence.discovery.coverage import queries, views
from services.evidence.library.place_filters import PlaceFilter
from services.evidence.library.topics.queries import TopicNotFound
from services.evidence.library.topics.tables import Topic
from shared.events.contracts.evidence import WayOfKnowing
from shared.http.conditional_requests import create_router
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading
from shared.problems import documented

router = create_router("/v1/topics", "Topics")


@router.get("/gaps", response_model=Page[views.Gap])
async def list_gaps(
    _caller: Anyone,
    session: Reading,
    paging: Paging,
    place: PlaceFilter,
    missing: Annotated[WayOfKnowing | None, Query(description="Only topics that lack this way of knowing.")] = None,
) -> Page[views.Gap]:
    """List topics that lack a way of knowing or have enough questions waiting, the highest priority first.

    Topics without a priority, on which few people or nobody were asked, come last, and only if they lack a way of
    knowing. With `country` or `setting`, a way of knowing is lacking where nothing from there is known; questions are
    those of all places.
    """
    key, statement = queries.PRIORITY_KEY, queries.topics_with_gaps(place, missing)
    page = await paginate(session, statement, paging, key=key, view=_topic, descending=True)
    return Page(items=await views.gaps(session, page.items, place), next=page.next, total=page.total)


@router.get("/{topic_id}/coverage", response_model=views.GapMap, responses=documented(TopicNotFound))
async def get_coverage(topic_id: UUID, _caller: Anyone, session: Reading, place: PlaceFilter) -> views.GapMap:
    """Return the gap map: what is known by way of knowing, country, setting and year, and which questions wait.

    With `country` or `setting`, what is known from there; questions are those of all places.
    """
    return views.gap_map(await queries.topic_coverage(session, topic_id, place))


def _topic(row: tuple[Topic, int, UUID]) -> Topic:
    topic, _, _ = row
    return topic
