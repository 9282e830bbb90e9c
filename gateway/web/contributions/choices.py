"""What can be chosen in the questions, by the codes of the API, in English: pages translate it."""

from collections.abc import Mapping
from typing import Final

from gateway.web.layout.page import Page

WAYS: Final = {
    "lived_experience": "Something I have lived through",
    "practice_knowledge": "Something I know from my work",
}
WHOSE: Final = {
    "self": "My own story",
    "the_persons_agreement": "The story of somebody who has agreed that I tell it",
    "parental_responsibility": "The story of my child, and I decide for them",
    "power_of_attorney": "The story of somebody for whom I have power of attorney",
    "court_appointed_deputy": "The story of somebody for whom a court has made me deputy",
    "best_interests_decision": "The story of somebody for whom it was decided that telling it is best",
    "personal_representative": "The story of somebody who has died, and I act for them",
}
"""Who tells an account: the person, or somebody else with what allows it."""
SPEAKERS: Final = {
    "person_who_draws_on_support": "Somebody who draws on care and support",
    "unpaid_carer": "An unpaid carer",
    "family_or_friend": "Family or a friend",
    "personal_assistant": "A personal assistant",
    "someone_else": "Somebody else",
}
ORGANISATIONS: Final = {
    "council": "A council",
    "health_service": "The health service",
    "care_provider": "A care provider",
    "charity_or_community_group": "A charity or community group",
    "user_led_organisation": "An organisation led by the people who use it",
    "housing": "Housing",
    "education": "A school, college or university",
    "government": "Government",
    "other": "Somewhere else",
}
COUNTRIES: Final = {
    "GB-ENG": "England",
    "GB-WLS": "Wales",
    "GB-SCT": "Scotland",
    "GB-NIR": "Northern Ireland",
    "IE": "Ireland",
}
CONSENT: Final = {
    "yes": "Everybody. You may publish it.",
    "no": "Only the editors of this centre. Do not publish it.",
}
NAMING: Final = {
    "lived_experience": {
        "anonymous": "Without my name",
        "first_name": "By a first name",
        "full_name": "By a full name",
    },
    "practice_knowledge": {
        "anonymous": "Without a name",
        "organisation": "By the name of the organisation",
        "person": "By my own name",
    },
}
FIELDS: Final = {
    "title": "Title",
    "summary": "Summary",
    "account": "What happened",
    "speaks_as": "Who tells it",
    "role": "Role",
    "service": "The support it is about",
    "population": "Whom it is about",
    "period": "When it was",
    "organisation_kind": "Where you work",
    "what_was_done": "What you did",
    "what_happened": "What came of it",
    "what_it_needs": "What it needs to work",
}
"""What a proposal may change."""


def pairs(page: Page, choices: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the choices as code and text, in the language of the page."""
    return [(code, page.text(text)) for code, text in choices.items()]
