"""Add, change, publish and withdraw items.

Functions on a locked item (`replace_description`, `withdraw`) are for other slices, which decide for themselves who may
do it.
"""

from typing import Any
from uuid import UUID

from services.evidence.library.items import queries, rules
from services.evidence.library.items.attribution import check_keeps_agreement, credited_names, with_agreement_dates
from services.evidence.library.items.descriptions import description_adapter
from services.evidence.library.items.editions import queries as editions
from services.evidence.library.items.identifiers import queries as identifiers
from services.evidence.library.items.queries import ItemRow
from services.evidence.library.items.tables import Item
from services.evidence.library.items.views import description_of
from services.evidence.library.topics import classification
from services.evidence.library.topics.queries import unknown_topics
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.http.merge_patch import merge_patch, parse_merged
from shared.persistence import idempotency
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import FieldError, Invalid


async def add_item(uow: UnitOfWork, description: rules.Description, caller: Caller) -> ItemRow:
    """Add a draft. Raises Invalid for a topic that does not exist, DuplicateWork."""
    description = with_agreement_dates(description, {}, clock.today())
    item = rules.add(description, caller.id)
    await _check_references(uow, description, item)
    uow.save(item)
    await _save_references(uow, description, item)
    return await queries.get_item(uow.session, item.id)


async def change_item(uow: UnitOfWork, item_id: UUID, caller: Caller, match: Match, patch: dict[str, Any]) -> ItemRow:
    """Apply a JSON Merge Patch to the description of the item.

    Raises ItemNotFound, ItemWithdrawn, MergedItemIsReadOnly, ConsentBelongsToPerson, PreconditionFailed,
    PreconditionRequired, RequestValidationError, and the refusals of `rules.check_may_change` and
    `replace_description`.
    """
    item = await queries.lock_visible_item(uow.session, item_id, caller)
    rules.check_may_change(caller, item)
    match.check(item)
    topics = await classification.topics_of(uow.session, item_id)
    description = parse_description(merge_patch(description_of(item, topics), patch))
    check_keeps_agreement(caller, item, description)
    await replace_description(uow, item, with_agreement_dates(description, item.details, clock.today()))
    return await queries.get_item(uow.session, item_id)


async def publish_item(uow: UnitOfWork, item_id: UUID) -> ItemRow:
    """Publish the item. Raises ItemNotFound and the refusals of `rules.publish`."""
    item = await queries.lock_item(uow.session, item_id)
    uow.publish(rules.publish(item, await classification.topics_of(uow.session, item_id), clock.now()))
    await classification.set_published(uow.session, item_id, item.published_at)
    return await queries.get_item(uow.session, item_id)


async def withdraw_item(uow: UnitOfWork, item_id: UUID, caller: Caller) -> Item:
    """Withdraw the item for its contributor or an editor.

    Raises ItemNotFound, ItemWithdrawn, MergedItemIsReadOnly, NotAllowed.
    """
    item = await queries.lock_visible_item(uow.session, item_id, caller)
    rules.check_contributor_or_editor(caller, item)
    await withdraw(uow, item)
    return item


async def replace_description(uow: UnitOfWork, item: Item, description: rules.Description) -> None:
    """Replace the description of a locked item.

    A published item keeps its earlier edition. Publishes `EvidenceChanged` if its text changed, and `EvidencePublished`
    if its topics or the people it names changed. Raises Invalid for a topic that does not exist, DuplicateWork,
    PublishedNeedsConsent, WayOfKnowingIsFixed.
    """
    topics = await classification.topics_of(uow.session, item.id)
    edition, before, now = item.edition, rules.wording(item), clock.now()
    names = credited_names(item.way_of_knowing, item.details)
    changed = rules.change(item, description, now)
    # Flushed, a second description of a work would be refused by the database, without the id of the first.
    with uow.session.no_autoflush:
        await _check_references(uow, description, item)
    await _save_references(uow, description, item)
    if changed is not None:
        await editions.save_edition(uow.session, item.id, edition, before, now)
        uow.publish(changed)
    is_reclassified = set(description.topics) != set(topics)
    if item.status == "published" and (is_reclassified or credited_names(item.way_of_knowing, item.details) != names):
        uow.publish(rules.published_event(item, description.topics))


async def withdraw(uow: UnitOfWork, item: Item) -> None:
    """Withdraw a locked item. Of an account or practice knowledge, the text of every edition is erased."""
    if withdrawn := rules.withdraw(item, clock.now()):
        uow.publish(withdrawn)
    await classification.set_published(uow.session, item.id, None)
    await idempotency.redact_responses(uow.session, item.id)
    if item.way_of_knowing != "research":
        await editions.delete_editions(uow.session, item.id)


def parse_description(document: object) -> rules.Description:
    """Validate a description that was put together from the stored one and a change.

    Raises RequestValidationError, as if it had been the body of the request.
    """
    return parse_merged(description_adapter.validate_json, document)


async def _check_references(uow: UnitOfWork, description: rules.Description, item: Item) -> None:
    """Raise Invalid for topics that do not exist, DuplicateWork for a work that another item describes."""
    if indexes := await unknown_topics(uow.session, description.topics):
        detail = "There is no such topic. The list is at /v1/topics."
        raise Invalid(errors=[FieldError(pointer=f"/topics/{index}", detail=detail) for index in indexes])
    if item.fingerprint is None:
        return
    await identifiers.lock_works(uow.session)
    names = rules.identifiers_of(description)
    works = await identifiers.known_works(uow.session, names, [item.fingerprint])
    if holder := works.holder(item.fingerprint, names, besides=item.id):
        raise rules.DuplicateWork(item_id=holder)


async def _save_references(uow: UnitOfWork, description: rules.Description, item: Item) -> None:
    """Save the topics and identifiers of the description."""
    await classification.classify(
        uow.session,
        item.id,
        description.topics,
        way_of_knowing=item.way_of_knowing,
        published_at=item.published_at,
    )
    if item.way_of_knowing == "research":
        await identifiers.save_identifiers(uow.session, item.id, rules.identifiers_of(description))
