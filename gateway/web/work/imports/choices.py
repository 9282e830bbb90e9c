"""What can be chosen of an import, and what the codes about one are called."""

from collections.abc import Mapping
from typing import Final

from gateway.web.layout.languages import text
from gateway.web.layout.page import WebPage

FORMATS: Final = {
    "ris": "RIS",
    "bibtex": "BibTeX",
    "csl-json": "CSL-JSON",
    "csv": text("A table (CSV)"),
    "pubmed": "PubMed (NBIB)",
    "pubmed-xml": "PubMed XML",
    "jats": "JATS",
    "endnote": "EndNote",
    "endnote-xml": "EndNote XML",
    "web-of-science": "Web of Science",
    "openalex": "OpenAlex JSON",
    "datacite": "DataCite JSON",
    "refworks": "RefWorks",
    "ovid": "Ovid",
}
PUBLISH: Final = {"no": text("Keep them as drafts"), "yes": text("Publish them")}
PUBLISH_MEANINGS: Final = {
    "no": text("Only editors see them until somebody publishes them."),
    "yes": text(
        "Everybody can read them straight away. Drafts from earlier files that are also in this one are published too."
        " Accounts of lived experience always stay drafts, because an editor reads each one."
    ),
}
STATUSES: Final = {
    "queued": text("Waiting to be read"),
    "running": text("Being read"),
    "done": text("Finished"),
    "failed": text("Stopped after errors"),
}
OUTCOMES: Final = {
    "created": text("New item"),
    "matched": text("Already in the library"),
    "rejected": text("Rejected"),
}
STAY_REASONS: Final = {
    "merged": text("It was merged with another item."),
    "cited": text("A guide, a learning piece or an answer cites it."),
    "applied": text("A project puts it into practice."),
    "appraised": text("Somebody has appraised it."),
    "rendered": text("It has an Easy Read version or another format."),
    "retracted": text("It has a retraction notice."),
    "edited": text("An editor has changed it."),
    "another_import": text("Another import has it too."),
    "harvested": text("A harvest has it too."),
    "changed": text("It has changed since."),
    "accepted": text("An editor accepted it."),
}
FIELDS: Final = {
    "title": text("title"),
    "summary": text("summary"),
    "kind": text("kind"),
    "authors": text("authors"),
    "editors": text("editors"),
    "published_in": text("where it was published"),
    "published_on": text("when it was published"),
    "volume": text("volume"),
    "issue": text("issue"),
    "pages": text("pages"),
    "publisher": text("publisher"),
    "keywords": text("keywords"),
    "url": text("web address"),
    "identifiers": text("identifiers"),
    "language": text("language"),
    "country": text("country"),
    "setting": text("setting"),
    "design": text("kind of study"),
    "population": text("who it is about"),
    "sample": text("sample"),
    "participants": text("participants"),
    "intervention": text("what was tried"),
    "service": text("support it is about"),
    "period": text("when it was"),
    "involvement": text("who was involved"),
}


def pairs(page: WebPage, choices: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the choices as code and text, in the language of the page."""
    return [(code, page.text(label)) for code, label in choices.items()]


def outcome_views(page: WebPage, path: str, outcomes: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the views of a list of records as address and text: all of them, and those of each outcome."""
    views = [(path, page.text("All of them"))]
    views += [(f"{path}?outcome={code}", label) for code, label in pairs(page, outcomes)]
    return views
