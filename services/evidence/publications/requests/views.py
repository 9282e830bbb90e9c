"""Evidence requests as the API returns them: to the asker, to staff and to everyone."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, Field

from services.evidence.callers import is_editor
from services.evidence.library.items.descriptions import Retraction
from services.evidence.publications.cited_items.etags import check_response, json_response
from services.evidence.publications.cited_items.rules import Reason, explain_hold, is_held_back
from services.evidence.publications.cited_items.views import AcceptedIssue
from services.evidence.publications.requests.citations import CitedSource, SourceKind
from services.evidence.publications.requests.queries import RequestSnapshot
from services.evidence.publications.requests.rules import DOUBT_EXPLANATIONS, held_until
from services.evidence.publications.requests.tables import DoubtDecision, RequestStatus, RequestTurn, Used
from shared.callers import Caller
from shared.events.contracts.evidence import Urgency, WayOfKnowing
from shared.http.caching import PRIVATE
from shared.http.etags import Match
from shared.http.pagination import Page
from shared.views import View


class CitedSourceView(View):
    """An item or guide that an answer cites, and whether it is still valid."""

    kind: SourceKind
    id: UUID
    edition: int = Field(description="The edition that the answer is based on.")
    title: str | None = Field(description="Its current title; null where it is no longer shown.")
    way_of_knowing: WayOfKnowing | None
    is_published: bool = Field(description="False once it is withdrawn: do not rely on it any more.")
    has_changed: bool = Field(description="There is a newer edition than the one that the answer is based on.")
    retraction: Retraction | None = Field(description="A notice about the work itself. Show it first.")
    doubt: Reason | None = Field(description="What puts it in doubt, where nobody has decided about it yet.")
    doubt_explanation: str | None
    accepted_issues: list[AcceptedIssue] = Field(description="Why the answer holds all the same, as editors explain.")

    @classmethod
    def of(cls, source: CitedSource) -> "CitedSourceView":
        """Return the view; the title only while the source is published."""
        published = source.status == "published"
        doubt = source.doubts[0].reason if source.doubts else None
        return cls(
            kind=source.citation.kind,
            id=source.id,
            edition=source.citation.edition,
            title=source.title if published else None,
            way_of_knowing=source.way_of_knowing,
            is_published=published,
            has_changed=published and not source.is_merged and source.current_edition > source.citation.edition,
            retraction=None if source.retraction is None else Retraction.model_validate(source.retraction),
            doubt=doubt,
            doubt_explanation=DOUBT_EXPLANATIONS[doubt] if doubt else None,
            accepted_issues=[AcceptedIssue.model_validate(issue) for issue in source.citation.accepted],
        )

    @property
    def is_outdated(self) -> bool:
        """Whether those who rely on the answer should look at it again."""
        retracted = self.retraction is not None and self.retraction.nature != "reinstatement"
        return not self.is_published or self.has_changed or retracted or self.doubt is not None


class AnswerDecisionView(View):
    """What an editor decided about an answer that stood on something in doubt."""

    decision: DoubtDecision
    because: str
    decided_at: datetime
    decided_by: UUID | None = Field(description="For staff.")


class TurnView(View):
    """One question and its answer."""

    number: int
    question: str
    asked_at: datetime
    answer: str | None = Field(description="For its asker null while `is_held_back` for somebody's withdrawn words.")
    answered_at: datetime | None
    is_being_looked_at: bool = Field(description="It stands on something in doubt, and no editor has decided yet.")
    is_held_back: bool = Field(description="What it stands on was withdrawn or retracted: it is not public until then.")
    doubted_since: datetime | None
    decisions: list[AnswerDecisionView]
    cites: list[CitedSourceView]

    @classmethod
    def of(cls, turn: RequestTurn, snapshot: RequestSnapshot, *, staff: bool) -> "TurnView":
        """Return the view. Staff read every answer: they have to decide."""
        cited = snapshot.citations[turn.id]
        flagged = [source.citation.flagged_at for source in cited if source.doubts and source.citation.flagged_at]
        answer = turn.answer if staff or not any(source.is_hidden_words for source in cited) else None
        decisions = [
            AnswerDecisionView(
                decision=decision.decision,
                because=decision.because,
                decided_at=decision.decided_at,
                decided_by=decision.decided_by if staff else None,
            )
            for decision in snapshot.decisions[turn.id]
        ]
        return cls(
            number=turn.number,
            question=turn.question,
            asked_at=turn.asked_at,
            answer=answer,
            answered_at=turn.answered_at,
            is_being_looked_at=any(source.doubts for source in cited),
            is_held_back=is_held_back(doubt for source in cited for doubt in source.doubts),
            doubted_since=min(flagged, default=None),
            decisions=decisions,
            cites=[CitedSourceView.of(source) for source in cited],
        )


class PublicAnswerView(View):
    """What staff have published of a request."""

    question: str
    answer: str | None
    since: datetime
    is_held_back: bool = Field(description="Nobody reads it until an editor has decided about what it stands on.")


class EvidenceRequestView(View):
    """A whole request, only for whoever asked and for staff."""

    id: UUID
    status: RequestStatus
    urgency: Urgency
    topics: list[UUID]
    setting: str | None
    country: str | None
    asked_at: datetime
    due_at: datetime = Field(description="When staff aim to have answered the latest question.")
    held_by: UUID | None = Field(description="For staff: the editor who is looking for the answer.")
    held_since: datetime | None = Field(description="For staff.")
    held_until: datetime | None = Field(description="For staff: until when nobody else can answer it.")
    turns: list[TurnView] = Field(description="The questions with their answers, the first one first.")
    used: Used | None
    what_happened: str
    closed_at: datetime | None
    public: PublicAnswerView | None = Field(description="What everyone may read of it, written by staff.")
    is_outdated: bool = Field(
        description="Something that an answer cites was withdrawn, retracted, changed or doubted."
    )
    is_being_looked_at: bool = Field(description="An answer stands on something in doubt: staff have to decide.")

    @classmethod
    def of(cls, snapshot: RequestSnapshot, *, staff: bool) -> "EvidenceRequestView":
        """Return the view, with who holds it and who decided for staff alone."""
        request = snapshot.request
        turns = [TurnView.of(turn, snapshot, staff=staff) for turn in snapshot.turns]
        held = staff and request.assignee_id is not None
        return cls.model_validate(
            {
                **request.model_dump(include=set(cls.model_fields)),
                "topics": snapshot.topics,
                "turns": turns,
                "held_by": request.assignee_id if held else None,
                "held_since": request.assigned_at if held else None,
                "held_until": held_until(request) if held else None,
                "public": _public(snapshot, staff=staff),
                "is_outdated": any(source.is_outdated for turn in turns for source in turn.cites),
                "is_being_looked_at": any(turn.is_being_looked_at for turn in turns),
            }
        )


class AnsweredQuestion(View):
    """A question like one that was asked, in the words of staff, and what is known. Never who asked, or their text."""

    id: UUID
    question: str
    answer: str | None = Field(description="Null while it is held back.")
    is_held_back: bool = Field(
        description="What it stands on was withdrawn or retracted, and no editor has decided yet."
    )
    is_being_looked_at: bool = Field(description="It stands on something in doubt, and no editor has decided yet.")
    notice: str | None = Field(description="To show first: why it is held back.")
    topics: list[UUID]
    cites: list[CitedSourceView]
    since: datetime

    @classmethod
    def of(cls, snapshot: RequestSnapshot) -> "AnsweredQuestion":
        """Return the view of a published request. Whether it is held back is read from its sources as they are now."""
        request = snapshot.request
        cited = snapshot.citations[request.public_turn_id] if request.public_turn_id else ()
        notice = explain_hold((doubt for source in cited for doubt in source.doubts), DOUBT_EXPLANATIONS)
        held_back = notice is not None
        return cls.model_validate(
            {
                "id": request.id,
                "question": request.public_question,
                "answer": None if held_back else request.public_answer,
                "is_held_back": held_back,
                "is_being_looked_at": any(source.doubts for source in cited),
                "notice": notice,
                "topics": snapshot.topics,
                "cites": [CitedSourceView.of(source) for source in cited],
                "since": request.published_at,
            }
        )


class UnplacedRequests(BaseModel):
    """How many a filter by place leaves out because they do not say it."""

    without_country: int | None = Field(
        default=None,
        description="With `country`, on the first page: how many pass the other filters and name no country.",
    )
    without_setting: int | None = Field(
        default=None,
        description="With `setting`, on the first page: how many pass the other filters and name no setting.",
    )


class AnsweredQuestionPage(UnplacedRequests, Page[AnsweredQuestion]):
    """One page of answered questions. A question names a country where an item that its answer cites does."""


class SimilarQuestions(View):
    """Published questions with answers, the most similar first."""

    items: list[AnsweredQuestion]


class PrefilledDraft(View):
    """A draft of evidence of your own. Nothing was saved."""

    add_at: str = Field(description="POST the draft here when you have completed it; an editor reviews it then.")
    draft: dict[str, Any]
    fill_in: list[str] = Field(description="The fields that only you can complete.")

    @classmethod
    def of(
        cls, snapshot: RequestSnapshot, way_of_knowing: Literal["practice_knowledge", "lived_experience"]
    ) -> "PrefilledDraft":
        """Return a draft that tells what happened."""
        request = snapshot.request
        draft: dict[str, Any] = {
            "way_of_knowing": way_of_knowing,
            "topics": snapshot.topics,
            "country": request.country,
            "setting": request.setting,
        }
        if way_of_knowing == "lived_experience":
            consent = {"to_publish": False, "attribution": "anonymous"}
            draft |= {"account": request.what_happened, "consent": consent}
            return cls(add_at="/v1/evidence", draft=draft, fill_in=["title", "speaks_as", "consent"])
        draft |= {"what_happened": request.what_happened}
        missing = ["title", "role", "what_was_done", *([] if request.setting else ["setting"])]
        return cls(add_at="/v1/evidence", draft=draft, fill_in=missing)


def check_unchanged(match: Match, snapshot: RequestSnapshot, caller: Caller) -> None:
    """Compare If-Match with all that the caller reads of the request, also of what its answers cite.

    Raises PreconditionRequired, PreconditionFailed.
    """
    check_response(match, respond(snapshot, caller))


def respond(snapshot: RequestSnapshot, caller: Caller, *, status: int = 200, location: str | None = None) -> Response:
    """Return the whole request, with an ETag of all that is shown: also of what its answers cite."""
    body = EvidenceRequestView.of(snapshot, staff=is_editor(caller)).model_dump_json().encode()
    response = json_response(body, snapshot.request, PRIVATE, status=status)
    if location is not None:
        response.headers["Location"] = location
    return response


def _public(snapshot: RequestSnapshot, *, staff: bool) -> dict[str, Any] | None:
    request = snapshot.request
    if request.published_at is None or request.public_turn_id is None:
        return None
    cited = snapshot.citations[request.public_turn_id]
    hidden = not staff and any(source.is_hidden_words for source in cited)
    return {
        "question": request.public_question,
        "answer": None if hidden else request.public_answer,
        "since": request.published_at,
        "is_held_back": is_held_back(doubt for source in cited for doubt in source.doubts),
    }
