"""Who gave an item and whom it names: what is shown of consent and credit, who may widen them, when they are agreed."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from services.evidence.callers import is_editor
from services.evidence.library.items.descriptions import (
    ATTRIBUTION_FIELDS,
    Consent,
    Credit,
    LivedExperience,
    PracticeKnowledge,
    Research,
)
from services.evidence.library.items.tables import Item
from shared.callers import Caller
from shared.problems import Invalid, NotAllowed

NO_CONSENT = Consent(to_publish=False)
DISCLOSURE_RANK: dict[str, int] = {"anonymous": 0, "first_name": 1, "full_name": 2}
"""The higher, the more of a person is shown."""


class Contributed(Protocol):
    """Anything that somebody contributed: an item or one of its editions, as an entity or a row of columns."""

    @property
    def contributor_id(self) -> UUID | None: ...


class ConsentBelongsToPerson(NotAllowed):
    title = "Only the person can allow more"
    detail = (
        "An editor may show less of a person at their request. To show more, or another name, ask the person who gave "
        "it to change this themselves."
    )


class ConsentNotGiven(Invalid):
    title = "A person consents for themselves only by their own sign-in"
    detail = (
        "Editors and partners' systems record an account for somebody. Say in `given_by` that someone acted for the "
        "person, and in `basis` what allows that, such as `the_persons_agreement`; or leave `to_publish` false, and "
        "let the person give it themselves."
    )


def is_contributor(caller: Caller, item: Contributed) -> bool:
    return not caller.anonymous and item.contributor_id == caller.id


def agreement_of(way_of_knowing: str, details: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the consent or credit of an item, as those see it who may. Who gave a consent is null until somebody did.

    A consent that somebody gave has a date; what a file or another library brings has none.
    """
    if way_of_knowing != "lived_experience":
        return details.get("credit")
    consent: dict[str, Any] | None = details.get("consent")
    return consent | {"given_by": None} if consent and not consent.get("given_on") else consent


def credited_names(way_of_knowing: str, details: Mapping[str, Any]) -> list[str]:
    """Return whom to credit wherever the item is shown, exported or cited; empty for a person who stays anonymous."""
    match way_of_knowing:
        case "research":
            return list(details.get("authors") or details.get("editors") or ())
        case "lived_experience":
            return _public_name(details.get("consent"))
        case _:
            return _public_name(details.get("credit"))


def public_details(way_of_knowing: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the details of an item that anyone may have: of consent and credit, only the choice and the name shown."""
    public = {name: value for name, value in details.items() if name not in ATTRIBUTION_FIELDS}
    name = next(iter(credited_names(way_of_knowing, details)), None)
    if way_of_knowing == "lived_experience":
        consent: Mapping[str, Any] = details.get("consent") or {}
        choice = consent.get("attribution") if name else "anonymous"
        public["consent"] = {"to_publish": bool(consent.get("to_publish")), "attribution": choice, "name": name}
    elif way_of_knowing == "practice_knowledge" and name:
        public["credit"] = {"attribution": details["credit"]["attribution"], "name": name}
    return public


def widens_consent(new: Consent, old: Consent) -> bool:
    """Return whether the new consent allows more than the old one, or shows another name."""
    if new.to_publish and not old.to_publish:
        return True
    shows_more = DISCLOSURE_RANK[new.attribution] > DISCLOSURE_RANK[old.attribution]
    return shows_more or (new.attribution != "anonymous" and new.name != old.name)


def names_another_person(new: Credit, old: Mapping[str, Any] | None) -> bool:
    """Return whether the credit names a person whom the old one did not name."""
    named = (old or {}).get("name") if (old or {}).get("attribution") == "person" else None
    return new.attribution == "person" and new.name != named


def without_agreement(
    description: Research | LivedExperience | PracticeKnowledge,
) -> Research | LivedExperience | PracticeKnowledge:
    """Return what somebody else may bring in of it: nobody agreed here to publish an account, or to be named.

    Whatever a file or another library says of it, consent is given by a person, to this library.
    """
    match description:
        case LivedExperience():
            return description.model_copy(update={"consent": NO_CONSENT})
        case PracticeKnowledge(credit=Credit() as credit) if credit.attribution != "organisation":
            return description.model_copy(update={"credit": None})
        case _:
            return description


def check_given(
    caller: Caller,
    description: Research | LivedExperience | PracticeKnowledge,
    before: Research | LivedExperience | PracticeKnowledge | None = None,
) -> None:
    """Apply `check_consent_given` to an account, as it is and as it was. Raises ConsentNotGiven."""
    if isinstance(description, LivedExperience):
        old = before.consent if isinstance(before, LivedExperience) else None
        check_consent_given(caller, description.consent, old, pointer="/consent/given_by")


def check_consent_given(caller: Caller, consent: Consent, before: Consent | None, *, pointer: str) -> None:
    """Refuse a consent that a system or an editor gives as if they were the person, unless the person gave it before.

    Both record for somebody: what a person allows of their own account is said by their own sign-in. Raises
    ConsentNotGiven.
    """
    records_for_others = caller.kind == "client" or is_editor(caller)
    if records_for_others and _is_given_by_self(consent) and not (before and _is_given_by_self(before)):
        raise ConsentNotGiven(pointer=pointer)


def _is_given_by_self(consent: Consent) -> bool:
    return consent.to_publish and consent.given_by == "self"


def check_may_consent(caller: Caller, item: Item, consent: Consent) -> None:
    """Allow an editor to narrow a consent, never to widen it. Raises ConsentBelongsToPerson."""
    if not is_contributor(caller, item) and widens_consent(consent, Consent.model_validate(item.details["consent"])):
        raise ConsentBelongsToPerson


def check_may_credit(caller: Caller, item: Item, credit: Credit) -> None:
    """Allow an editor to credit nobody or an organisation, not another person. Raises ConsentBelongsToPerson."""
    if not is_contributor(caller, item) and names_another_person(credit, item.details.get("credit")):
        raise ConsentBelongsToPerson


def check_keeps_agreement(
    caller: Caller, item: Item, description: Research | LivedExperience | PracticeKnowledge
) -> None:
    """Apply the same to a change of the whole description. Raises ConsentBelongsToPerson."""
    match description:
        case LivedExperience() if item.way_of_knowing == "lived_experience":
            check_may_consent(caller, item, description.consent)
        case PracticeKnowledge(credit=Credit() as credit) if item.way_of_knowing == "practice_knowledge":
            check_may_credit(caller, item, credit)
        case _:
            pass


def with_agreement_dates(
    description: Research | LivedExperience | PracticeKnowledge, old: Mapping[str, Any], today: date
) -> Research | LivedExperience | PracticeKnowledge:
    """Return the description with `today` as the date of a consent or credit that is new and has none.

    `old`: the details of the item before.
    """
    match description:
        case LivedExperience():
            consent = dated_consent(description.consent, old.get("consent"), today)
            return description.model_copy(update={"consent": consent})
        case PracticeKnowledge(credit=Credit() as credit):
            return description.model_copy(update={"credit": dated_credit(credit, old.get("credit"), today)})
        case _:
            return description


def dated_consent(consent: Consent, old: Mapping[str, Any] | None, today: date) -> Consent:
    """Return the consent, given today if it differs from the old one and brings no date of its own."""
    before = Consent.model_validate(old) if old else None
    if before == consent:
        return consent
    undated = consent.given_on is None or (before is not None and before.given_on == consent.given_on)
    return consent.model_copy(update={"given_on": today}) if undated else consent


def dated_credit(credit: Credit, old: Mapping[str, Any] | None, today: date) -> Credit:
    """Return the credit, agreed today if it differs from the old one and brings no date of its own."""
    before = Credit.model_validate(old) if old else None
    if before == credit:
        return credit
    undated = credit.agreed_on is None or (before is not None and before.agreed_on == credit.agreed_on)
    return credit.model_copy(update={"agreed_on": today}) if undated else credit


def _public_name(agreement: Mapping[str, Any] | None) -> list[str]:
    if not agreement or agreement.get("attribution", "anonymous") == "anonymous" or not agreement.get("name"):
        return []
    return [agreement["name"]]
