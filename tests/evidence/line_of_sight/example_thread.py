"""One whole thread: what all services tell of it."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from shared.events.contracts.engagement import (
    AssemblyPlanned,
    AttendanceRecorded,
    OutcomeRecorded,
    ProjectStarted,
    ResponseReceived,
    ResultsPublished,
    SurveyOpened,
    TopicPriority,
)
from shared.events.contracts.evidence import (
    EvidenceMerged,
    EvidencePublished,
    EvidenceRequestAnswered,
    EvidenceRequestClosed,
    EvidenceRequestReceived,
    EvidenceRetracted,
    GuidePublished,
    LearningCompleted,
    LearningPublished,
    TopicChanged,
    TopicCreated,
)
from shared.events.contracts.funding import ClaimPaid
from shared.events.event import Event
from shared.persistence.tables import new_id

DAY = date(2026, 11, 23)


@dataclass(frozen=True)
class ExampleThread:
    """Ids of everything in it. `events` come in the order in which they happened."""

    topic: UUID
    item: UUID
    responses: int = 10
    attending: int = 12
    above: UUID = field(default_factory=new_id)
    survey: UUID = field(default_factory=new_id)
    assembly: UUID = field(default_factory=new_id)
    project: UUID = field(default_factory=new_id)
    outcome: UUID = field(default_factory=new_id)
    guide: UUID = field(default_factory=new_id)
    piece: UUID = field(default_factory=new_id)
    request: UUID = field(default_factory=new_id)
    twin: UUID = field(default_factory=new_id)
    """Another item, merged into `item`."""

    @property
    def events(self) -> list[Event]:
        topics = (self.topic,)
        return [
            TopicCreated(topic_id=self.above, name="Carers"),
            TopicCreated(topic_id=self.topic, name="Breaks", parent_id=self.above),
            EvidencePublished(item_id=self.item, way_of_knowing="lived_experience", topic_ids=topics),
            SurveyOpened(survey_id=self.survey, topic_ids=topics),
            *(ResponseReceived(response_id=new_id(), survey_id=self.survey) for _ in range(self.responses)),
            ResultsPublished(
                survey_id=self.survey,
                respondents=self.responses,
                priorities=(TopicPriority(topic_id=self.topic, score=80),),
            ),
            AssemblyPlanned(
                assembly_id=self.assembly,
                topic_id=self.topic,
                held_on=DAY,
                places=20,
                expected_cost_pence=500_000,
                scheme="participation",
            ),
            *(self.attendance(True) for _ in range(self.attending)),
            self.attendance(False),
            *(self.payment(12_345) for _ in range(2)),
            ProjectStarted(
                project_id=self.project,
                topic_id=self.topic,
                model="facilitator",
                applies=(self.item,),
                assembly_id=self.assembly,
            ),
            OutcomeRecorded(
                project_id=self.project,
                outcome_id=self.outcome,
                measure="carers_with_a_break",
                direction="better",
                people_affected=40,
            ),
        ]

    @property
    def into_practice(self) -> list[Event]:
        """A guide that draws on the item and on its twin, what is taught from it, and a question answered with it."""
        topics = (self.topic,)
        return [
            EvidencePublished(item_id=self.twin, way_of_knowing="lived_experience", topic_ids=()),
            self.guide_published(self.item, self.twin),
            LearningPublished(piece_id=self.piece, item_ids=(self.item,), guide_ids=(self.guide,)),
            *(LearningCompleted(completion_id=new_id(), piece_id=self.piece) for _ in range(12)),
            EvidenceRequestReceived(request_id=self.request, topic_ids=(self.above,), urgency="today"),
            EvidenceRequestReceived(request_id=self.request, topic_ids=topics, urgency="today"),
            EvidenceRequestAnswered(
                request_id=self.request, item_ids=(self.twin,), guide_ids=(self.guide,), within_hours=3
            ),
            EvidenceRequestClosed(request_id=self.request, used=True),
            EvidenceMerged(item_id=self.twin, into_id=self.item),
            EvidenceRetracted(item_id=self.item, nature="correction"),
            TopicChanged(topic_id=self.topic, name="Breaks", parent_id=None),
        ]

    def guide_published(self, *items: UUID) -> GuidePublished:
        return GuidePublished(
            guide_id=self.guide,
            edition=1,
            topic_ids=(self.topic,),
            item_ids=items,
            ways_of_knowing=("lived_experience",),
        )

    def attendance(self, attended: bool, registration: UUID | None = None) -> AttendanceRecorded:
        return AttendanceRecorded(
            registration_id=registration or new_id(),
            assembly_id=self.assembly,
            person_id=new_id(),
            attended=attended,
            held_on=DAY,
            minutes=180,
            scheme="participation",
        )

    def payment(self, pence: int, claim: UUID | None = None) -> ClaimPaid:
        return ClaimPaid(
            claim_id=claim or new_id(),
            assembly_id=self.assembly,
            paid_on=DAY,
            pence=pence,
            entitlement_id=new_id(),
        )
