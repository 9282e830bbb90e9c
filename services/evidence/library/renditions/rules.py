"""When a rendition may be added and shown, and what makes it withheld."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.problems import Conflict, Gone, Invalid

OriginalKind = Literal["evidence", "guide"]
RenditionKind = Literal["easy_read", "large_print", "bsl", "welsh", "audio"]
FIXED_LANGUAGES: dict[str, str] = {"welsh": "cy", "bsl": "bfi"}
"""British Sign Language is a language of its own: `bfi` in ISO 639-3."""
MEDIA_KINDS = frozenset({"bsl", "audio"})


class GuideIsWithdrawn(Gone):
    title = "This guide has been withdrawn"
    detail = "It is no longer shown or applied. Search for other evidence on the same topic."

    def __init__(self, guide_id: UUID | None = None, withdrawn_at: datetime | None = None) -> None:
        super().__init__(tombstone={"id": guide_id, "withdrawn_at": withdrawn_at})


class RenditionExists(Conflict):
    title = "There is a rendition of this kind and language already"
    detail = "It is the rendition {rendition_id}. Change that one, or remove it first."


class OriginalNotShown(Conflict):
    title = "The original is not published"
    detail = "A rendition is made of what everyone can read. Publish the original first."


class EditionNotThere(Invalid):
    pointer = "/made_from_edition"
    title = "The original has no such edition"
    detail = "It has the editions 1 to {edition}. Say from which one this was made."


class RenditionUnusable(Invalid):
    title = "This rendition cannot be read, seen or heard"


@dataclass(frozen=True, slots=True)
class Original:
    """An item or a guide. `names`: whom it names today; of a guide, whom the items that it cites name.

    `erased`: editions of an item whose words were erased. `lost`: of a guide, the editions that cite what
    was withdrawn, taken back or retracted, with when that was.
    """

    kind: OriginalKind
    id: UUID
    version: int
    published: bool
    edition: int
    names: frozenset[str] = frozenset()
    erased: frozenset[int] = frozenset()
    lost: Mapping[int, datetime] = field(default_factory=dict[int, datetime])

    @property
    def named(self) -> str | None:
        """The names as a rendition stores them: one on each line."""
        return "\n".join(sorted(self.names)) or None


def normalise_names(names: Collection[str]) -> frozenset[str]:
    """Return the names with white space collapsed, so that each is one line."""
    return frozenset(" ".join(name.split()) for name in names)


def is_withheld(named: str | None, made_from_edition: int, updated_at: datetime, original: Original) -> bool:
    """Return whether a rendition may name somebody whom the original no longer names, or quote what was erased.

    One of a guide may also say what stood on something that was lost since an editor last looked at it.
    """
    lost_at = original.lost.get(made_from_edition)
    if lost_at is not None and updated_at <= lost_at:
        return True
    names_somebody_else = named is not None and not original.names.issuperset(named.split("\n"))
    return names_somebody_else or made_from_edition in original.erased


def check_original(original: Original, made_from_edition: int) -> None:
    """Refuse a draft as original, and an edition that it does not have. Raises OriginalNotShown, EditionNotThere."""
    if not original.published:
        raise OriginalNotShown
    if made_from_edition > original.edition:
        raise EditionNotThere(edition=original.edition)


def language_of(kind: RenditionKind, language: str | None) -> str:
    """Return the language of a rendition. Raises RenditionUnusable where the kind has another language."""
    fixed = FIXED_LANGUAGES.get(kind)
    if fixed and language and language != fixed:
        detail = f"A rendition of the kind {kind} is in the language {fixed}. Leave the language out."
        raise RenditionUnusable(detail, pointer="/language")
    return fixed or language or "en"


def check_usable(kind: RenditionKind, content: str | None, url: str | None) -> None:
    """Refuse a film or a recording without a URL, and a text without content or URL. Raises RenditionUnusable."""
    if kind in MEDIA_KINDS and url is None:
        raise RenditionUnusable("Give in `url` where it can be seen or heard.", pointer="/url")
    if not content and url is None:
        raise RenditionUnusable("Give the text in `content`, or in `url` where it is.", pointer="/content")
