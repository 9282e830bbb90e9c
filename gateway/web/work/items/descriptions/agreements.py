"""What an editor may say of consent and credit when they record an item for somebody, and whose words it holds."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.web.api_client import Document
from gateway.web.forms import Form
from gateway.web.layout.languages import text
from gateway.web.layout.page import WebPage
from gateway.web.tell.choices import NAMING
from gateway.web.tell.questions import LONGEST_NAME, NAMEABLE

AGREED: Final = {
    "": text("Nobody has agreed yet. It stays a draft."),
    "the_persons_agreement": text("The person has agreed"),
    "parental_responsibility": text("Somebody with parental responsibility"),
    "power_of_attorney": text("Somebody with power of attorney"),
    "court_appointed_deputy": text("A court-appointed deputy"),
    "best_interests_decision": text("It was decided that sharing it is in the person's best interests"),
    "personal_representative": text("The representative of somebody who has died"),
}
"""On whose word an account that an editor records may be published: never on the editor's."""
NAMING_OF_OTHERS: Final = {
    "lived_experience": {
        "anonymous": text("Without a name"),
        "first_name": text("With a first name"),
        "full_name": text("With a full name"),
    },
    "practice_knowledge": {
        "anonymous": text("Without a name"),
        "organisation": text("With the name of the organisation"),
        "person": text("With the name of a person who agreed"),
    },
}


def read(form: Form, page: WebPage, way: str) -> Document:
    """Return the consent or credit that was chosen; notes an error at each input that is wrong."""
    if way not in NAMING:
        return {}
    chosen = form.choice("attribution", NAMING[way], missing=page.text("Choose how they are named"))
    too_long = page.text("This is too long. Use at most %(number)s characters.") % {"number": LONGEST_NAME}
    read_text = form.text
    name = read_text("name", longest=LONGEST_NAME, too_long=too_long)
    if chosen not in (None, "anonymous") and not name:
        form.errors["name"] = page.text("Write the name that we may show")
    naming: Document = {"attribution": chosen, "name": None if chosen == "anonymous" else name}
    if way == "practice_knowledge":
        return {"credit": naming}
    basis = form.choice("basis", AGREED) or ""
    if chosen == "full_name" and basis not in NAMEABLE:
        form.errors["attribution"] = page.text("We only show a full name if the person agrees. Choose another option.")
    if not basis:
        return {"consent": {"to_publish": False, "attribution": "anonymous"}}
    return {"consent": {"to_publish": True, "given_by": "someone_acting_for_them", "basis": basis, **naming}}


def words_are_proposed(item: Mapping[str, Any]) -> bool:
    """Return whether the words of an item are somebody's own, so that an editor only proposes others."""
    if item["way_of_knowing"] == "lived_experience":
        consent: Document = item.get("consent") or {}
        return consent.get("given_by") is not None
    credit: Document = item.get("credit") or {}
    return credit.get("attribution") == "person"
