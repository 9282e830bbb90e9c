"""Why something cannot be done with an item, and what to do next."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from shared.problems import Conflict, Gone, NotAllowed, NotFound, Problem


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
    @property
    def merged_into(self) -> UUID | None: ...


class ItemNotFound(NotFound):
    detail = "No evidence item with this id was found, or it is a draft that is not yours. Check the id, or search."


class ItemWithdrawn(Gone):
    title = "This item has been withdrawn"
    detail = "It is no longer shown or applied. Nothing needs to be done; search for what else is known."

    def __init__(self, item: "Seen | None" = None) -> None:
        kept = ("id", "way_of_knowing", "withdrawn_at")
        super().__init__(tombstone=None if item is None else {name: getattr(item, name) for name in kept})


class ItemMerged(Problem):
    """Where to look instead. A reader's program follows; a change is refused with ItemStandsElsewhere."""

    status = 308
    title = "This item stands in another one now"
    detail = "Both were the same. Follow the Location header to the item that stands for both, or to the same of it."

    def __init__(self, into: UUID | None = None) -> None:
        super().__init__(headers={"Location": f"/v1/evidence/{into}"})
        self.into = into


class ItemStandsElsewhere(Conflict):
    title = "This item stands in another one now"
    detail = "Both were the same. Change the item {into} instead, or have the merge undone."


class EditionNotFound(NotFound):
    detail = "This item has no edition of this number. The list is at its /versions."


class EditionErased(Gone):
    title = "The words of this edition were taken back"
    detail = "Nothing needs to be done. What the item says today is at its own address."


class EditionStands(Conflict):
    title = "This is the edition of today"
    detail = "Change the item first, then take back what it said before. To take all of it out of sight, withdraw it."


class EditionsOfWorksStay(Conflict):
    title = "The editions of a work stay"
    detail = "They say what others cited. Accounts and practice knowledge belong to whoever gave them: those can go."


class AlreadyHeld(Conflict):
    title = "The library has this work already"
    detail = "It is the item {item_id}. Look there, and ask an editor if something should be changed."


class ConsentMissing(Conflict):
    title = "The person has not agreed to publish this"
    detail = (
        "This account may be published once the person who gave it says yes in `consent.to_publish`. Ask them; until "
        "then it stays a draft."
    )


class ConsentTakenBack(Conflict):
    title = "A published account cannot stay without consent"
    detail = (
        "Nothing was changed. To take it out of sight, send the consent to its /consent, or a POST to its /withdraw. "
        "It is withdrawn for good, and its words are erased."
    )


class ConsentIsThePersons(NotAllowed):
    title = "Only the person can allow more"
    detail = (
        "You may show less of a person at their word. To show more, or another name, ask whoever gave it to say so "
        "themselves."
    )


class HasNoConsent(Conflict):
    title = "Consent is given for accounts of lived experience"
    detail = "This item is of another way of knowing. Practice knowledge has a credit instead: see /credit."


class HasNoCredit(Conflict):
    title = "A credit is given for practice knowledge"
    detail = "This item is of another way of knowing. An account has a consent, with the name to show: see /consent."


class AlreadyPublished(Conflict):
    title = "This is published already"
    detail = "Nothing needs to be done. To change it, send a PATCH."


class EditorsAloneChangeThis(NotAllowed):
    title = "This is published and can be changed by an editor alone"
    detail = "Ask an evidence editor for the change, or withdraw it if you no longer want it to be shown."


class WayOfKnowingIsFixed(Conflict):
    title = "An item keeps its way of knowing"
    detail = "Withdraw this item and add a new one in the other way of knowing."
