"""Change the consent of an account, and the credit of practice knowledge."""

from uuid import UUID

from services.evidence.library.consent import rules
from services.evidence.library.items import queries as item_queries
from services.evidence.library.items.attribution import credited_names, dated_consent, dated_credit
from services.evidence.library.items.commands import withdraw
from services.evidence.library.items.descriptions import Consent, Credit
from services.evidence.library.items.queries import ItemRow
from services.evidence.library.items.rules import published_event
from services.evidence.library.items.tables import Item
from services.evidence.library.topics.classification import topics_of
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.persistence import idempotency
from shared.persistence.unit_of_work import UnitOfWork


async def change_consent(uow: UnitOfWork, item_id: UUID, caller: Caller, match: Match, consent: Consent) -> ItemRow:
    """Replace the consent of an account, in every edition at once.

    A published account that may no longer be published is withdrawn. Raises ItemNotFound, ItemWithdrawn,
    MergedItemIsReadOnly, PreconditionFailed, PreconditionRequired, and the refusals of
    `rules.check_may_change_consent`.
    """
    item = await item_queries.lock_visible_item(uow.session, item_id, caller)
    rules.check_may_change_consent(caller, item, consent)
    match.check(item)
    consent = dated_consent(consent, item.details.get("consent"), clock.today())
    uow.record("agreed", "Item", item.id, after={"to_publish": consent.to_publish, "attribution": consent.attribution})
    if item.status == "published" and not consent.to_publish:
        await withdraw(uow, item, by="contributor")
    else:
        item.consent_to_publish = consent.to_publish
        await _save_agreement(uow, item, "consent", consent)
    return await item_queries.get_item(uow.session, item_id)


async def change_credit(uow: UnitOfWork, item_id: UUID, caller: Caller, match: Match, credit: Credit) -> ItemRow:
    """Replace the credit of practice knowledge, in every edition at once.

    Raises ItemNotFound, ItemWithdrawn, MergedItemIsReadOnly, PreconditionFailed, PreconditionRequired, and the
    refusals of `rules.check_may_change_credit`.
    """
    item = await item_queries.lock_visible_item(uow.session, item_id, caller)
    rules.check_may_change_credit(caller, item, credit)
    match.check(item)
    await _save_agreement(uow, item, "credit", dated_credit(credit, item.details.get("credit"), clock.today()))
    return await item_queries.get_item(uow.session, item_id)


async def _save_agreement(uow: UnitOfWork, item: Item, field: str, agreement: Consent | Credit) -> None:
    """Store it. If it changes who is named, publish that and erase stored answers that name them as before."""
    names = credited_names(item.way_of_knowing, item.details)
    item.details = {**item.details, field: agreement.model_dump(mode="json")}
    if credited_names(item.way_of_knowing, item.details) == names:
        return
    await idempotency.redact_responses(uow.session, item.id)
    if item.status == "published":
        uow.publish(published_event(item, await topics_of(uow.session, item.id)))
