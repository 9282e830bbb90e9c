"""The thread as it is answered: nodes with their facts, and people only as numbers that are large enough."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from services.evidence.items.views import ItemSummary
from services.evidence.line_of_sight import rules
from services.evidence.line_of_sight.queries import Known
from services.evidence.line_of_sight.rules import Ref
from shared.contracts.evidence import WayOfKnowing
from shared.http import View


class FewerThan(View):
    """Instead of a number of people so small that somebody might be recognised."""

    fewer_than: int = Field(examples=[5])


People = int | FewerThan


class Node(View):
    """One thing on the thread. `pence` were paid to people for taking part in it."""

    ref: str = Field(examples=["evidence:0198f3a0-7a34-7c1e-9d0b-3f1f5d0f6a11"])
    kind: rules.Kind
    way: WayOfKnowing | None = Field(default=None, description="The way of knowing of an evidence item.")
    facts: dict[str, Any]
    pence: int | None = None
    people: People | None = Field(
        default=None, description="Who answered, who took part, whom an outcome affected; 1 to 4 are not told."
    )


class Link(View):
    """`from` came before `to`."""

    from_: str = Field(serialization_alias="from")
    to: str
    relation: rules.Relation
    at: datetime


class Thread(View):
    """From a voice to a change in practice. `truncated` says that there is more than is shown."""

    from_: str = Field(serialization_alias="from")
    nodes: list[Node]
    links: list[Link]
    truncated: bool


class Followed(View):
    """What came of an item."""

    projects: int
    outcomes: int
    better: int = Field(description="Outcomes in which something got better.")
    people: People


class Contribution(View):
    item: ItemSummary
    followed: Followed
    line_of_sight: str = Field(description="The address of the whole thread.")


def people(number: int) -> People:
    return FewerThan(fewer_than=rules.SMALLEST_NUMBER) if rules.small(number) else number


def node(ref: Ref, facts: Mapping[str, Any], known: Known) -> Node:
    """What events told of it, with what this service knows itself."""
    told = dict(facts)
    shown: dict[str, Any] = {"ref": str(ref), "kind": ref.kind, "facts": told}
    match ref.kind:
        case "evidence":
            shown["way"] = told.pop("way_of_knowing", None)
            if title := known.titles.get(ref.id):
                told["title"] = title
        case "topic":
            if topic := known.topics.get(ref.id):
                told |= {"name": topic.name, "priority": topic.priority}
        case "survey":
            shown["people"] = people(max(told.pop("respondents", 0), known.answers.get(ref.id, 0)))
        case "assembly":
            shown["people"] = people(known.attendances.get(ref.id, 0))
            shown["pence"] = known.pence.get(ref.id, 0)
        case "outcome":
            shown["people"] = people(told.pop("people_affected", 0))
        case _:
            pass
    return Node.model_validate(shown)
