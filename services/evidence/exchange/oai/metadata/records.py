"""What the metadata formats share: a record, the library that publishes it, and the terms for kinds and rights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.evidence.settings import EvidenceSettings
from shared.events.contracts.evidence import WayOfKnowing

RESOURCE_TYPES: Final[dict[str, str]] = {
    "journal_article": "JournalArticle",
    "book": "Book",
    "chapter": "BookChapter",
    "report": "Report",
    "thesis": "Dissertation",
    "conference_paper": "ConferencePaper",
    "web_page": "Text",
    "dataset": "Dataset",
    "other": "Text",
}
"""By the kind of a work of research: DataCite's general resource type."""
WAY_LABELS: Final[dict[str, str]] = {
    "research": "research",
    "lived_experience": "lived experience",
    "practice_knowledge": "practice knowledge",
}
_RETRACTION_SENTENCES: Final[dict[str, str]] = {
    "retraction": "This work has been retracted",
    "correction": "This work has been corrected",
    "expression_of_concern": "Concern has been expressed about this work",
    "superseded": "A newer work has taken the place of this one",
    "reinstatement": "This work was reinstated after a retraction",
}


@dataclass(frozen=True, slots=True)
class LibraryIdentity:
    """How the library presents itself to harvesters and followers."""

    name: str
    public_url: str
    namespace: str
    """The domain in `oai:<domain>:<id>`."""
    email: str

    @classmethod
    def of(cls, settings: EvidenceSettings) -> "LibraryIdentity":
        return cls(settings.library_name, settings.public_url, settings.namespace, settings.library_email)

    def item_url(self, item_id: object) -> str:
        return f"{self.public_url}/v1/evidence/{item_id}"


class RecordHeader(NamedTuple):
    """What every record has, even a deleted one. `topics`: the ids of those under which the item is filed."""

    stamped_at: datetime
    id: UUID
    way_of_knowing: WayOfKnowing
    is_published: bool
    topics: Sequence[UUID]


class RecordDescription(NamedTuple):
    """The item that a record describes."""

    title: str
    summary: str
    country: str | None
    setting: str | None
    language: str
    details: Mapping[str, Any]
    retraction: Mapping[str, Any] | None
    published_at: datetime

    @property
    def identifiers(self) -> list[tuple[str, str]]:
        """Pairs of scheme and value."""
        return [(identifier["scheme"], identifier["value"]) for identifier in self.details.get("identifiers") or ()]

    @property
    def listed_on(self) -> str:
        """The day on which the library published the item."""
        return self.published_at.date().isoformat()

    @property
    def containing_work(self) -> str | None:
        """The journal or book with volume, issue and pages: `Journal of Care, 12(3), 201-219`."""
        details = self.details
        if not details.get("published_in"):
            return None
        issue = f"({details['issue']})" if details.get("issue") else ""
        numbers = f"{details.get('volume') or ''}{issue}"
        return ", ".join(text for text in (details["published_in"], numbers, details.get("pages")) if text)


class OaiRecord(NamedTuple):
    """A record, with its description if that was requested."""

    header: RecordHeader
    description: RecordDescription | None


class TopicNode(NamedTuple):
    """A topic in the tree. Each topic is a set, within the set of its parent."""

    name: str
    parent_id: UUID | None


TopicTree = Mapping[UUID, TopicNode]
"""Topics by id, with all topics above them."""


def retraction_sentence(retraction: Mapping[str, Any] | None) -> str | None:
    """Return one sentence about what became of the work. It goes before any other description."""
    if not retraction:
        return None
    on = f" on {retraction['on']}" if retraction.get("on") else ""
    return f"{_RETRACTION_SENTENCES[retraction['nature']]}{on} ({retraction['source']})."
