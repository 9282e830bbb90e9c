"""Who may see and change a learning piece, what it must contain, and when a source of it is flagged."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from services.evidence.callers import is_editor, is_editor_or_partner
from services.evidence.publications.cited_items.rules import CitedItem, FlaggedCitation, Issue, find_issues
from services.evidence.publications.learning.content import (
    MAX_MINUTES,
    QUESTION_COUNT,
    WORDS_PER_MINUTE,
    LearningContent,
    SourceLink,
    count_words,
    minutes_to_read,
)
from services.evidence.publications.learning.tables import LearningPiece
from shared.callers import Caller
from shared.events.contracts.evidence import LearningPublished
from shared.problems import Conflict, FieldError, Gone, Invalid, NotAllowed

SourceKind = Literal["item", "guide"]


class PieceWithdrawn(Gone):
    title = "This learning piece has been withdrawn"
    detail = "It is no longer taught. Whoever finished it keeps their record. Nothing needs to be done."

    def __init__(self, piece: LearningPiece | None = None) -> None:
        super().__init__(tombstone=piece and {"id": piece.id, "withdrawn_at": piece.withdrawn_at})


class PieceNotComplete(Invalid):
    title = "The learning piece is not complete yet"
    detail = "See what is missing in each place, change it and send it again. Nothing was changed."


class PieceAlreadyPublished(Conflict):
    title = "This learning piece is published already"
    detail = "Nothing needs to be done. To change it, send a PATCH."


class EditorsAloneChangePieces(NotAllowed):
    title = "Only an editor can change a published learning piece"
    detail = "Ask an evidence editor to make the change: everyone reads it at once."


class NothingToKeep(Conflict):
    title = "There is nothing to decide here"
    detail = "Somebody has decided this already, or the reason for it is gone. Fetch the piece again."


class SourceIsWithdrawn(Conflict):
    title = "A withdrawn item or guide can no longer be taught from"
    detail = "Remove it from the piece, or withdraw the piece."


class PieceHeldBack(Conflict):
    title = "This learning piece is not taught at the moment"
    detail = "What it stands on was withdrawn or retracted. Look again when an editor has decided about it."


class CitedGuide(Protocol):
    """A published guide."""

    @property
    def edition(self) -> int: ...


def can_read(caller: Caller, piece: LearningPiece) -> bool:
    """Return whether the piece is published, or the caller sees drafts."""
    return piece.status == "published" or is_editor_or_partner(caller)


def check_not_withdrawn(piece: LearningPiece) -> None:
    """Raise PieceWithdrawn for a withdrawn piece."""
    if piece.status == "withdrawn":
        raise PieceWithdrawn(piece)


def check_may_change(caller: Caller, piece: LearningPiece) -> None:
    """Raise EditorsAloneChangePieces for a published piece, unless the caller is an editor: partners change drafts."""
    if piece.status == "published" and not is_editor(caller):
        raise EditorsAloneChangePieces


def create(content: LearningContent, owner_id: UUID) -> LearningPiece:
    """Return a new draft."""
    piece = LearningPiece(owner_id=owner_id, title="", point="", text="", minutes=1, questions=[])
    _copy_content(piece, content)
    return piece


def change(piece: LearningPiece, before: LearningContent, content: LearningContent) -> LearningPublished | None:
    """Replace the content. A published piece that differs has a new edition at once. Return its event, or None."""
    _copy_content(piece, content)
    if piece.status != "published" or content == before:
        return None
    piece.edition += 1
    return _published(piece, content)


def publish(piece: LearningPiece, content: LearningContent, now: datetime) -> LearningPublished:
    """Publish a checked draft. Return the event. Raises PieceAlreadyPublished."""
    if piece.status == "published":
        raise PieceAlreadyPublished
    piece.status, piece.published_at = "published", now
    return _published(piece, content)


def withdraw(piece: LearningPiece, now: datetime) -> None:
    """Withdraw the piece. Records of completion stay."""
    piece.status, piece.published_at, piece.withdrawn_at = "withdrawn", None, now


def _copy_content(piece: LearningPiece, content: LearningContent) -> None:
    for name in ("title", "point", "text", "language"):
        setattr(piece, name, getattr(content, name))
    piece.minutes = minutes_to_read(content)
    piece.media = [medium.model_dump(mode="json") for medium in content.media]
    piece.questions = [question.model_dump(mode="json") for question in content.questions]


def _published(piece: LearningPiece, content: LearningContent) -> LearningPublished:
    return LearningPublished(
        piece_id=piece.id,
        item_ids=tuple(link.id for link in content.items),
        guide_ids=tuple(link.id for link in content.guides),
    )


def find_gaps(content: LearningContent) -> list[FieldError]:
    """Return what is missing before the piece can be published, and whether it takes longer than it says."""
    errors: list[FieldError] = []
    if not content.text:
        errors.append(FieldError(pointer="/text", detail="Say what there is to learn."))
    if len(content.questions) != QUESTION_COUNT:
        count = len(content.questions)
        detail = f"Ask exactly three questions: there {'is' if count == 1 else 'are'} {count}."
        errors.append(FieldError(pointer="/questions", detail=detail))
    if not content.items and not content.guides:
        errors.append(FieldError(pointer="/items", detail="Say which evidence or which guide this teaches."))
    minutes = minutes_to_read(content)
    if minutes > MAX_MINUTES:
        detail = f"Shorten it: {_explain_minutes(content)}, and {MAX_MINUTES} is the maximum."
        errors.append(FieldError(pointer="/minutes", detail=detail))
        return errors
    return errors + find_wrong_minutes(content)


def find_wrong_minutes(content: LearningContent) -> list[FieldError]:
    """Return an error where the content names other minutes than it takes: a certificate adds up what it takes."""
    minutes = minutes_to_read(content)
    if content.minutes in (None, minutes):
        return []
    unit = "minute" if minutes == 1 else "minutes"
    detail = f"{_explain_minutes(content)}: leave the minutes out, or say {minutes} {unit}."
    return [FieldError(pointer="/minutes", detail=detail)]


def _explain_minutes(content: LearningContent) -> str:
    minutes = minutes_to_read(content)
    spent = f"{count_words(content)} words at {WORDS_PER_MINUTE} a minute"
    if seconds := sum(medium.seconds for medium in content.media):
        spent += f" and {seconds} seconds of media"
    return f"{spent} take {minutes} {'minute' if minutes == 1 else 'minutes'}"


def find_errors(
    content: LearningContent,
    items: Mapping[UUID, CitedItem],
    guides: Mapping[UUID, CitedGuide],
    linked_before: Collection[SourceLink] = (),
) -> list[FieldError]:
    """Return errors for sources that do not exist, occur twice, or have no such edition.

    What has happened to sources that were `linked_before` does not block a change: it is shown with the piece.
    """
    errors = [*_find_repeated("items", content.items), *_find_repeated("guides", content.guides)]
    checked = [
        (f"/items/{position}", link, _explain_item(link, items.get(link.id)))
        for position, link in enumerate(content.items)
    ]
    checked += [
        (f"/guides/{position}", link, _explain_guide(link, guides.get(link.id)))
        for position, link in enumerate(content.guides)
    ]
    return errors + [
        FieldError(pointer=pointer, detail=detail)
        for pointer, link, detail in checked
        if detail and link not in linked_before
    ]


def _explain_guide(link: SourceLink, guide: CitedGuide | None) -> str | None:
    if guide is None:
        return "There is no published guide with this id. Check the id, or publish the guide first."
    if link.edition is not None and link.edition > guide.edition:
        return f"The guide has no such edition: its latest is {guide.edition}."
    return None


def _explain_item(link: SourceLink, item: CitedItem | None) -> str | None:
    if item is None or not item.is_published:
        return "There is no published item with this id. Check the id, or publish the item first."
    if item.id != link.id:
        return f"This item was merged into the item {item.id}. Link to that one."
    if item.is_retracted:
        return "This work was retracted. Remove it: it cannot be taught from."
    if link.edition in item.erased:
        return "The person who gave it has taken this edition back. Leave the edition out to teach the current one."
    if link.edition is not None and link.edition > item.edition:
        return f"The item has no such edition: its latest is {item.edition}."
    return None


def _find_repeated(name: str, links: Sequence[SourceLink]) -> Iterable[FieldError]:
    for position, link in enumerate(links):
        if any(link.id == earlier.id for earlier in links[:position]):
            detail = "This is in the list already. Remove one of the two."
            yield FieldError(pointer=f"/{name}/{position}", detail=detail)


def find_item_issues(item_id: UUID, edition: int, item: CitedItem | None) -> list[Issue]:
    """Return the issues of teaching from this edition of the item, the most serious first."""
    return [Issue("withdrawn", "withdrawn")] if item is None else find_issues(item_id, edition, item)


def find_guide_issues(edition: int, guide: CitedGuide | None, doubts: Sequence[Issue] = ()) -> list[Issue]:
    """Return the issues of teaching from this edition of the guide, the most serious first.

    `guide`: None unless it is published. `doubts`: those of its statements as they stand today.
    """
    if guide is None:
        return [Issue("withdrawn", "withdrawn")]
    changed = [Issue("changed", f"changed:{guide.edition}")] if guide.edition > edition else []
    return [*doubts, *changed]


def check_may_keep(source: FlaggedCitation) -> None:
    """Raise NothingToKeep, SourceIsWithdrawn."""
    if source.flagged_key is None:
        raise NothingToKeep
    if source.flagged_reason == "withdrawn":
        raise SourceIsWithdrawn
