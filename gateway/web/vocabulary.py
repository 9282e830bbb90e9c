"""What codes of the API are called on pages, in English: templates translate them, `{{ _(words.KINDS[kind]) }}`.

A code that is newer than these pages is shown by its own words: see `name`.
"""

from collections.abc import Mapping
from typing import Final, cast

from babel import Locale

WAYS: Final = {
    "research": "Research",
    "lived_experience": "Lived experience",
    "practice_knowledge": "Practice knowledge",
}
WAY_MEANINGS: Final = {
    "research": "Studies and reviews",
    "lived_experience": "What people have lived through",
    "practice_knowledge": "What people do at work",
}
KINDS: Final = {
    "journal_article": "Journal article",
    "book": "Book",
    "chapter": "Chapter of a book",
    "report": "Report",
    "thesis": "Thesis",
    "conference_paper": "Conference paper",
    "web_page": "Web page",
    "dataset": "Data set",
    "other": "Other",
}
DESIGNS: Final = {
    "quantitative": "A study that counts and measures",
    "qualitative": "A study of what people say and do",
    "mixed": "A study that does both: it measures, and listens",
    "economic": "A study of costs and benefits",
    "review": "A review of other studies",
}
SPEAKERS: Final = {
    "person_who_draws_on_support": "somebody who draws on care and support",
    "unpaid_carer": "an unpaid carer",
    "family_or_friend": "a relative or friend",
    "personal_assistant": "a personal assistant",
    "someone_else": "somebody close to it",
}
ORGANISATIONS: Final = {
    "council": "a council",
    "health_service": "a health service",
    "care_provider": "a care provider",
    "charity_or_community_group": "a charity or community group",
    "user_led_organisation": "an organisation led by the people who use it",
    "specialist_company": "a specialist company",
    "this_centre": "this centre",
    "housing": "a housing organisation",
    "education": "a place of learning",
    "government": "government",
    "other": "another organisation",
}
GROUPS: Final = {
    "people_who_draw_on_care_and_support": "People who draw on care and support",
    "unpaid_carers": "Unpaid carers",
    "frontline_practitioners": "Frontline practitioners",
    "managers_and_providers": "Managers and providers",
    "commissioners": "Commissioners",
    "researchers": "Researchers",
    "policy_makers": "Policy makers",
    "others": "Others",
    "smaller_groups": "Smaller groups together",
}
JUDGES: Final = {
    "person_who_draws_on_support": "somebody who draws on care and support",
    "unpaid_carer": "an unpaid carer",
    "frontline_practitioner": "a frontline practitioner",
    "manager_or_provider": "a manager or provider",
    "commissioner": "a commissioner",
    "researcher": "a researcher",
    "facilitator": "a facilitator",
    "evidence_editor": "an evidence editor",
    "mixed_group": "a mixed group",
}
CONCLUSIONS: Final = {
    "transferable": "It would work there",
    "transferable_if_adapted": "It could work there, if some of it is changed",
    "not_transferable": "It would not work there",
    "cannot_be_said": "Too little is known to say",
}
PARTS: Final = {
    "population": "The people",
    "intervention": "What is done",
    "environment": "The place",
    "transfer": "The change itself",
}
JUDGEMENTS: Final = {
    "fits": "fits",
    "fits_if_adapted": "fits if it is changed",
    "does_not_fit": "does not fit",
    "unknown": "not known",
    "not_relevant": "does not matter here",
}
ANSWERS: Final = {
    "yes": "Yes",
    "no": "No",
    "cannot_tell": "Cannot tell",
    "not_applicable": "Does not apply",
}
RETRACTIONS: Final = {
    "retraction": "This work was retracted",
    "correction": "This work was corrected",
    "expression_of_concern": "There are concerns about this work",
    "reinstatement": "This work was retracted, and then reinstated",
}
RETRACTION_ADVICE: Final = {
    "retraction": "Its publisher took it back. Do not rely on it.",
    "correction": "Read the correction before you rely on it.",
    "expression_of_concern": "Its publisher has doubts. Be careful with it.",
    "reinstatement": "It may be relied on again.",
}
RENDITIONS: Final = {
    "easy_read": "Easy Read",
    "large_print": "Large print",
    "bsl": "British Sign Language",
    "welsh": "Welsh",
    "audio": "Audio",
}
LEVELS: Final = {
    "none": "None",
    "low": "Low",
    "moderate": "Some",
    "high": "High",
    "very_low": "Very low",
    "not_known": "Not known",
}
NODES: Final = {
    "survey": "Survey",
    "request": "Question",
    "topic": "Topic",
    "evidence": "Evidence",
    "guide": "Guide",
    "learning": "Learning",
    "assembly": "Assembly",
    "project": "Project",
    "outcome": "Outcome",
}
RELATIONS: Final = {
    "contains": "contains",
    "asks_about": "asked about",
    "prioritises": "set the priority of",
    "answered_by": "is answered by",
    "drawn_on_by": "is used by",
    "taught_by": "is taught by",
    "discussed_at": "was discussed at",
    "pursued_by": "is taken up by",
    "applied_by": "is put into practice by",
    "led_to": "led to",
    "achieved": "achieved",
}
NATIONS: Final = {"GB-ENG": "England", "GB-NIR": "Northern Ireland", "GB-SCT": "Scotland", "GB-WLS": "Wales"}
_countries: Final = cast("Mapping[str, str]", Locale.parse("en_GB").territories)


def country(code: str) -> str:
    """Return what a country or a nation of the United Kingdom is called, by its code of ISO 3166."""
    return NATIONS.get(code) or _countries.get(code, code)


def name(names: Mapping[str, str], code: str) -> str:
    """Return what this code is called, or the code in words where these pages do not know it yet."""
    return names.get(code) or code.replace("_", " ").capitalize()
