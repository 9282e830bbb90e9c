"""What can be chosen in the questions, by the codes of the API, in English: pages translate it."""

from collections.abc import Mapping
from typing import Final

from gateway.web.layout.languages import text
from gateway.web.layout.page import WebPage

WAYS: Final = {
    "lived_experience": text("Something I have lived through"),
    "practice_knowledge": text("Something I know from my work"),
}
WHOSE: Final = {
    "self": text("My own story"),
    "the_persons_agreement": text("The story of somebody who has agreed that I can tell it"),
    "parental_responsibility": text("The story of my child, and I decide for them"),
    "power_of_attorney": text("The story of somebody I have power of attorney for"),
    "court_appointed_deputy": text("The story of somebody I am court-appointed deputy for"),
    "best_interests_decision": text(
        "The story of somebody who cannot decide for themselves,"
        " where it was decided that telling it is in their best interests"
    ),
    "personal_representative": text("The story of somebody who has died, and I act for them"),
}
"""Who tells an account: the person, or somebody else with what allows it."""
SPEAKERS: Final = {
    "person_who_draws_on_support": text("Somebody who draws on care and support"),
    "unpaid_carer": text("An unpaid carer"),
    "family_or_friend": text("Family or a friend"),
    "personal_assistant": text("A personal assistant"),
    "someone_else": text("Somebody else"),
}
ORGANISATIONS: Final = {
    "council": text("A council"),
    "health_service": text("The health service"),
    "care_provider": text("A care provider"),
    "charity_or_community_group": text("A charity or community group"),
    "user_led_organisation": text("An organisation led by the people who use it"),
    "housing": text("Housing"),
    "education": text("A school, college or university"),
    "government": text("Government"),
    "other": text("Somewhere else"),
}
COUNTRIES: Final = {
    "GB-ENG": text("England"),
    "GB-WLS": text("Wales"),
    "GB-SCT": text("Scotland"),
    "GB-NIR": text("Northern Ireland"),
    "IE": text("Ireland"),
}
CONSENT: Final = {
    "yes": text("Everybody. You may publish it."),
    "no": text("Only this centre's editors. Do not publish it."),
}
NAMING: Final = {
    "lived_experience": {
        "anonymous": text("Without my name"),
        "first_name": text("With a first name"),
        "full_name": text("With a full name"),
    },
    "practice_knowledge": {
        "anonymous": text("Without a name"),
        "organisation": text("With the name of the organisation"),
        "person": text("With my own name"),
    },
}
FIELDS: Final = {
    "title": text("Title"),
    "summary": text("Summary"),
    "account": text("What happened"),
    "speaks_as": text("Who it is told by"),
    "role": text("Role"),
    "service": text("Support it is about"),
    "population": text("Who it is about"),
    "period": text("When it was"),
    "organisation_kind": text("Where you work"),
    "what_was_done": text("What you did"),
    "what_happened": text("What happened as a result"),
    "what_it_needs": text("What it needs to work"),
}
"""What a proposal may change."""


def pairs(page: WebPage, choices: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the choices as code and text, in the language of the page."""
    return [(code, page.text(label)) for code, label in choices.items()]
