"""How a draft begins, changes and is discarded."""

from uuid import UUID

from services.evidence.publications.guides.documents.content import GuideContent
from services.evidence.publications.guides.rules import copy_summary
from services.evidence.publications.guides.tables import Guide, GuideDraft
from shared.problems import Conflict


class NeverPublished(Conflict):
    title = "This guide has no published edition"
    detail = "Nothing would be left of it without the draft. To remove the whole guide, withdraw it."


def create_guide(content: GuideContent, owner_id: UUID) -> Guide:
    """Return a guide that has no edition yet. Its document is stored in its draft."""
    return Guide(title=content.title, owner_id=owner_id, topics=content.topics)


def change_draft(guide: Guide, draft: GuideDraft, content: GuideContent, author_id: UUID) -> None:
    """Replace the document of the draft. A draft in review returns to its authors: it must be reviewed again."""
    draft.content = content.to_json()
    draft.author_ids = sorted({*draft.author_ids, author_id})
    draft.status = "draft"
    draft.returned_because = None
    if guide.status in ("draft", "review"):
        guide.status = "draft"
        copy_summary(guide, content)


def check_may_discard(guide: Guide) -> None:
    """Raise NeverPublished where the guide has nothing but its draft."""
    if guide.status != "published":
        raise NeverPublished
