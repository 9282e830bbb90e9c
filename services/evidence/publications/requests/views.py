"""Evidence requests: what is sent, and what is returned to the asker, to staff and to everyone."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Response
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from services.evidence.library.items.descriptions import Country, Retraction, Setting
from services.evidence.publications.guides.documents.plain_text import reject_markup
from services.evidence.publications.requests.queries import (
    CitedSource,
    RequestSnapshot,
    SourceKind,
    VersionedRequest,
)
from services.evidence.publications.requests.tables import RequestStatus, Used
from shared.events.contracts.evidence import Urgency, WayOfKnowing
from shared.http.etags import set_etag
from shared.views import Body, TextLimit, View

Question = Annotated[
    str,
    StringConstraints(min_length=10),
    AfterValidator(TextLimit(5_000)),
    AfterValidator(reject_markup),
    Field(
        description="Only you and staff read it. Leave out names and anything by which somebody could be recognised.",
        examples=["Which ways to plan a break help a carer who never leaves the house?"],
    ),
]
TopicIds = Annotated[list[UUID], Field(max_length=20, description="Where you know them; staff add what is missing.")]


class NewEvidenceRequest(Body):
    """A question from practice. Only you and the staff of the centre see what you write."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "question": "Which ways to plan a break help a carer who never leaves the house?",
                "urgency": "this_week",
                "setting": "home care",
                "country": "GB-ENG",
            }
        }
    )

    question: Question
    urgency: Urgency
    topics: TopicIds = Field(default=[])
    setting: Setting | None = None
    country: Country | None = None


class EvidenceRequestPatch(Body):
    """A change while nobody has answered (RFC 7396). Staff may change topics, setting and country."""

    question: Question | None = None
    urgency: Urgency | None = None
    topics: TopicIds | None = None
    setting: Setting | None = None
    country: Country | None = None


class UseOfAnswer(Body):
    """Whether the answer was used, and what happened. Only you and the staff see it."""

    used: Used
    what_happened: Annotated[str, AfterValidator(TextLimit(20_000)), AfterValidator(reject_markup)] | None = None


class FurtherQuestion(Body):
    """A question that the answer left open."""

    question: Question


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

    @classmethod
    def of(cls, source: CitedSource) -> "CitedSourceView":
        """Return the view; the title only while the source is published."""
        published = source.status == "published"
        return cls(
            kind=source.kind,
            id=source.id,
            edition=source.edition,
            title=source.title if published else None,
            way_of_knowing=source.way_of_knowing,
            is_published=published,
            has_changed=published and not source.is_merged and source.current_edition > source.edition,
            retraction=None if source.retraction is None else Retraction.model_validate(source.retraction),
        )

    @property
    def is_outdated(self) -> bool:
        """Whether those who rely on the answer should look at it again."""
        retracted = self.retraction is not None and self.retraction.nature != "reinstatement"
        return not self.is_published or self.has_changed or retracted


class TurnView(View):
    """One question and its answer."""

    number: int
    question: str
    asked_at: datetime
    answer: str | None
    answered_at: datetime | None
    cites: list[CitedSourceView]


class PublicAnswerView(View):
    """What everyone reads of a request."""

    question: str
    answer: str
    since: datetime


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
    turns: list[TurnView] = Field(description="The questions with their answers, the first one first.")
    used: Used | None
    what_happened: str
    closed_at: datetime | None
    public: PublicAnswerView | None = Field(description="What everyone may read of it, written by staff.")
    is_outdated: bool = Field(description="Something that an answer cites was withdrawn, retracted or changed.")

    @classmethod
    def of(cls, snapshot: RequestSnapshot) -> "EvidenceRequestView":
        """Return the view."""
        request = snapshot.request
        turns = [
            TurnView(
                **turn.model_dump(include=set(TurnView.model_fields)),
                cites=[CitedSourceView.of(source) for source in snapshot.citations[turn.id]],
            )
            for turn in snapshot.turns
        ]
        public: dict[str, Any] = {
            "question": request.public_question,
            "answer": request.public_answer,
            "since": request.published_at,
        }
        return cls.model_validate(
            {
                **request.model_dump(include=set(cls.model_fields)),
                "topics": snapshot.topics,
                "turns": turns,
                "public": None if request.published_at is None else public,
                "is_outdated": any(source.is_outdated for turn in turns for source in turn.cites),
            }
        )


class AnsweredQuestion(View):
    """A question like one that was asked, in the words of staff, and what is known. Never who asked, or their text."""

    id: UUID
    question: str
    answer: str
    topics: list[UUID]
    cites: list[CitedSourceView]
    since: datetime

    @classmethod
    def of(cls, snapshot: RequestSnapshot) -> "AnsweredQuestion":
        """Return the view of a published request."""
        request = snapshot.request
        cited = snapshot.citations[request.public_turn_id] if request.public_turn_id else ()
        return cls.model_validate(
            {
                "id": request.id,
                "question": request.public_question,
                "answer": request.public_answer,
                "topics": snapshot.topics,
                "cites": [CitedSourceView.of(source) for source in cited],
                "since": request.published_at,
            }
        )


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


def respond(request: VersionedRequest, response: Response) -> EvidenceRequestView:
    """Return the view, and set its ETag."""
    set_etag(response, request)
    return EvidenceRequestView.of(request.snapshot)
