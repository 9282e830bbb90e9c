"""What may become of a learning piece, when it is finished, and what stands against what it is tied to."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol
from uuid import UUID

from services.evidence.publications.guides.citing import Cited, Mark, marks
from services.evidence.publications.learning.tables import LearningPiece
from services.evidence.publications.learning.words import (
    LONGEST_MINUTES,
    QUESTIONS,
    WORDS_A_MINUTE,
    LearningContent,
    LearningQuestion,
    Tie,
    minutes_to_read,
    words_in,
)
from shared.callers import Caller, Role
from shared.events.contracts.evidence import LearningPublished
from shared.problems import Conflict, FieldError, Gone, Invalid, NotAllowed, NotFound

Kind = Literal["item", "guide"]


class PieceNotFound(NotFound):
    detail = "No learning piece with this id was found, or it is not published yet. Check the id, or look in the list."


class PieceWithdrawn(Gone):
    title = "This learning piece has been withdrawn"
    detail = "It is no longer taught. Records of those who finished it stay with them."

    def __init__(self, piece: LearningPiece | None = None) -> None:
        super().__init__(tombstone=piece and {"id": piece.id, "withdrawn_at": piece.withdrawn_at})


class PieceNotComplete(Invalid):
    title = "The learning piece is not complete yet"
    detail = "See what is missing in each place, change it and send it again. Nothing was changed."


class PieceAlreadyPublished(Conflict):
    title = "This is published already"
    detail = "Nothing needs to be done. To change it, send a PATCH."


class EditorsAloneChangePieces(NotAllowed):
    title = "This is published and can be changed by an editor alone"
    detail = "Ask an evidence editor for the change: everyone would read it at once."


class PieceHasChanged(Conflict):
    title = "The piece has a new edition"
    detail = "Read it again and answer its questions: they may be others now."


class NothingToKeep(Conflict):
    title = "There is nothing to decide here"
    detail = "Somebody has decided this already, or the reason for it is gone. Look at the piece again."


class TieIsGone(Conflict):
    title = "A withdrawn item or guide can no longer be taught from"
    detail = "Take it out of the piece, or withdraw the piece."


class CompletionNotFound(NotFound):
    detail = "You have no record with this id. Your records are at /v1/learning/completions."


class ProofNotFound(NotFound):
    title = "This code is not one of ours"
    detail = "Check it letter by letter, or ask whoever gave it to you for a new one."


class ProofRevoked(Gone):
    title = "This code was taken back"
    detail = "Its holder took it back. Ask them for a new one if you need it."


class TiedGuide(Protocol):
    """A published guide."""

    @property
    def edition(self) -> int: ...


class Answer(NamedTuple):
    """What came of one answer."""

    right: bool
    why: str


def is_staff(caller: Caller) -> bool:
    return caller.has(Role.EVIDENCE_EDITOR) or (caller.kind == "client" and "evidence:write" in caller.scopes)


def check_may_see(caller: Caller, piece: LearningPiece) -> None:
    """Everyone what is published; drafts, the editors. Raises PieceWithdrawn, PieceNotFound."""
    check_stands(piece)
    if piece.state != "published" and not is_staff(caller):
        raise PieceNotFound


def check_stands(piece: LearningPiece) -> None:
    if piece.state == "withdrawn":
        raise PieceWithdrawn(piece)


def check_may_change(caller: Caller, piece: LearningPiece) -> None:
    """What everyone reads, an editor; a draft, a partner too. Raises PieceWithdrawn, EditorsAloneChangePieces."""
    check_stands(piece)
    if piece.state == "published" and not caller.has(Role.EVIDENCE_EDITOR):
        raise EditorsAloneChangePieces


def describe(piece: LearningPiece, content: LearningContent) -> None:
    """Put this in the place of what was written before."""
    for name in ("title", "point", "text", "language", "minutes"):
        setattr(piece, name, getattr(content, name))
    piece.questions = [question.model_dump(mode="json") for question in content.questions]


def publish(piece: LearningPiece, content: LearningContent, now: datetime) -> LearningPublished:
    """Raises PieceAlreadyPublished."""
    if piece.state == "published":
        raise PieceAlreadyPublished
    piece.state, piece.published_at = "published", now
    return told(piece, content)


def change(piece: LearningPiece, before: LearningContent, content: LearningContent) -> LearningPublished | None:
    """A published piece that is another than before has a new edition at once; a draft stays a draft."""
    describe(piece, content)
    if piece.state != "published" or content == before:
        return None
    piece.edition += 1
    return told(piece, content)


def told(piece: LearningPiece, content: LearningContent) -> LearningPublished:
    return LearningPublished(
        piece_id=piece.id,
        item_ids=tuple(tie.id for tie in content.items),
        guide_ids=tuple(tie.id for tie in content.guides),
    )


def withdraw(piece: LearningPiece, now: datetime) -> None:
    piece.state, piece.published_at, piece.withdrawn_at = "withdrawn", None, now


def unready(content: LearningContent) -> list[FieldError]:
    """What a learner would miss, and what would take longer than it says."""
    found: list[FieldError] = []
    if not content.text:
        found.append(FieldError(pointer="/text", detail="Say what there is to learn."))
    if len(content.questions) != QUESTIONS:
        detail = f"Ask exactly three questions: there are {len(content.questions)}."
        found.append(FieldError(pointer="/questions", detail=detail))
    if not content.items and not content.guides:
        found.append(FieldError(pointer="/items", detail="Say which evidence or which guide this teaches."))
    needed = minutes_to_read(content)
    if needed > content.minutes:
        takes = f"{words_in(content)} words take {needed} minutes at {WORDS_A_MINUTE} words a minute"
        longest = f"Shorten it: {takes}, and ten is the most."
        detail = longest if needed > LONGEST_MINUTES else f"{takes}: shorten it, or say {needed} minutes."
        found.append(FieldError(pointer="/minutes", detail=detail))
    return found


def unfit(
    content: LearningContent,
    items: Mapping[UUID, Cited],
    guides: Mapping[UUID, TiedGuide],
    before: Collection[Tie] = (),
) -> list[FieldError]:
    """Ties to what is not there, twice the same, or to an edition that does not exist.

    What became of things that were tied `before` does not stand in the way of writing on: it is said beside the piece.
    """
    found = list(_twice("items", content.items)) + list(_twice("guides", content.guides))
    error = [(f"/items/{place}", one, _unfit_item(one, items.get(one.id))) for place, one in enumerate(content.items)]
    error += [
        (f"/guides/{place}", one, _unfit_guide(one, guides.get(one.id))) for place, one in enumerate(content.guides)
    ]
    found += [FieldError(pointer=at, detail=detail) for at, one, detail in error if detail and one not in before]
    return found


def _unfit_guide(tie: Tie, guide: TiedGuide | None) -> str | None:
    if guide is None:
        return "There is no published guide with this id."
    if tie.edition is not None and tie.edition > guide.edition:
        return f"The guide has no such edition: its latest is {guide.edition}."
    return None


def _unfit_item(tie: Tie, item: Cited | None) -> str | None:
    if item is None or item.state != "published":
        return "There is no published item with this id."
    if item.id != tie.id:
        return f"This item is part of the item {item.id} now. Name that one."
    if item.retraction and item.retraction["nature"] == "retraction":
        return "This work was retracted: do not teach from it."
    if tie.edition is not None and tie.edition > item.edition:
        return f"The item has no such edition: its latest is {item.edition}."
    return None


def _twice(name: str, ties: Sequence[Tie]) -> Iterable[FieldError]:
    for place, tie in enumerate(ties):
        if any(tie.id == earlier.id for earlier in ties[:place]):
            yield FieldError(pointer=f"/{name}/{place}", detail="This is in the list already.")


def against(kind: Kind, thing_id: UUID, edition: int, now: Any) -> list[Mark]:
    """What stands against a tie today, the gravest first. `now`: the item, or the guide where it is published."""
    if kind == "item":
        return marks(thing_id, edition, now)
    if now is None:
        return [Mark("withdrawn", "withdrawn")]
    return [Mark("changed", f"changed:{now.edition}")] if now.edition > edition else []


def check_may_keep(tie: Any) -> None:
    """Raises NothingToKeep, TieIsGone."""
    if tie.flagged_mark is None:
        raise NothingToKeep
    if tie.flagged_reason == "withdrawn":
        raise TieIsGone


def judge(piece: LearningPiece, answers: Sequence[int], edition: int | None) -> list[Answer]:
    """Which answers are right, and why. Raises PieceHasChanged, Invalid."""
    if edition is not None and edition != piece.edition:
        raise PieceHasChanged
    questions = [LearningQuestion.model_validate(one) for one in piece.questions]
    errors = [
        FieldError(pointer=f"/answers/{place}", detail=f"Choose an option from 0 to {len(question.options) - 1}.")
        for place, (question, answer) in enumerate(zip(questions, answers, strict=True))
        if answer >= len(question.options)
    ]
    if errors:
        raise Invalid(errors=errors)
    return [Answer(answer == question.right, question.why) for question, answer in zip(questions, answers, strict=True)]
