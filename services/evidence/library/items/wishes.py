"""What people may say at any time of what they gave: whether it stays shown, and how they are named in it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.evidence.library.items.consent import Consent, Credit, widens
from services.evidence.library.items.descriptions import LivedExperience, PracticeKnowledge
from services.evidence.library.items.problems import ConsentIsThePersons, HasNoConsent, HasNoCredit
from services.evidence.library.items.rules import Description, check_may_see, check_stands, is_own, may_see_all
from services.evidence.library.items.tables import Item
from shared.callers import Caller
from shared.problems import NotAllowed


def check_may_agree(caller: Caller, item: Item, consent: Consent) -> None:
    """Whoever gave the account, as they like. An editor at the person's word, who may only show less.

    Raises ItemStandsElsewhere, ItemWithdrawn, ItemNotFound, NotAllowed, HasNoConsent, ConsentIsThePersons.
    """
    _check_is_theirs(caller, item)
    if item.way_of_knowing != "lived_experience":
        raise HasNoConsent
    if not is_own(caller, item) and widens(consent, Consent.model_validate(item.own["consent"])):
        raise ConsentIsThePersons


def check_may_credit(caller: Caller, item: Item, credit: Credit) -> None:
    """Whoever gave it, as they like. An editor names no person who was not named before.

    Raises ItemStandsElsewhere, ItemWithdrawn, ItemNotFound, NotAllowed, HasNoCredit, ConsentIsThePersons.
    """
    _check_is_theirs(caller, item)
    if item.way_of_knowing != "practice_knowledge":
        raise HasNoCredit
    if not is_own(caller, item) and _names_anew(credit, item.own.get("credit")):
        raise ConsentIsThePersons


def check_keeps(caller: Caller, item: Item, description: Description) -> None:
    """The same for a change of the whole description. Raises ConsentIsThePersons."""
    match description:
        case LivedExperience() if item.way_of_knowing == "lived_experience":
            check_may_agree(caller, item, description.consent)
        case PracticeKnowledge(credit=Credit() as credit) if item.way_of_knowing == "practice_knowledge":
            check_may_credit(caller, item, credit)
        case _:
            pass


def dated(description: Description, stood: Mapping[str, Any], today: date) -> Description:
    """With the day on which a wish was said, where it is new and says none. `stood`: what was the item's own before."""
    match description:
        case LivedExperience():
            said = agreed_on(description.consent, stood.get("consent"), today)
            return description.model_copy(update={"consent": said})
        case PracticeKnowledge(credit=Credit() as credit):
            return description.model_copy(update={"credit": credited_on(credit, stood.get("credit"), today)})
        case _:
            return description


def agreed_on(consent: Consent, stood: Mapping[str, Any] | None, today: date) -> Consent:
    before = Consent.model_validate(stood) if stood else None
    if before == consent:
        return consent
    fresh = consent.given_on is None or (before is not None and before.given_on == consent.given_on)
    return consent.model_copy(update={"given_on": today}) if fresh else consent


def credited_on(credit: Credit, stood: Mapping[str, Any] | None, today: date) -> Credit:
    before = Credit.model_validate(stood) if stood else None
    if before == credit:
        return credit
    fresh = credit.agreed_on is None or (before is not None and before.agreed_on == credit.agreed_on)
    return credit.model_copy(update={"agreed_on": today}) if fresh else credit


def _check_is_theirs(caller: Caller, item: Item) -> None:
    check_stands(item)
    check_may_see(caller, item)
    if not may_see_all(caller, item):
        raise NotAllowed


def _names_anew(credit: Credit, stood: Mapping[str, Any] | None) -> bool:
    named = (stood or {}).get("name") if (stood or {}).get("attribution") == "person" else None
    return credit.attribution == "person" and credit.name != named
