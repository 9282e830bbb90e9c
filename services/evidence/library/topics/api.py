"""Topics over HTTP."""

import hashlib
import re
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import AfterValidator, Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.callers import Anyone, EditorOrPartner
from services.evidence.library.topics import queries, rules, voices
from services.evidence.library.topics.filed import coverage as coverage_of
from services.evidence.library.topics.tables import Topic
from services.evidence.library.topics.views import (
    Branch,
    Coverage,
    RaisedView,
    Reached,
    TopicView,
    VoiceView,
    WholeTopic,
)
from services.evidence.small_numbers import in_fives
from shared import clock
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, Match, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import FieldError, Invalid, PreconditionFailed, PreconditionRequired, documented
from shared.views import Body

router = create_router("/v1/topics", "topics")


def _on_one_line(name: str) -> str:
    return " ".join(name.split())


Name = Annotated[
    str, StringConstraints(min_length=2, max_length=120, pattern=r"^[^<>]*$"), AfterValidator(_on_one_line)
]


class NewTopic(Body):
    name: Name = Field(examples=["Carers' health"])
    parent_id: UUID | None = None
    synonyms: list[Name] = Field(default=[], max_length=50, description="Other words that lead here.")


class TopicPatch(Body):
    """What changes (RFC 7396). Without a parent a topic stands at the top; the synonyms given take the place of all."""

    name: Name | None = None
    parent_id: UUID | None = None
    synonyms: list[Name] | None = Field(default=None, max_length=50)


@router.post(
    "",
    status_code=201,
    response_model=TopicView,
    responses=documented(rules.TopicExists, rules.TopicNotFound, rules.WordTaken, rules.TooDeep),
)
async def create_topic(new: NewTopic, caller: EditorOrPartner, uow: Transaction, response: Response) -> Topic:
    """Add a subject area to the tree."""
    await queries.hold_tree(uow.session)
    parent = await queries.topic(uow.session, new.parent_id) if new.parent_id else None
    topic, created = rules.create(new.name, parent, await queries.levels_above(uow.session, new.parent_id))
    words = rules.check_synonyms(new.name, new.synonyms)
    await _check_words(uow, topic, words)
    topic.synonyms = new.synonyms
    uow.save(topic)
    uow.publish(created)
    await uow.session.flush()
    await queries.keep_synonyms(uow.session, topic.id, words)
    response.headers["Location"] = f"/v1/topics/{topic.id}"
    set_etag(response, topic)
    return topic


@router.patch(
    "/{topic_id}",
    response_model=TopicView,
    responses=documented(
        rules.TopicNotFound,
        rules.TopicExists,
        rules.WordTaken,
        rules.InCircle,
        rules.TooDeep,
        Invalid,
        PreconditionFailed,
        PreconditionRequired,
    ),
)
async def change_topic(
    topic_id: UUID, patch: TopicPatch, match: IfMatch, caller: EditorOrPartner, uow: Transaction, response: Response
) -> Topic:
    """Give a topic another name, another place in the tree, or other words that lead to it."""
    await queries.hold_tree(uow.session)
    topic = await queries.lock_topic(uow.session, topic_id)
    without_digest(match).check(topic)
    wanted = patch.model_dump(exclude_unset=True)
    if "name" in wanted and patch.name is None:
        raise Invalid(errors=[FieldError(pointer="/name", detail="A topic needs a name.")])
    parent_id = wanted.get("parent_id", topic.parent_id)
    if parent_id != topic.parent_id:
        parent = await queries.topic(uow.session, parent_id) if parent_id else None
        above = await queries.levels_above(uow.session, parent_id)
        rules.check_place(await queries.levels_below(uow.session, topic_id), parent, above)
    if changed := rules.change(topic, patch.name or topic.name, parent_id):
        uow.publish(changed, of=topic)
    if "synonyms" in wanted:
        topic.synonyms = patch.synonyms or []
    words = rules.check_synonyms(topic.name, topic.synonyms)
    with uow.session.no_autoflush:
        await _check_words(uow, topic, words)
    await uow.session.flush()
    await queries.keep_synonyms(uow.session, topic_id, words)
    set_etag(response, topic)
    return topic


async def _check_words(uow: UnitOfWork, topic: Topic, words: list[str]) -> None:
    """Raises TopicExists or WordTaken."""
    existing = await queries.same_name(uow.session, topic.parent_id, topic.name)
    if existing not in (None, topic.id):
        raise rules.TopicExists(topic_id=existing)
    taken = await queries.topic_of_word(uow.session, [rules.word(topic.name), *words], besides=topic.id)
    taken = taken or await queries.topic_of_name(uow.session, words, besides=topic.id)
    if taken:
        raise rules.WordTaken(topic_id=taken)


@router.get("", response_model=Page[TopicView])
async def list_topics(
    caller: Anyone,
    session: Reading,
    paging: Paging,
    parent: Annotated[UUID | None, Query(description="Only those right under this topic.")] = None,
    name: Annotated[
        str | None, Query(max_length=120, description="Only topics of this name, or with it as a synonym.")
    ] = None,
) -> Page[TopicView]:
    """Every topic, the oldest first."""
    return await paginate(session, queries.topics_of(parent, name), paging, key=(col(Topic.id),), view=TopicView)


@router.get("/tree", response_model=list[Branch])
async def show_tree(caller: Anyone, session: Reading) -> list[Branch]:
    """The whole tree, with what is known of each topic.

    Of more than 2,000 topics the upper levels are shown: what lies deeper is at /v1/topics?parent=.
    """
    topics = await queries.whole_tree(session)
    coverage = await coverage_of(session, [topic.id for topic in topics])
    branches = {
        topic.id: Branch(
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


@router.get("/{topic_id}", response_model=WholeTopic, responses=documented(rules.TopicNotFound))
async def get_topic(topic_id: UUID, caller: Anyone, session: Reading, response: Response) -> WholeTopic:
    """A topic, how it came to its priority, and what is known of it."""
    topic = await queries.topic(session, topic_id)
    coverage = await coverage_of(session, [topic_id])
    whole = WholeTopic(
        **topic.model_dump(include=set(WholeTopic.model_fields)),
        reached=await _reached(session, topic_id),
        coverage=Coverage(**coverage.get(topic_id, {})),
    )
    digest = hashlib.sha256(whole.model_dump_json().encode()).hexdigest()[:16]
    response.headers["ETag"] = f'"{topic.version}.{digest}"'
    return whole


async def _reached(session: AsyncSession, topic_id: UUID) -> Reached:
    said = await voices.of(session, topic_id)
    raised = (await voices.attention(session, clock.now() - rules.HEARD_FOR)).get(topic_id, [])
    return Reached(
        rule=rules.HOW_REACHED,
        voices=[VoiceView.model_validate(voice) for voice in said],
        raised=[
            RaisedView(
                source="assemblies" if one.kind == "assembly" else "requests",
                score=one.score,
                heard=in_fives(one.people),
                counted=rules.counts(one, said),
            )
            for one in raised
        ],
    )


def without_digest(match: Match) -> Match:
    """What is read changes more often than the topic itself: its tag names the topic's version, and what was read."""
    return Match(match.header and re.sub(r'"(\d+)\.[0-9a-f]+"', r'"\1"', match.header))
