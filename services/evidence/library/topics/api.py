"""Topics over HTTP."""

import hashlib
import re
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from sqlmodel import col

from services.evidence.callers import Anyone, EditorOrPartner
from services.evidence.library.topics import commands, details, queries, rules
from services.evidence.library.topics.tables import Topic
from services.evidence.library.topics.views import NewTopic, TopicBranch, TopicDetails, TopicPatch, TopicView
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, Match
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/topics", "Topics")


async def _check_words(request: Request) -> commands.CheckWords:
    return request.app.state.check_words


CheckWords = Annotated[commands.CheckWords, Depends(_check_words)]


@router.post(
    "",
    status_code=201,
    response_model=TopicView,
    responses=documented(rules.TopicExists, queries.TopicNotFound, rules.NameTaken, rules.TooDeep, Invalid),
)
async def create_topic(
    new: NewTopic, _caller: EditorOrPartner, uow: Transaction, response: Response, check_words: CheckWords
) -> Topic:
    """Add a topic to the tree."""
    topic = await commands.create_topic(uow, new, check_words)
    return await flush_and_tag(uow, response, topic, location=f"/v1/topics/{topic.id}")


@router.patch(
    "/{topic_id}",
    response_model=TopicView,
    responses=documented(
        queries.TopicNotFound,
        rules.TopicExists,
        rules.NameTaken,
        rules.TopicCycle,
        rules.TooDeep,
        Invalid,
        PreconditionFailed,
        PreconditionRequired,
    ),
)
async def update_topic(
    topic_id: UUID,
    patch: TopicPatch,
    match: IfMatch,
    _caller: EditorOrPartner,
    uow: Transaction,
    response: Response,
    check_words: CheckWords,
) -> Topic:
    """Rename a topic, move it in the tree, or replace its synonyms."""
    topic = await commands.change_topic(uow, topic_id, without_digest(match), patch, check_words)
    return await flush_and_tag(uow, response, topic)


@router.get("", response_model=Page[TopicView])
async def list_topics(
    _caller: Anyone,
    session: Reading,
    paging: Paging,
    parent: Annotated[UUID | None, Query(description="Only topics directly under this one.")] = None,
    name: Annotated[str | None, Query(max_length=120, description="Only topics with this name or synonym.")] = None,
) -> Page[TopicView]:
    """List every topic, the oldest first."""
    return await paginate(session, queries.list_topics(parent, name), paging, key=(col(Topic.id),), view=TopicView)


@router.get("/tree", response_model=list[TopicBranch])
async def get_tree(_caller: Anyone, session: Reading) -> list[TopicBranch]:
    """Return the whole tree, with what is published under each topic.

    Of more than 2,000 topics only the upper levels are returned: read deeper ones at /v1/topics?parent=.
    """
    return await details.topic_tree(session)


@router.get("/{topic_id}", response_model=TopicDetails, responses=documented(queries.TopicNotFound))
async def get_topic(topic_id: UUID, _caller: Anyone, session: Reading, response: Response) -> TopicDetails:
    """Return a topic, how its priority was calculated, and what is published under it."""
    topic, version = await details.topic_details(session, topic_id)
    digest = hashlib.sha256(topic.model_dump_json().encode()).hexdigest()[:16]
    response.headers["ETag"] = f'"{version}.{digest}"'
    return topic


def without_digest(match: Match) -> Match:
    """Return If-Match with the version alone.

    The ETag of GET also has a digest, because what is shown of a topic changes more often than the topic itself.
    """
    return Match(match.header and re.sub(r'"(\d+)\.[0-9a-f]+"', r'"\1"', match.header))
