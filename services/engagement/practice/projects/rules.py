"""What a support project may apply."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.engagement.practice.projects.tables import Project
from services.engagement.replicas.guides.tables import Guide
from services.engagement.replicas.items.rules import standing_item
from services.engagement.replicas.items.tables import Item
from shared.events.contracts.engagement import ProjectStarted
from shared.problems import FieldError


def item_errors(item_ids: Sequence[UUID], known_items: Mapping[UUID, Item]) -> list[FieldError]:
    """Return an error for each item that cannot be applied: unknown, withdrawn, retracted or repeated."""
    errors: list[FieldError] = []
    for index, item_id in enumerate(item_ids):
        item = known_items.get(item_id)
        if item is None:
            detail = "No published evidence with this id is known here. If it is new, send this again in a few seconds."
        elif not (standing := standing_item(item_id, known_items)).published:
            detail = "This evidence has been withdrawn. Leave it out."
        elif standing.notice == "retraction":
            detail = "This work was retracted. Nobody should rely on it: leave it out."
        elif item_id in item_ids[:index]:
            detail = "This evidence is in the list already."
        else:
            continue
        errors.append(FieldError(pointer=f"/applies/{index}", detail=detail))
    return errors


def guide_errors(guide_ids: Sequence[UUID], known_guides: Mapping[UUID, Guide]) -> list[FieldError]:
    """Return an error for each guide that cannot be applied: unknown, withdrawn or repeated."""
    errors: list[FieldError] = []
    for index, guide_id in enumerate(guide_ids):
        guide = known_guides.get(guide_id)
        if guide is None:
            detail = "No published guide with this id is known here. If it is new, send this again in a few seconds."
        elif not guide.published:
            detail = "This guide has been withdrawn. Leave it out."
        elif guide_id in guide_ids[:index]:
            detail = "This guide is in the list already."
        else:
            continue
        errors.append(FieldError(pointer=f"/guide_ids/{index}", detail=detail))
    return errors


def started(project: Project) -> ProjectStarted:
    """Return the event of a new project."""
    return ProjectStarted.model_validate(project.model_dump() | {"project_id": project.id})
