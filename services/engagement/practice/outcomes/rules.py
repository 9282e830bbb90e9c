"""What a support project may measure."""

from enum import StrEnum

from services.engagement.practice.outcomes.tables import Outcome
from services.engagement.practice.projects.tables import Project
from shared.events.contracts.engagement import OutcomeRecorded


class Measure(StrEnum):
    """What a project may change, in a list short enough to compare projects by."""

    WELLBEING = "wellbeing"
    INDEPENDENCE = "independence"
    CHOICE_AND_CONTROL = "choice_and_control"
    SOCIAL_CONNECTION = "social_connection"
    CARER_WELLBEING = "carer_wellbeing"
    BREAKS_FOR_CARERS = "breaks_for_carers"
    SAFETY = "safety"
    EXPERIENCE_OF_CARE = "experience_of_care"
    WAITING_TIME = "waiting_time"
    HOSPITAL_STAYS = "hospital_stays"
    STAFF_WELLBEING = "staff_wellbeing"
    STAFF_RETENTION = "staff_retention"
    STAFF_SKILLS = "staff_skills"
    COST = "cost"
    OTHER = "other"


def record(project: Project, outcome: Outcome) -> OutcomeRecorded:
    """Count one more outcome of the project. Returns the event, which leaves the note out."""
    project.outcomes += 1
    return OutcomeRecorded.model_validate(
        outcome.model_dump(exclude={"note"}) | {"outcome_id": outcome.id, "project_id": project.id}
    )
