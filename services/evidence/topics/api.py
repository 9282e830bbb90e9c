"""Topics over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import Field, StringConstraints
from sqlmodel import col

from services.evidence.topics import queries, rules
from services.evidence.topics.tables import Topic
from shared.auth import Caller, Role, allow
from shared.database import Reading, Transaction
from shared.http import Body, Public, View, tag
from shared.http import router as slice_router
from shared.pagination import Page, Paging, paginate
from shared.problems import documented

router = slice_router("/v1/topics", "topics")

Editor = Annotated[Caller, Depends(allow(Role.EVIDENCE_EDITOR, scope="evidence:write"))]


class NewTopic(Body):
    name: Annotated[str, StringConstraints(min_length=2, max_length=120)] = Field(examples=["Carers' health"])
    parent_id: UUID | None = None


class TopicView(View):
    """A subject area. `priority` is 0 to 100, and null until somebody was asked."""

    id: UUID
    name: str
    parent_id: UUID | None
    priority: int | None


class Coverage(View):
    """Published items under a topic and those below it, by way of knowing."""

    research: int = 0
    lived_experience: int = 0
    practice_knowledge: int = 0


class VoiceView(View):
    """What one survey said of a topic."""

    survey_id: UUID
    score: int
    respondents: int
    heard_at: datetime


class Reached(View):
    """How the priority came about: the rule, and everything that went into it."""

    rule: str
    voices: list[VoiceView]


class WholeTopic(TopicView):
    reached: Reached
    coverage: Coverage
    created_at: datetime


class Branch(TopicView):
    """A topic, what is known of it, and the topics under it."""

    coverage: Coverage
    topics: list["Branch"]


@router.post(
    "",
    status_code=201,
    response_model=TopicView,
    responses=documented(rules.TopicExists, rules.TopicNotFound, rules.TooDeep),
)
async def create_topic(new: NewTopic, caller: Editor, uow: Transaction, response: Response) -> Topic:
    """Add a subject area to the tree."""
    parent = await queries.topic(uow.session, new.parent_id) if new.parent_id else None
    if existing := await queries.same_name(uow.session, new.parent_id, new.name):
        raise rules.TopicExists(topic_id=existing)
    topic, created = rules.create(new.name, parent, await queries.levels_above(uow.session, new.parent_id))
    uow.save(topic)
    uow.publish(created)
    await uow.session.flush()
    response.headers["Location"] = f"/v1/topics/{topic.id}"
    tag(response, topic)
    return topic


@router.get("", response_model=Page[TopicView])
async def list_topics(
    caller: Public,
    session: Reading,
    paging: Paging,
    parent: Annotated[UUID | None, Query(description="Only those right under this topic.")] = None,
    name: Annotated[str | None, Query(max_length=120, description="Only the topic of this name.")] = None,
) -> Page[TopicView]:
    """Every topic, the oldest first."""
    return await paginate(session, queries.topics_of(parent, name), paging, key=(col(Topic.id),), view=TopicView)


@router.get("/tree", response_model=list[Branch])
async def show_tree(caller: Public, session: Reading) -> list[Branch]:
    """The whole tree, with what is known of each topic.

    Of more than 2,000 topics the upper levels are shown: what lies deeper is at /v1/topics?parent=.
    """
    topics = await queries.whole_tree(session)
    coverage = await queries.coverage(session, [topic.id for topic in topics])
    branches = {
        topic.id: Branch(
            id=topic.id,
            name=topic.name,
            parent_id=topic.parent_id,
            priority=topic.priority,
            coverage=Coverage(**coverage.get(topic.id, {})),
            topics=[],
        )
        for topic in topics
    }
    for branch in branches.values():
        if branch.parent_id is not None:
            branches[branch.parent_id].topics.append(branch)
    return [branch for branch in branches.values() if branch.parent_id is None]


@router.get("/{topic_id}", response_model=WholeTopic, responses=documented(rules.TopicNotFound))
async def get_topic(topic_id: UUID, caller: Public, session: Reading) -> WholeTopic:
    """A topic, how it came to its priority, and what is known of it."""
    topic = await queries.topic(session, topic_id)
    voices = await queries.voices(session, topic_id)
    coverage = await queries.coverage(session, [topic_id])
    return WholeTopic(
        id=topic.id,
        name=topic.name,
        parent_id=topic.parent_id,
        priority=topic.priority,
        created_at=topic.created_at,
        reached=Reached(rule=rules.HOW_REACHED, voices=[VoiceView.model_validate(voice) for voice in voices]),
        coverage=Coverage(**coverage.get(topic_id, {})),
    )


@router.get("/{topic_id}/coverage", response_model=Coverage, responses=documented(rules.TopicNotFound))
async def show_coverage(topic_id: UUID, caller: Public, session: Reading) -> Coverage:
    """How many published items of each way of knowing there are under a topic: where a voice is missing."""
    await queries.topic(session, topic_id)
    return Coverage(**(await queries.coverage(session, [topic_id])).get(topic_id, {}))
