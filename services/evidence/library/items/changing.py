"""The doors through which an item changes, whoever asks for it: what belongs together is done together."""

from services.evidence.library.items import editions, problems, queries, rules, wishes
from services.evidence.library.items.consent import Consent, Credit
from services.evidence.library.items.retraction import Retraction
from services.evidence.library.items.tables import Item
from services.evidence.library.items.views import attribution
from shared import clock
from shared.persistence import idempotency
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import FieldError, Invalid


async def describe(uow: UnitOfWork, item: Item, description: rules.Description) -> None:
    """Put a description in the place of the one before, of a locked item.

    A published item keeps the earlier edition, and is told of: `EvidenceChanged` where its words are others,
    `EvidencePublished` where its topics are, or whom it names. Raises Invalid for a topic that does not exist,
    AlreadyHeld, ConsentTakenBack, WayOfKnowingIsFixed.
    """
    topics = await queries.topics_of(uow.session, item.id)
    edition, before, now = item.edition, rules.wording(item), clock.now()
    credited = attribution(item.way_of_knowing, item.own)
    changed = rules.change(item, description, now)
    await check(uow, description, item)
    await keep(uow, description, item)
    if changed is not None:
        await editions.keep_edition(uow.session, item.id, edition, before, now)
        uow.publish(changed)
    anew = set(description.topics) != set(topics) or attribution(item.way_of_knowing, item.own) != credited
    if item.state == "published" and anew:
        uow.publish(rules.told(item, description.topics))


async def agree(uow: UnitOfWork, item: Item, consent: Consent) -> None:
    """What the person allows from now on, of a locked account: in every edition at once, and told where it shows.

    A published account that may no longer be published is withdrawn.
    """
    said = wishes.agreed_on(consent, item.own.get("consent"), clock.today())
    uow.record("agreed", "Item", item.id, after={"to_publish": said.to_publish, "attribution": said.attribution})
    if item.state == "published" and not said.to_publish:
        await withdraw(uow, item)
        return
    item.consent_to_publish = said.to_publish
    await _wish(uow, item, "consent", said)


async def credit(uow: UnitOfWork, item: Item, wanted: Credit) -> None:
    """Whom to name for practice knowledge from now on, of a locked item."""
    await _wish(uow, item, "credit", wishes.credited_on(wanted, item.own.get("credit"), clock.today()))


async def _wish(uow: UnitOfWork, item: Item, name: str, wish: Consent | Credit) -> None:
    credited = attribution(item.way_of_knowing, item.own)
    item.own = {**item.own, name: wish.model_dump(mode="json")}
    if attribution(item.way_of_knowing, item.own) == credited:
        return
    await idempotency.redact_responses(uow.session, item.id)
    if item.state == "published":
        uow.publish(rules.told(item, await queries.topics_of(uow.session, item.id)))


async def withdraw(uow: UnitOfWork, item: Item) -> None:
    """Out of sight everywhere, of a locked item. Of what a person said, the words of every edition are erased."""
    if withdrawn := rules.withdraw(item, clock.now()):
        uow.publish(withdrawn)
    await uow.session.flush()
    await queries.show_filings_since(uow.session, item.id, None)
    await idempotency.redact_responses(uow.session, item.id)
    if item.way_of_knowing != "research":
        await editions.forget_editions(uow.session, item.id)


async def erase_edition(uow: UnitOfWork, item: Item, edition: int) -> None:
    """The words of an earlier edition of a locked item. Raises EditionNotFound, EditionErased."""
    title = await editions.title_of(uow.session, item.id, edition)
    if not title:
        raise problems.EditionNotFound if title is None else problems.EditionErased
    await editions.erase_edition(uow.session, item.id, edition)
    await idempotency.redact_responses(uow.session, item.id)
    uow.record("edition erased", "Item", item.id, after={"edition": edition})
    item.updated_at = clock.now()


async def retract(uow: UnitOfWork, item: Item, retraction: Retraction) -> None:
    """Note what became of the work, of a locked item; tell of it where that is news of a published one."""
    if retracted := rules.retract(item, retraction, clock.now()):
        uow.publish(retracted)


async def check(uow: UnitOfWork, description: rules.Description, item: Item) -> None:
    """Topics that exist, and a work that the library does not hold yet."""
    if unknown := await queries.unknown_topics(uow.session, description.topics):
        detail = "There is no such topic. The list is at /v1/topics."
        raise Invalid(errors=[FieldError(pointer=f"/topics/{place}", detail=detail) for place in unknown])
    if item.fingerprint is None:
        return
    await queries.hold_works(uow.session)
    names = rules.identifiers_of(description)
    known = await queries.known_works(uow.session, names, [item.fingerprint])
    if holder := known.holder(item.fingerprint, names, besides=item.id):
        raise problems.AlreadyHeld(item_id=holder)


async def keep(uow: UnitOfWork, description: rules.Description, item: Item) -> None:
    """The topics and identifiers of a description, beside the item."""
    await uow.session.flush()
    await queries.file_under(uow.session, item, description.topics)
    if item.way_of_knowing == "research":
        await queries.identify(uow.session, item.id, rules.identifiers_of(description))
