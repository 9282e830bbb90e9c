"""Learning pieces and records of completion as they are answered."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import Response
from pydantic import Field

from services.evidence.library.items.attribution import credited_names
from services.evidence.library.items.descriptions import Retraction
from services.evidence.library.items.views import PRIVATE, PUBLIC
from services.evidence.publications.guides.citing import Reason, open_marks
from services.evidence.publications.guides.views import LookedAt
from services.evidence.publications.learning import rules
from services.evidence.publications.learning.queries import Things
from services.evidence.publications.learning.tables import LearningPiece
from services.evidence.publications.learning.words import LearningContent, minutes_to_read, words_in
from services.evidence.small_numbers import People, people
from shared.events.contracts.evidence import WayOfKnowing
from shared.problems import FieldError
from shared.views import View

PieceState = Literal["draft", "published", "withdrawn"]
SAID: dict[Reason, str] = {
    "withdrawn": "What this teaches from was withdrawn.",
    "retracted": "A work that this teaches from was retracted.",
    "concern": "A publisher has voiced concern about a work that this teaches from.",
    "corrected": "A work that this teaches from was corrected.",
    "merged": "An item that this teaches from became part of another.",
    "changed": "What this teaches from has changed since.",
}


class ShownQuestion(View):
    """A question. What is right, and why, is for editors, and for whoever has answered."""

    ask: str
    options: list[str]
    right: int | None
    why: str | None


class ShownTie(View):
    """What a piece teaches from. Of something withdrawn nothing but its tombstone is left."""

    kind: rules.Kind
    id: UUID
    edition: int
    current_edition: int | None
    state: Literal["published", "withdrawn"]
    title: str | None
    way_of_knowing: WayOfKnowing | None = Field(description="Of an item.")
    attributed_to: list[str]
    retraction: Retraction | None
    merged_into: UUID | None
    flag: Reason | None = Field(description="What changed since, where nobody has decided about it yet.")
    flag_said: str | None
    flagged_since: datetime | None
    looked_at: list[LookedAt]


class LearningPieceView(View):
    """Ten minutes on one point, with three questions."""

    id: UUID
    state: PieceState
    edition: int
    title: str
    point: str
    text: str
    language: str
    minutes: int
    words: int
    minutes_to_read: int = Field(description="At 175 words a minute (Brysbaert 2019).")
    questions: list[ShownQuestion]
    ties: list[ShownTie]
    being_looked_at: bool
    completions: People = Field(description="People who finished it; 1 to 4 are not told.")
    published_at: datetime | None
    still_missing: list[FieldError] = Field(description="What stands in the way of publishing. For editors.")


class LearningPieceSummary(View):
    """A piece in a list."""

    id: UUID
    state: PieceState
    edition: int
    title: str
    point: str
    language: str
    minutes: int
    published_at: datetime | None


class LearningAnswerView(View):
    right: bool
    why: str


class CompletionView(View):
    """Yours alone. Nobody else sees it, unless you show them a code."""

    id: UUID
    piece_id: UUID
    edition: int
    title: str
    minutes: int
    completed_at: datetime
    is_current: bool = Field(description="Whether that edition of the piece still stands.")
    code: str | None = Field(description="The code by which others may check it, where you made one.")


class AnswersJudged(View):
    """Which answers were right and why. With all three right you have finished; otherwise try again."""

    finished: bool
    answers: list[LearningAnswerView]
    completion: CompletionView | None


class LearningProof(View):
    """What somebody finished. It tells of no person: ask whoever showed it to you who they are."""

    title: str
    edition: int
    minutes: int
    completed_on: date


class LearningCertificate(LearningProof):
    """To show to others. Your name is not in it and not kept: write it beside."""

    code: str
    check_at: str = Field(description="Where anyone may check the code, until you take it back.")
    signed: str = Field(description="A JWS (EdDSA) of the same; the key is at /v1/learning/proof-keys.")


def whole(
    piece: LearningPiece, content: LearningContent, ties: Collection[Any], things: Things, number: int, *, staff: bool
) -> LearningPieceView:
    shown = [_tie(one, things.now(one.kind, one.thing_id)) for one in ties]
    return LearningPieceView(
        **{name: getattr(piece, name) for name in _SAME},
        words=words_in(content),
        minutes_to_read=minutes_to_read(content),
        questions=[
            ShownQuestion(
                ask=one.ask,
                options=one.options,
                right=one.right if staff else None,
                why=one.why if staff else None,
            )
            for one in content.questions
        ],
        ties=shown,
        being_looked_at=any(one.flag for one in shown),
        completions=people(number),
        still_missing=rules.unready(content) if staff else [],
    )


_SAME = ("id", "state", "edition", "title", "point", "text", "language", "minutes", "published_at")


def _tie(row: Any, now: Any) -> ShownTie:
    item = row.kind == "item"
    public = _is_public(now)
    found = open_marks(rules.against(row.kind, row.thing_id, row.edition, now), row.kept)
    reason = found[0].reason if found else None
    return ShownTie(
        kind=row.kind,
        id=row.thing_id,
        edition=row.edition,
        current_edition=now.edition if public else None,
        state="published" if public else "withdrawn",
        title=now.title if public else None,
        way_of_knowing=now.way_of_knowing if item else None,
        attributed_to=credited_names(now.way_of_knowing, now.details) if item and public else [],
        retraction=now.retraction if item and public else None,
        merged_into=now.id if item and public and now.id != row.thing_id else None,
        flag=reason,
        flag_said=SAID[reason] if reason else None,
        flagged_since=row.flagged_at if reason else None,
        looked_at=[LookedAt.model_validate(each) for each in (row.kept if public else ())],
    )


def _is_public(now: Any) -> bool:
    return now is not None and now.state == "published"


def answered(view: LearningPieceView, piece: LearningPiece, *, staff: bool, status: int = 200) -> Response:
    """With an ETag of the piece's own version and of all that it shows of others."""
    body = view.model_dump_json().encode()
    headers: Mapping[str, str] = {
        **(PRIVATE if staff or piece.state != "published" else PUBLIC),
        "ETag": f'"{piece.version}-{hashlib.sha256(body).hexdigest()[:16]}"',
    }
    return Response(body, status, dict(headers), media_type="application/json")
