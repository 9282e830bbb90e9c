"""When a rendition may be made and shown, and when the original has moved on."""

import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from shared.callers import Caller, Role
from shared.problems import Conflict, Gone, Invalid, NotFound

OriginalKind = Literal["evidence", "guide"]
RenditionKind = Literal["easy_read", "large_print", "bsl", "welsh", "audio"]
SPOKEN_IN: dict[str, str] = {"welsh": "cy", "bsl": "bfi"}
"""British Sign Language is a language of its own: `bfi` in ISO 639-3."""
SEEN_OR_HEARD = frozenset({"bsl", "audio"})


class RenditionNotFound(NotFound):
    detail = "There is no such rendition of it. The list is at its /renditions."


class RenditionRemoved(Gone):
    title = "This rendition was taken away"
    detail = "Nothing needs to be done. What there is now is in the list, at /renditions of its original."


class RenditionExists(Conflict):
    title = "There is one of this kind and language already"
    detail = "It is the rendition {rendition_id}. Change that one, or remove it first."


class OriginalNotShown(Conflict):
    title = "The original is not published"
    detail = "A rendition is made of what everyone can read. Publish the original first."


class EditionNotThere(Invalid):
    pointer = "/made_from_edition"
    title = "The original has no such edition"
    detail = "It has the editions 1 to {edition}. Say from which one this was made."


class RenditionUnusable(Invalid):
    title = "This cannot be read, seen or heard"


class GuideNotThere(NotFound):
    detail = "No published guide with this id was found. Check the id, or search."


class GuideGone(Gone):
    title = "This guide has been withdrawn"
    detail = "It is no longer shown or applied. Nothing needs to be done; search for what else is known."

    def __init__(self, guide_id: UUID | None = None, withdrawn_at: datetime | None = None) -> None:
        super().__init__(tombstone={"id": guide_id, "withdrawn_at": withdrawn_at})


@dataclass(frozen=True, slots=True)
class Original:
    """An item or a guide as it stands. `names`: of today; of a guide, of all that it cites.

    `erased`: editions of an item whose words were taken back.
    """

    kind: OriginalKind
    id: UUID
    version: int
    published: bool
    edition: int
    names: frozenset[str] = frozenset()
    erased: frozenset[int] = frozenset()

    @property
    def named(self) -> str | None:
        """As a rendition keeps it: a name on each line."""
        return "\n".join(sorted(self.names)) or None


def names_in(named: Collection[str]) -> frozenset[str]:
    """Each on one line."""
    return frozenset(" ".join(name.split()) for name in named)


def may_see_withheld(caller: Caller) -> bool:
    return caller.has(Role.EVIDENCE_EDITOR)


def withheld(named: str | None, made_from_edition: int, original: Original) -> bool:
    """Whether it may name somebody whom the original no longer names, or say what was taken back."""
    named_before = named is not None and not original.names.issuperset(named.split("\n"))
    return named_before or made_from_edition in original.erased


def check(original: Original, made_from_edition: int) -> None:
    """Raises OriginalNotShown, EditionNotThere."""
    if not original.published:
        raise OriginalNotShown
    if made_from_edition > original.edition:
        raise EditionNotThere(edition=original.edition)


def language_of(kind: RenditionKind, given: str | None) -> str:
    """Raises RenditionUnusable where the kind is a language and another one was given."""
    own = SPOKEN_IN.get(kind)
    if own and given and given != own:
        said = f"A rendition of the kind {kind} is in the language {own}. Leave the language out."
        raise RenditionUnusable(said, pointer="/language")
    return own or given or "en"


def check_usable(kind: RenditionKind, content: str | None, url: str | None) -> None:
    """Raises RenditionUnusable: a film or a recording is somewhere, a text is here or somewhere."""
    if kind in SEEN_OR_HEARD and url is None:
        raise RenditionUnusable("Give in `url` where it can be seen or heard.", pointer="/url")
    if not content and url is None:
        raise RenditionUnusable("Give the text in `content`, or in `url` where it is.", pointer="/content")


def tag_number(row: Any, original: Original) -> int:
    """The version of what is answered: it changes with the rendition, with its original, and with whom that names."""
    return (row.version << 64) | (original.version << 32) | zlib.crc32((original.named or "").encode())
