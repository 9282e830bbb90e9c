"""One whole thread: what all services tell of it."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from shared.contracts.engagement import (
    AssemblyPlanned,
    AttendanceRecorded,
    OutcomeRecorded,
    ProjectStarted,
    ResponseReceived,
    ResultsPublished,
    SurveyOpened,
    TopicPriority,
)
from shared.contracts.evidence import EvidencePublished, TopicCreated
from shared.contracts.funding import ClaimPaid
from shared.events import Event
from shared.tables import new_id

DAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Thread:
    """Ids of everything in it. `events` come in the order in which they happened."""

    topic: UUID
    item: UUID
    responses: int = 7
    attending: int = 6
    above: UUID = field(default_factory=new_id)
    survey: UUID = field(default_factory=new_id)
    assembly: UUID = field(default_factory=new_id)
    project: UUID = field(default_factory=new_id)
    outcome: UUID = field(default_factory=new_id)

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

    def payment(self, pence: int) -> ClaimPaid:
        return ClaimPaid(claim_id=new_id(), assembly_id=self.assembly, paid_on=DAY, pence=pence)
