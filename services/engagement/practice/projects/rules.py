"""What a support project may apply, and what it measures."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from uuid import UUID

from services.engagement.practice.projects.tables import Outcome, Project
from services.engagement.replicas.guides.tables import Guide
from services.engagement.replicas.items.tables import Item
from shared.events.contracts.engagement import OutcomeRecorded, ProjectStarted
from shared.problems import FieldError

SMALLEST_NUMBER = 5
"""People in smaller groups could be recognised: their number is told to staff alone."""


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


def wrong_items(applies: Sequence[UUID], known: Mapping[UUID, Item]) -> list[FieldError]:
    """What cannot be applied: only evidence that is published can."""
    errors: list[FieldError] = []
    for place, item_id in enumerate(applies):
        item = known.get(item_id)
        if item is None:
            detail = "No published evidence with this id is known here. If it is new, send this again in some seconds."
        elif not item.published:
            detail = "This evidence has been withdrawn. Leave it out."
        elif item_id in applies[:place]:
            detail = "This evidence is in the list already."
        else:
            continue
        errors.append(FieldError(pointer=f"/applies/{place}", detail=detail))
    return errors


def wrong_guides(guide_ids: Sequence[UUID], known: Mapping[UUID, Guide]) -> list[FieldError]:
    """What cannot be applied: only a guide that is published can."""
    errors: list[FieldError] = []
    for place, guide_id in enumerate(guide_ids):
        guide = known.get(guide_id)
        if guide is None:
            detail = "No published guide with this id is known here. If it is new, send this again in some seconds."
        elif not guide.published:
            detail = "This guide has been withdrawn. Leave it out."
        elif guide_id in guide_ids[:place]:
            detail = "This guide is in the list already."
        else:
            continue
        errors.append(FieldError(pointer=f"/guide_ids/{place}", detail=detail))
    return errors


def started(project: Project) -> ProjectStarted:
    return ProjectStarted.model_validate(project.model_dump() | {"project_id": project.id})


def record_outcome(project: Project, outcome: Outcome) -> OutcomeRecorded:
    """The project has one more outcome, and says so without the note."""
    project.outcomes += 1
    return OutcomeRecorded.model_validate(
        outcome.model_dump(exclude={"note"}) | {"outcome_id": outcome.id, "project_id": project.id}
    )
