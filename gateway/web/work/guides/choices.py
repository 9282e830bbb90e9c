"""What can be chosen in the forms of guides, in English: templates translate it."""

from typing import Final

from gateway.web.layout.languages import text

STATUSES: Final = {
    "draft": text("Draft"),
    "review": text("In review"),
    "published": text("Published"),
    "withdrawn": text("Withdrawn"),
}
BURDENS: Final = ("none", "low", "moderate", "high", "not_known")
SURENESS: Final = {
    "in_plain_words": text("In plain words"),
    "qualitative_finding": text("Using GRADE-CERQual, for a finding of qualitative research"),
}
COMPONENTS: Final = {
    "methodological_limitations": text("How well the studies were done"),
    "coherence": text("How well the finding fits what the studies found"),
    "adequacy": text("Whether the data are rich and plentiful enough"),
    "relevance": text("Whether people and places match those of the guide"),
}
CONCERNS: Final = {
    "no_or_very_minor": text("None, or very minor"),
    "minor": text("Minor"),
    "moderate": text("Moderate"),
    "serious": text("Serious"),
}
OVERALL: Final = {
    "high": text("High"),
    "moderate": text("Moderate"),
    "low": text("Low"),
    "very_low": text("Very low"),
}
"""The codes of GRADE-CERQual are called as it calls them."""
REASONS: Final = {
    "withdrawn": text("Withdrawn"),
    "retracted": text("Retracted"),
    "concern": text("Expression of concern"),
    "corrected": text("Corrected"),
    "superseded": text("Replaced by a newer work"),
    "merged": text("Merged with another item"),
    "changed": text("Changed"),
    "unsupported": text("A statement has no evidence left"),
    "doubted": text("A statement is being checked"),
}
DECISIONS: Final = {
    "keep": text("It still applies: keep the citation as it is"),
    "repin": text("Cite its current version, in the next version of the guide"),
    "remove": text("Remove the citation, in the next version of the guide"),
}
LANGUAGES: Final = {"en": text("English"), "cy": text("Welsh")}
POINT: Final = text("The one thing to take away")
QUESTION: Final = text("Question")
TITLE: Final = text("Title")
CONTENT: Final = text("Text")
ADDRESS: Final = text("Address")
