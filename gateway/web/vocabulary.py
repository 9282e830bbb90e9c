"""What codes of the API are called on pages, in English: templates translate them, `{{ _(words.KINDS[kind]) }}`.

A code that is newer than these pages is shown by its own words: see `name`.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final, cast

from babel import Locale


def _(text: str) -> str:
    """Mark a text that is translated where it is shown."""
    return text


CONTENT_LANGUAGE: Final = "en"
"""Of what somebody wrote where the API does not say the language."""
WAYS: Final = {
    "research": _("Research"),
    "lived_experience": _("Lived experience"),
    "practice_knowledge": _("Practice knowledge"),
}
WAY_MEANINGS: Final = {
    "research": _("Studies and reviews"),
    "lived_experience": _("What people have lived through"),
    "practice_knowledge": _("What people do at work"),
}
KINDS: Final = {
    "journal_article": _("Journal article"),
    "book": _("Book"),
    "chapter": _("Book chapter"),
    "report": _("Report"),
    "thesis": _("Thesis"),
    "conference_paper": _("Conference paper"),
    "web_page": _("Web page"),
    "dataset": _("Data set"),
    "other": _("Other"),
}
DESIGNS: Final = {
    "quantitative": _("A study that counts and measures"),
    "qualitative": _("A study of what people say and do"),
    "mixed": _("A study that does both"),
    "economic": _("A study of costs and benefits"),
    "review": _("A review of other studies"),
}
SPEAKERS: Final = {
    "person_who_draws_on_support": _("somebody who draws on care and support"),
    "unpaid_carer": _("an unpaid carer"),
    "family_or_friend": _("a relative or friend"),
    "personal_assistant": _("a personal assistant"),
    "someone_else": _("somebody else with experience of it"),
}
ORGANISATIONS: Final = {
    "council": _("a council"),
    "health_service": _("a health service"),
    "care_provider": _("a care provider"),
    "charity_or_community_group": _("a charity or community group"),
    "user_led_organisation": _("an organisation led by the people who use it"),
    "specialist_company": _("a specialist company"),
    "this_centre": _("this centre"),
    "housing": _("a housing organisation"),
    "education": _("a school, college or university"),
    "government": _("government"),
    "other": _("another organisation"),
}
GROUPS: Final = {
    "people_who_draw_on_care_and_support": _("People who draw on care and support"),
    "unpaid_carers": _("Unpaid carers"),
    "frontline_practitioners": _("Frontline practitioners"),
    "managers_and_providers": _("Managers and providers"),
    "commissioners": _("Commissioners"),
    "researchers": _("Researchers"),
    "policy_makers": _("Policy makers"),
    "others": _("Others"),
    "smaller_groups": _("Smaller groups together"),
}
JUDGES: Final = {
    "person_who_draws_on_support": _("somebody who draws on care and support"),
    "unpaid_carer": _("an unpaid carer"),
    "frontline_practitioner": _("a frontline practitioner"),
    "manager_or_provider": _("a manager or provider"),
    "commissioner": _("a commissioner"),
    "researcher": _("a researcher"),
    "facilitator": _("a facilitator"),
    "evidence_editor": _("an evidence editor"),
    "mixed_group": _("a mixed group"),
}
CONCLUSIONS: Final = {
    "transferable": _("It would work there"),
    "transferable_if_adapted": _("It could work there with some changes"),
    "not_transferable": _("It would not work there"),
    "cannot_be_said": _("Too little is known to say"),
}
PARTS: Final = {
    "population": _("The people"),
    "intervention": _("What is done"),
    "environment": _("The place"),
    "transfer": _("The change itself"),
}
JUDGEMENTS: Final = {
    "fits": _("fits"),
    "fits_if_adapted": _("fits with changes"),
    "does_not_fit": _("does not fit"),
    "unknown": _("not known"),
    "not_relevant": _("does not matter here"),
}
ANSWERS: Final = {
    "yes": _("Yes"),
    "no": _("No"),
    "cannot_tell": _("Cannot tell"),
    "not_applicable": _("Does not apply"),
}
RETRACTIONS: Final = {
    "retraction": _("This work was retracted"),
    "correction": _("This work was corrected"),
    "expression_of_concern": _("There are concerns about this work"),
    "superseded": _("This is out of date"),
    "reinstatement": _("This work was retracted, and then reinstated"),
}
RETRACTION_ADVICE: Final = {
    "retraction": _("Its publisher withdrew it. Do not rely on it."),
    "correction": _("Read the correction before you rely on it."),
    "expression_of_concern": _("Its publisher has doubts. Be careful with it."),
    "superseded": _("A newer work has replaced it. Read that one first."),
    "reinstatement": _("You can rely on it again."),
}
RENDITIONS: Final = {
    "easy_read": _("Easy Read"),
    "large_print": _("Large print"),
    "bsl": _("British Sign Language"),
    "welsh": _("Welsh"),
    "audio": _("Audio"),
}
LEVELS: Final = {
    "none": _("None"),
    "low": _("Low"),
    "moderate": _("Some"),
    "high": _("High"),
    "very_low": _("Very low"),
    "not_known": _("Not known"),
}
NODES: Final = {
    "survey": _("Survey"),
    "request": _("Question"),
    "topic": _("Topic"),
    "evidence": _("Evidence"),
    "guide": _("Guide"),
    "learning": _("Learning"),
    "assembly": _("Assembly"),
    "project": _("Project"),
    "outcome": _("Outcome"),
}
DIRECTIONS: Final = {
    "better": _("got better"),
    "worse": _("got worse"),
    "same": _("stayed the same"),
}
YEARS: Final = {
    "published": _("Published %(years)s"),
    "about": _("About %(years)s"),
    "shown_here": _("Shared here in %(years)s"),
}
STAGES: Final = {
    "voices": _("Voices"),
    "topics": _("What matters"),
    "evidence": _("What is known"),
    "guides": _("What to try"),
    "assemblies": _("Where people met"),
    "projects": _("In practice"),
    "outcomes": _("What changed"),
}
FILTERS: Final = {
    "way_of_knowing": _("Way of knowing"),
    "topic": _("Topic"),
    "is": _("Evidence or guides"),
    "kind": _("Kind of research"),
    "design": _("Kind of study"),
    "country": _("Country"),
    "setting": _("Setting"),
    "from": _("From"),
    "to": _("Until"),
    "language": _("Language"),
}
RESULTS: Final = {"item": _("Evidence"), "guide": _("Guides")}
PERSONAS: Final = {
    "carer": _("An unpaid carer"),
    "practitioner": _("A frontline practitioner"),
    "evidence-editor": _("An evidence editor"),
    "engagement-officer": _("An engagement officer"),
    "funding-officer": _("A funding officer"),
    "approver": _("An approver of claims"),
    "finance": _("A finance officer, who makes payment runs"),
    "partner-developer": _("A partner organisation's developer"),
    "guide-reviewer": _("A second evidence editor, who reviews guides"),
    "administrator": _("An administrator"),
    "second-approver": _("A second approver of claims"),
    "second-finance": _("A second finance officer, who releases payment runs"),
}
"""Whom one can sign in as in a demo."""
RELATIONS: Final = {
    "contains": _("contains"),
    "asks_about": _("asked about"),
    "prioritises": _("set the priority of"),
    "answered_by": _("is answered by"),
    "drawn_on_by": _("is used by"),
    "taught_by": _("is taught by"),
    "discussed_at": _("was discussed at"),
    "pursued_by": _("is taken up by"),
    "applied_by": _("is put into practice by"),
    "led_to": _("led to"),
    "achieved": _("achieved"),
}
NATIONS: Final = {
    "GB-ENG": _("England"),
    "GB-NIR": _("Northern Ireland"),
    "GB-SCT": _("Scotland"),
    "GB-WLS": _("Wales"),
}
SETTINGS: Final = {
    "own home": _("At home"),
    "home care": _("Home care"),
    "care home": _("Care home"),
    "nursing home": _("Nursing home"),
    "day centre": _("Day centre"),
    "supported living": _("Supported living"),
    "extra care housing": _("Extra care housing"),
    "sheltered housing": _("Sheltered housing"),
    "hospital": _("Hospital"),
    "hospice": _("Hospice"),
    "general practice": _("GP surgery"),
    "council team": _("Council team"),
    "community": _("In the community"),
    "workplace": _("At work"),
    "school": _("School"),
    "college": _("College"),
    "hostel": _("Hostel"),
    "prison": _("Prison"),
    "online": _("Online"),
    "not stated": _("Not stated"),
}
"""Those that have a name in the library; any other is shown as it was written."""


@cache
def _territories(language: str) -> Mapping[str, str]:
    return cast("Mapping[str, str]", Locale.parse(f"{language}_GB").territories)


COUNTRIES: Final = NATIONS | {
    "GB": _("United Kingdom"),
    "IE": _("Ireland"),
    **{
        code: name
        for code, name in sorted(_territories("en").items(), key=lambda country: country[1])
        if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "GB", "IE", "QO", "UN", "XA", "XB", "ZZ")
    },
}
"""The nations of the United Kingdom and Ireland first, then all others by their names."""


def country(code: str, language: str = "en") -> str:
    """Return what a country is called, by its code of ISO 3166: in this language, or a nation to be translated."""
    return NATIONS.get(code) or _territories(language).get(code, code)


def setting(written: str) -> str:
    """Return what a setting is called, to be translated, or what was written where it has no name."""
    return SETTINGS.get(written.casefold(), written)


def name(names: Mapping[str, str], code: str) -> str:
    """Return what this code is called, or the code in words where these pages do not know it yet."""
    return names.get(code) or code.replace("_", " ").capitalize()
