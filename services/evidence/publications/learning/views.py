"""Learning pieces as the API returns them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import Response
from pydantic import Field

from services.evidence.library.items.attribution import credited_names
from services.evidence.library.items.descriptions import Retraction
from services.evidence.publications.cited_items.etags import json_response
from services.evidence.publications.cited_items.rules import Reason, explain_hold
from services.evidence.publications.cited_items.views import AcceptedIssue, UnplacedCounts
from services.evidence.publications.learning import rules
from services.evidence.publications.learning.content import LearningMedium, count_words, minutes_to_read
from services.evidence.publications.learning.queries import LearningSource, PieceBrief, PieceSnapshot, Sources
from services.evidence.publications.learning.tables import LearningPieceStatus
from shared.disclosure import RoundedCount, rounded_count
from shared.events.contracts.evidence import WayOfKnowing
from shared.http.caching import NO_STORE, PUBLIC_REVALIDATED
from shared.http.pagination import Page
from shared.problems import FieldError
from shared.views import View

FLAG_EXPLANATIONS: dict[Reason, str] = {
    "withdrawn": "A source of this piece was withdrawn.",
    "retracted": "A work that this piece teaches was retracted.",
    "concern": "A publisher has expressed concern about a work that this piece teaches.",
    "corrected": "A work that this piece teaches was corrected.",
    "superseded": "A newer work has taken the place of one that this piece teaches.",
    "merged": "An item that this piece teaches was merged into another.",
    "changed": "A source of this piece has a new edition.",
    "unsupported": "A statement of a guide that this piece teaches has nothing left to stand on.",
    "doubted": "A statement of a guide that this piece teaches is being looked at.",
}

_HELD_BACK = "A source was withdrawn or retracted: only editors read it until one has decided."


class LearningQuestionView(View):
    """A question. The right option and its explanation are shown to editors, and to whoever has answered."""

    ask: str
    options: list[str]
    right: int | None
    why: str | None


class LearningSourceView(View):
    """An item or guide that the piece is based on. Of a withdrawn one only a tombstone is shown."""

    kind: rules.SourceKind
    id: UUID
    edition: int
    current_edition: int | None
    status: Literal["published", "withdrawn"]
    title: str | None
    language: str | None = Field(description="Of the source, while it is published.")
    way_of_knowing: WayOfKnowing | None = Field(description="Of an item.")
    attributed_to: list[str]
    retraction: Retraction | None
    merged_into: UUID | None
    flag: Reason | None = Field(description="What has changed, where nobody has decided about it yet.")
    flag_explanation: str | None
    flagged_since: datetime | None
    accepted_issues: list[AcceptedIssue]


class LearningPieceView(View):
    """Ten minutes on one point, with three questions."""

    id: UUID
    status: LearningPieceStatus
    edition: int
    title: str
    point: str | None = Field(description="Null while it is held back, as are `text` and the questions.")
    text: str | None
    language: str
    media: list[LearningMedium]
    minutes: int = Field(description="What it takes to read, watch and listen: the same as `minutes_to_read`.")
    word_count: int
    minutes_to_read: int = Field(description="At 175 words a minute (Brysbaert 2019), with the time that media run.")
    questions: list[LearningQuestionView]
    sources: list[LearningSourceView]
    is_flagged: bool = Field(description="Whether a source has changed, and nobody has decided yet.")
    is_held_back: bool = Field(description=_HELD_BACK)
    notice: str | None = Field(description="To show first: why it is held back.")
    completions: int | RoundedCount = Field(
        description="People who have finished it. Only staff read the number as it is."
    )
    published_at: datetime | None
    obstacles: list[FieldError] = Field(description="For editors: what to add or change before it can be published.")


class LearningPieceSummary(View):
    """A piece in a list."""

    id: UUID
    status: LearningPieceStatus
    edition: int
    title: str
    point: str | None = Field(description="Null while it is held back.")
    language: str
    minutes: int
    is_flagged: bool = Field(description="Whether a source has changed, and nobody has decided yet.")
    is_held_back: bool = Field(description=_HELD_BACK)
    published_at: datetime | None

    @classmethod
    def of(cls, brief: PieceBrief, *, staff: bool) -> "LearningPieceSummary":
        """Return the view. Whether it is held back is read from its sources as they are now."""
        piece = brief.piece
        return cls(
            id=piece.id,
            status=piece.status,
            edition=piece.edition,
            title=piece.title,
            point=None if brief.is_held_back and not staff else piece.point,
            language=piece.language,
            minutes=piece.minutes,
            is_flagged=bool(brief.open_issues),
            is_held_back=brief.is_held_back,
            published_at=piece.published_at,
        )


class LearningPage(Page[LearningPieceSummary], UnplacedCounts):
    """One page of learning pieces."""


class LearningPieceWithdrawal(View):
    """The tombstone of a withdrawn learning piece."""

    id: UUID
    withdrawn_at: datetime


def respond(snapshot: PieceSnapshot, *, staff: bool, status: int = 200, location: str | None = None) -> Response:
    """Return the piece with an ETag of the whole body. Caches may keep what everyone may read."""
    body = _view(snapshot, staff=staff).model_dump_json().encode()
    policy = NO_STORE if staff or snapshot.piece.status != "published" else PUBLIC_REVALIDATED
    response = json_response(body, snapshot.piece, policy, status=status)
    if location is not None:
        response.headers["Location"] = location
    return response


_PIECE_FIELDS = ("id", "status", "edition", "title", "language", "minutes", "published_at")


def _view(snapshot: PieceSnapshot, *, staff: bool) -> LearningPieceView:
    sources = [_source_view(link, snapshot.sources) for link in snapshot.links]
    hidden = snapshot.is_held_back and not staff
    notice = explain_hold(snapshot.open_issues, FLAG_EXPLANATIONS) if snapshot.is_held_back else None
    return LearningPieceView(
        **{name: getattr(snapshot.piece, name) for name in _PIECE_FIELDS},
        point=None if hidden else snapshot.content.point,
        text=None if hidden else snapshot.content.text,
        word_count=count_words(snapshot.content),
        media=[] if hidden else snapshot.content.media,
        minutes_to_read=minutes_to_read(snapshot.content),
        questions=[
            LearningQuestionView(
                ask=question.ask,
                options=question.options,
                right=question.right if staff else None,
                why=question.why if staff else None,
            )
            for question in ([] if hidden else snapshot.content.questions)
        ],
        sources=sources,
        is_flagged=any(source.flag for source in sources),
        is_held_back=snapshot.is_held_back,
        notice=notice,
        completions=snapshot.learners if staff else rounded_count(snapshot.learners),
        obstacles=rules.find_gaps(snapshot.content) if staff else [],
    )


def _source_view(link: LearningSource, sources: Sources) -> LearningSourceView:
    issues = sources.find_open_issues(link)
    flag = issues[0].reason if issues else None
    item = sources.items.get(link.source_id) if link.kind == "item" else None
    guide = sources.guides.get(link.source_id) if link.kind == "guide" else None
    public_item = item if item is not None and item.is_published else None
    public = public_item or guide
    return LearningSourceView(
        kind=link.kind,
        id=link.source_id,
        edition=link.edition,
        current_edition=public.edition if public else None,
        status="published" if public else "withdrawn",
        title=public.title if public else None,
        language=public.language if public else None,
        way_of_knowing=item.way_of_knowing if item else None,
        attributed_to=credited_names(public_item.way_of_knowing, public_item.details or {}) if public_item else [],
        retraction=Retraction.model_validate(public_item.retraction)
        if public_item and public_item.retraction
        else None,
        merged_into=public_item.id if public_item and public_item.id != link.source_id else None,
        flag=flag,
        flag_explanation=FLAG_EXPLANATIONS[flag] if flag else None,
        flagged_since=link.flagged_at if flag else None,
        accepted_issues=[AcceptedIssue.model_validate(issue) for issue in (link.accepted if public else ())],
    )
