"""What may become of an item, who may see it, and what the law and the person's consent say."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

import orjson
from starlette.responses import Response

from services.evidence.items.descriptions import (
    COMMON,
    LivedExperience,
    PracticeKnowledge,
    Research,
    own_fields,
)
from services.evidence.items.identifiers import OF_WORKS, fingerprint
from services.evidence.items.tables import Item
from shared.auth import Caller, Role
from shared.contracts.evidence import EvidencePublished, EvidenceWithdrawn
from shared.problems import Conflict, Gone, NotAllowed, NotFound


class ItemNotFound(NotFound):
    detail = "No evidence item with this id was found, or it is a draft that is not yours. Check the id, or search."


class ItemWithdrawn(Gone):
    title = "This item has been withdrawn"
    detail = "It is no longer shown or applied. Nothing needs to be done; search for what else is known."

    def __init__(self, item: "Seen | None" = None) -> None:
        super().__init__()
        self.item = item

    def response(self, public_url: str, instance: str | None = None, request_id: str | None = None) -> Response:
        """The problem, with the tombstone as a member of its own (RFC 9457, 3.2)."""
        answer = super().response(public_url, instance, request_id)
        if self.item is None:
            return answer
        left = {
            "id": str(self.item.id),
            "way_of_knowing": self.item.way_of_knowing,
            "withdrawn_at": self.item.withdrawn_at,
        }
        body = orjson.dumps({**orjson.loads(answer.body), "tombstone": left}, option=orjson.OPT_UTC_Z)
        return Response(body, answer.status_code, media_type=answer.media_type)


class AlreadyHeld(Conflict):
    title = "The library has this work already"
    detail = "It is the item {item_id}. Look there, and ask an editor if something should be changed."


class ConsentMissing(Conflict):
    title = "The person has not agreed to publish this"
    detail = (
        "This account may be published once the person who gave it says yes in `consent.to_publish`. Ask them; until "
        "then it stays a draft."
    )


class AlreadyPublished(Conflict):
    title = "This is published already"
    detail = "Nothing needs to be done. To change it, send a PATCH."


class EditorsAloneChangeThis(NotAllowed):
    title = "This is published and can be changed by an editor alone"
    detail = "Ask an evidence editor for the change, or withdraw it if you no longer want it to be shown."


class WayOfKnowingIsFixed(Conflict):
    title = "An item keeps its way of knowing"
    detail = "Withdraw this item and add a new one in the other way of knowing."


Description = Research | LivedExperience | PracticeKnowledge


class Seen(Protocol):
    """An item as an entity or as a row of columns."""

    @property
    def id(self) -> UUID: ...
    @property
    def way_of_knowing(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def contributor_id(self) -> UUID | None: ...
    @property
    def withdrawn_at(self) -> datetime | None: ...


def add(description: Description, contributor: UUID) -> Item:
    """A draft. Only its contributor and the editors see it."""
    item = Item(way_of_knowing=description.way_of_knowing, title=description.title, own={}, contributor_id=contributor)
    describe(item, description)
    return item


def describe(item: Item, description: Description) -> None:
    """Put a whole description in the place of the one before. Raises WayOfKnowingIsFixed."""
    if description.way_of_knowing != item.way_of_knowing:
        raise WayOfKnowingIsFixed
    for name in COMMON - {"topics", "way_of_knowing"}:
        setattr(item, name, getattr(description, name))
    item.own = own_fields(description)
    item.consent_to_publish = description.consent.to_publish if isinstance(description, LivedExperience) else None
    if item.state == "published":
        _check_consent(item)
    item.fingerprint = fingerprint_of(description) if isinstance(description, Research) else None
    item.identified = bool(identifiers_of(description))


def fingerprint_of(work: Research) -> str:
    year = work.published_on[:4] if work.published_on else None
    return fingerprint(work.title, year, work.authors, work.published_in, work.volume, work.pages)


def identifiers_of(description: Description) -> list[tuple[str, str]]:
    """Those by which the same work would be known again."""
    if not isinstance(description, Research):
        return []
    return sorted({(one.scheme, one.value) for one in description.identifiers if one.scheme in OF_WORKS})


def check_may_see(caller: Caller, item: Seen) -> None:
    """Everyone sees what is published; a draft, its contributor and the editors. Raises ItemWithdrawn, ItemNotFound."""
    if item.state == "withdrawn":
        raise ItemWithdrawn(item)
    if item.state != "published" and not may_see_all(caller, item):
        raise ItemNotFound


def may_see_all(caller: Caller, item: Seen) -> bool:
    """Also a draft, and what the person agreed to."""
    return is_own(caller, item) or is_editor(caller)


def is_own(caller: Caller, item: Seen) -> bool:
    return not caller.anonymous and item.contributor_id == caller.id


def is_editor(caller: Caller) -> bool:
    return caller.has(Role.EVIDENCE_EDITOR)


def check_may_change(caller: Caller, item: Item) -> None:
    """An editor; the contributor while it is a draft."""
    check_may_see(caller, item)
    if is_editor(caller):
        return
    if not is_own(caller, item):
        raise NotAllowed
    if item.state == "published":
        raise EditorsAloneChangeThis


def check_may_withdraw(caller: Caller, item: Item) -> None:
    """An editor, and at any time whoever gave it."""
    check_may_see(caller, item)
    if not may_see_all(caller, item):
        raise NotAllowed


def publish(item: Item, topics: list[UUID], now: datetime) -> EvidencePublished:
    """Raises ItemWithdrawn, AlreadyPublished or ConsentMissing."""
    if item.state == "withdrawn":
        raise ItemWithdrawn(item)
    if item.state == "published":
        raise AlreadyPublished
    _check_consent(item)
    item.state = "published"
    item.published_at = now
    return told(item, topics)


def told(item: Item, topics: list[UUID]) -> EvidencePublished:
    """What other services learn of a published item."""
    return EvidencePublished.model_validate(
        {"item_id": item.id, "way_of_knowing": item.way_of_knowing, "topic_ids": sorted(topics)}
    )


def withdraw(item: Item, now: datetime) -> EvidenceWithdrawn | None:
    """Take it out of sight; nothing to tell where nobody could see it.

    A person's own words and name are not kept beyond their consent: they are erased. A reference stays known, so that
    the next import does not bring it back.
    """
    was_public = item.state == "published"
    item.state = "withdrawn"
    item.published_at = None
    item.withdrawn_at = now
    if item.way_of_knowing != "research":
        item.title, item.summary, item.setting, item.country, item.own = "", "", None, None, {}
    if item.way_of_knowing == "lived_experience":
        item.consent_to_publish = False
    return EvidenceWithdrawn(item_id=item.id) if was_public else None


def _check_consent(item: Item) -> None:
    if item.way_of_knowing == "lived_experience" and not item.consent_to_publish:
        raise ConsentMissing
