"""Add, change, publish and withdraw items.

Functions on a locked item (`replace_description`, `withdraw`) are for other slices, which decide for themselves who may
do it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from services.evidence.library.items import queries, rules
from services.evidence.library.items.attribution import (
    check_given,
    check_keeps_agreement,
    credited_names,
    with_agreement_dates,
)
from services.evidence.library.items.descriptions import description_adapter
from services.evidence.library.items.editions import queries as editions
from services.evidence.library.items.identifiers import queries as identifiers
from services.evidence.library.items.queries import ItemRow
from services.evidence.library.items.tables import Item, Proposal, Side
from services.evidence.library.items.views import description_of
from services.evidence.library.items.words import queries as words
from services.evidence.library.items.words.content import changed_fields, wording
from services.evidence.library.items.words.rules import (
    COMPARED_FIELDS,
    WORD_FIELDS,
    WordsTakenBack,
    check_none_waits,
    compared_texts_of,
    fingerprints_of,
    is_taken_back,
    propose,
    remembered_fingerprints,
    texts_by_pointer,
    texts_of,
)
from services.evidence.library.topics import classification
from services.evidence.library.topics.queries import unknown_topics
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.http.merge_patch import merge_patch, parse_merged
from shared.persistence import idempotency
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import FieldError, Invalid


class ChangedField(NamedTuple):
    """The value of one field before and after a change."""

    before: object
    after: object


async def add_item(uow: UnitOfWork, description: rules.Description, caller: Caller) -> ItemRow:
    """Add a draft. Raises Invalid for a topic that does not exist, ConsentNotGiven, WordsTakenBack, DuplicateWork."""
    check_given(caller, description)
    description = with_agreement_dates(description, {}, clock.today())
    item = rules.add(description, caller.id)
    await _check_words(uow, item)
    await _check_references(uow, description, item)
    uow.save(item)
    await _save_references(uow, description, item)
    return await queries.get_item(uow.session, item.id)


async def change_item(
    uow: UnitOfWork, item_id: UUID, caller: Caller, match: Match, patch: dict[str, Any]
) -> ItemRow | Proposal:
    """Apply a JSON Merge Patch to the description of the item. Returns the item, or the proposal to change its words.

    Where the caller can only propose other words (`rules.proposing_side`), an editor's other changes apply at once.
    Raises ItemNotFound, ItemWithdrawn, MergedItemIsReadOnly, ConsentBelongsToPerson, ConsentNotGiven,
    PreconditionFailed, PreconditionRequired, RequestValidationError, AnotherProposalWaits, and the refusals of
    `rules.check_may_change` and `replace_description`.
    """
    item = await queries.lock_visible_item(uow.session, item_id, caller)
    rules.check_may_change(caller, item)
    match.check(item)
    topics = await classification.topics_of(uow.session, item_id)
    current = parse_description(description_of(item, topics))
    description = parse_description(merge_patch(description_of(item, topics), patch))
    rules.check_way_of_knowing(item, description)
    check_keeps_agreement(caller, item, description)
    check_given(caller, description, current)
    side = rules.proposing_side(caller, item)
    changes = _field_changes(current, description) if side else {}
    proposed = {name: change for name, change in changes.items() if name in WORD_FIELDS[item.way_of_knowing]}
    if side == "contributor" and changes.keys() != proposed.keys():
        raise rules.OnlyEditorsChangePublished
    if side != "contributor" and (not proposed or changes.keys() != proposed.keys()):
        rest = description.model_copy(update={name: getattr(current, name) for name in proposed})
        await replace_description(uow, item, with_agreement_dates(rest, item.details, clock.today()))
    if side and proposed:
        return await _propose(uow, item, side, caller, proposed)
    return await queries.get_item(uow.session, item_id)


async def publish_item(uow: UnitOfWork, item_id: UUID, match: Match) -> ItemRow:
    """Publish the item, without If-Match as it is.

    Raises ItemNotFound, PreconditionFailed, WordsTakenBack and the refusals of `rules.publish`.
    """
    item = await queries.lock_item(uow.session, item_id)
    match.check_if_sent(item)
    uow.publish(rules.publish(item, await classification.topics_of(uow.session, item_id), clock.now()))
    await _check_words(uow, item)
    await _remember_words(uow, item)
    await classification.set_published(uow.session, item_id, item.published_at)
    return await queries.get_item(uow.session, item_id)


async def withdraw_item(
    uow: UnitOfWork, item_id: UUID, caller: Caller, match: Match, reason: str | None = None
) -> Item:
    """Withdraw the item for its contributor or an editor, without If-Match as it is.

    Raises ItemNotFound, ItemWithdrawn, MergedItemIsReadOnly, NotAllowed, PreconditionFailed.
    """
    item = await queries.lock_visible_item(uow.session, item_id, caller)
    rules.check_contributor_or_editor(caller, item)
    match.check_if_sent(item)
    await withdraw(uow, item, by="contributor" if rules.is_contributor(caller, item) else "editor", reason=reason)
    return item


async def replace_description(
    uow: UnitOfWork,
    item: Item,
    description: rules.Description,
    *,
    changed_by: Side = "editor",
    agreed: bool = False,
) -> None:
    """Replace the description of a locked item.

    A published item keeps its earlier edition, and from which side the new one came (`agreed`: the other side said
    yes). Publishes `EvidenceChanged` if its text changed, and `EvidencePublished` if its topics or the people it names
    changed. Raises Invalid for a topic that does not exist, DuplicateWork, PublishedNeedsConsent, WayOfKnowingIsFixed,
    WordsTakenBack.
    """
    topics = await classification.topics_of(uow.session, item.id)
    edition, before, now = item.edition, wording(item), clock.now()
    names = credited_names(item.way_of_knowing, item.details)
    changed = rules.change(item, description, now)
    fields = changed_fields(before, wording(item))
    # Flushed, a second description of a work would be refused by the database, without the id of the first.
    with uow.session.no_autoflush:
        if fields & COMPARED_FIELDS:
            texts = (before["title"], before["summary"], before["setting"], before["details"])
            await _check_words(uow, item, compared_texts_of(*texts))
        await _check_references(uow, description, item)
    await _save_references(uow, description, item)
    if changed is not None:
        await editions.save_edition(uow.session, item.id, edition, before, now)
        await words.save_change(uow.session, item.id, item.edition, changed_by, agreed=agreed, fields=fields)
        await _remember_words(uow, item)
        uow.publish(changed)
    is_reclassified = set(description.topics) != set(topics)
    if item.status == "published" and (is_reclassified or credited_names(item.way_of_knowing, item.details) != names):
        uow.publish(rules.published_event(item, description.topics))


async def withdraw(uow: UnitOfWork, item: Item, *, by: Side | None = None, reason: str | None = None) -> None:
    """Withdraw a locked item. Of an account or practice knowledge, the text of every edition is erased.

    Keyed hashes of the words stay, so that nobody else brings them back.
    """
    if item.way_of_knowing != "research":
        earlier = await words.earlier_texts(uow.session, item.id)
        texts = [text for summary, details in earlier for text in texts_of(summary, details)]
        # A draft that a file brought was nobody's to take back: the file may be corrected and come again.
        if item.contributor_id is not None or item.published_at is not None:
            await _remember_words(uow, item, texts, shown_at=item.published_at)
        # Nobody can have quoted what was never shown; nobody here gave what a file alone brought.
        if item.contributor_id is not None and (item.published_at or item.held_back_at):
            await words.request_scan(uow.session, item)
        await editions.delete_editions(uow.session, item.id)
        await words.forget_changes(uow.session, item.id)
        await words.erase_proposed_words(uow.session, item.id, clock.now(), waiting=True)
    if withdrawn := rules.withdraw(item, clock.now(), by, reason):
        uow.publish(withdrawn)
    await classification.set_published(uow.session, item.id, None)
    await idempotency.redact_responses(uow.session, item.id)


def parse_description(document: object) -> rules.Description:
    """Validate a description that was put together from the stored one and a change.

    Raises RequestValidationError, as if it had been the body of the request.
    """
    return parse_merged(description_adapter.validate_json, document)


def _field_changes(current: rules.Description, description: rules.Description) -> dict[str, ChangedField]:
    """Return what changes, by field, as JSON."""
    before, after = (version.model_dump(mode="json", by_alias=True) for version in (current, description))
    return {name: ChangedField(before.get(name), value) for name, value in after.items() if value != before.get(name)}


async def _propose(
    uow: UnitOfWork, item: Item, side: Side, proposer: Caller, changes: Mapping[str, ChangedField]
) -> Proposal:
    """Store the proposal. Raises AnotherProposalWaits, WordsTakenBack: nobody reads again what was taken back."""
    check_none_waits(await words.waiting_proposals(uow.session, item.id), side)
    before, after = ({name: change[which] for name, change in changes.items()} for which in (0, 1))
    texts_before = compared_texts_of(item.title, item.summary, item.setting, item.details)
    await _check_texts(uow, item, list(texts_by_pointer(after).values()), texts_before)
    proposal = propose(item.id, side, proposer, before, after)
    uow.save(proposal)
    await uow.session.flush()
    return proposal


async def _check_words(uow: UnitOfWork, item: Item, texts_before: Sequence[str] = ()) -> None:
    """Refuse words that somebody else took back. Raises WordsTakenBack."""
    texts = compared_texts_of(item.title, item.summary, item.setting, item.details)
    await _check_texts(uow, item, texts, texts_before)


async def _check_texts(uow: UnitOfWork, item: Item, texts: Sequence[str], texts_before: Sequence[str]) -> None:
    """Refuse texts for an item that somebody else took back, but for what it said before. Raises WordsTakenBack."""
    fingerprints = fingerprints_of(texts, uow.secret)
    candidates = await words.known_texts(uow.session, [("", fingerprints)])
    before = fingerprints_of(texts_before, uow.secret)
    if is_taken_back(fingerprints, candidates, item.contributor_id, before):
        raise WordsTakenBack


async def _remember_words(
    uow: UnitOfWork, item: Item, earlier_texts: Sequence[str] = (), *, shown_at: datetime | None = None
) -> None:
    """Store the fingerprints of an account, and of practice knowledge that a person gave here: shown from now on."""
    if item.way_of_knowing == "lived_experience" or (item.way_of_knowing != "research" and item.contributor_id):
        texts = [*texts_of(item.summary, item.details), *earlier_texts]
        fingerprints = remembered_fingerprints(texts, uow.secret)
        await words.remember(uow.session, item.id, fingerprints, shown_at or clock.now())


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
