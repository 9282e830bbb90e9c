"""Create, rename and move topics."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from services.evidence.library.topics import queries, rules
from services.evidence.library.topics.tables import Topic
from services.evidence.library.topics.views import NewTopic, TopicPatch
from shared.http.etags import Match
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import FieldError, Invalid

CheckWords = Callable[[UnitOfWork, Mapping[str, str | None]], Awaitable[None]]
"""Raises Invalid where one of these texts, by its pointer, repeats what somebody took back.

Items, whose words these are, are filed under topics, so that topics cannot ask them.
"""


async def create_topic(uow: UnitOfWork, new: NewTopic, check_words: CheckWords) -> Topic:
    """Add a topic to the tree. Raises TopicNotFound for the parent, TopicExists, NameTaken, TooDeep, Invalid."""
    await check_words(uow, _texts(new.name, new.synonyms))
    await queries.lock_tree(uow.session)
    parent = await queries.get_topic(uow.session, new.parent_id) if new.parent_id else None
    topic, created = rules.create(new.name, parent, await queries.levels_above(uow.session, new.parent_id))
    names = rules.normalise_synonyms(new.name, new.synonyms)
    await _check_names(uow, topic, names)
    topic.synonyms = new.synonyms
    uow.save(topic)
    uow.publish(created)
    await queries.save_synonyms(uow.session, topic.id, names)
    return topic


async def change_topic(
    uow: UnitOfWork, topic_id: UUID, match: Match, patch: TopicPatch, check_words: CheckWords
) -> Topic:
    """Rename a topic, move it in the tree, or replace its synonyms.

    Raises TopicNotFound, PreconditionFailed, PreconditionRequired, TopicCycle, TooDeep, TopicExists, NameTaken and
    Invalid.
    """
    await queries.lock_tree(uow.session)
    topic = await queries.lock_topic(uow.session, topic_id)
    match.check(topic)
    changes = patch.model_dump(exclude_unset=True)
    if "name" in changes and patch.name is None:
        raise Invalid(errors=[FieldError(pointer="/name", detail="A topic needs a name.")])
    await check_words(uow, _texts(patch.name, patch.synonyms or []))
    parent_id = changes.get("parent_id", topic.parent_id)
    if parent_id != topic.parent_id:
        parent = await queries.get_topic(uow.session, parent_id) if parent_id else None
        levels_above = await queries.levels_above(uow.session, parent_id)
        rules.check_parent(await queries.levels_below(uow.session, topic_id), parent, levels_above)
    if changed := rules.change(topic, patch.name or topic.name, parent_id):
        uow.publish(changed, of=topic)
    if "synonyms" in changes:
        topic.synonyms = patch.synonyms or []
    names = rules.normalise_synonyms(topic.name, topic.synonyms)
    with uow.session.no_autoflush:
        await _check_names(uow, topic, names)
    await queries.save_synonyms(uow.session, topic_id, names)
    return topic


def _texts(name: str | None, synonyms: Sequence[str]) -> dict[str, str | None]:
    return {"/name": name, **{f"/synonyms/{position}": synonym for position, synonym in enumerate(synonyms)}}


async def _check_names(uow: UnitOfWork, topic: Topic, synonyms: list[str]) -> None:
    """Raise TopicExists or NameTaken if the name or a synonym belongs to another topic."""
    existing_id = await queries.topic_with_name(uow.session, topic.parent_id, topic.name)
    if existing_id not in (None, topic.id):
        raise rules.TopicExists(topic_id=existing_id)
    names = [rules.normalise_name(topic.name), *synonyms]
    owner_id = await queries.topic_with_synonym(uow.session, names, besides=topic.id)
    owner_id = owner_id or await queries.topic_named(uow.session, synonyms, besides=topic.id)
    if owner_id:
        raise rules.NameTaken(topic_id=owner_id)
