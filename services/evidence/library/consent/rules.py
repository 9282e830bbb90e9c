"""Which items have a consent or a credit, and who may change it."""

from services.evidence.library.items.attribution import check_consent_given, check_may_consent, check_may_credit
from services.evidence.library.items.descriptions import Consent, Credit
from services.evidence.library.items.rules import AnyItem, check_contributor_or_editor
from services.evidence.library.items.tables import Item
from shared.callers import Caller
from shared.problems import Conflict


class ConsentNotApplicable(Conflict):
    title = "Only accounts of lived experience have a consent"
    detail = "This item is of another way of knowing. Practice knowledge has a credit instead, at /credit of the item."


class CreditNotApplicable(Conflict):
    title = "Only practice knowledge has a credit"
    detail = "This item is of another way of knowing. An account has a consent instead, at its /consent."


def check_has_consent(caller: Caller, item: AnyItem) -> None:
    """Allow the contributor and editors. Raises NotAllowed, ConsentNotApplicable."""
    check_contributor_or_editor(caller, item)
    if item.way_of_knowing != "lived_experience":
        raise ConsentNotApplicable


def check_may_change_consent(caller: Caller, item: Item, consent: Consent) -> None:
    """Allow the contributor everything, an editor to show less at the person's request.

    Raises NotAllowed, ConsentNotApplicable, ConsentBelongsToPerson, ConsentNotGiven.
    """
    check_has_consent(caller, item)
    check_may_consent(caller, item, consent)
    check_consent_given(caller, consent, Consent.model_validate(item.details["consent"]), pointer="/given_by")


def check_may_change_credit(caller: Caller, item: Item, credit: Credit) -> None:
    """Allow the contributor everything, an editor to name no person who was not named before.

    Raises NotAllowed, CreditNotApplicable, ConsentBelongsToPerson.
    """
    check_contributor_or_editor(caller, item)
    if item.way_of_knowing != "practice_knowledge":
        raise CreditNotApplicable
    check_may_credit(caller, item, credit)
