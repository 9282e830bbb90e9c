"""The thread as it is answered: nodes with their facts, and people only as numbers that are large enough."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from services.evidence.library.items.views import ItemSummary
from services.evidence.line_of_sight import rules
from services.evidence.line_of_sight.known import Known
from services.evidence.line_of_sight.rules import Ref
from services.evidence.small_numbers import InFives, People, in_fives, people
from shared.events.contracts.evidence import WayOfKnowing
from shared.views import Money, View


class Node(View):
    """One thing on the thread. `paid` is what people got for taking part in it."""

    ref: str = Field(examples=["evidence:0198f3a0-7a34-7c1e-9d0b-3f1f5d0f6a11"])
    kind: rules.Kind
    way: WayOfKnowing | None = Field(default=None, description="The way of knowing of an evidence item.")
    facts: dict[str, Any]
    paid: Money | None = None
    people: People | None = Field(
        default=None,
        description="Who answered, who took part, who learned, whom an outcome affected; 1 to 4 are not told.",
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


class Named(View):
    """What is published today, with its title."""

    id: UUID
    title: str


class Followed(View):
    """What came of an item, and of all that it was merged with."""

    projects: int = Field(description="Projects that apply it, or a guide that draws on it.")
    outcomes: int
    better: int = Field(description="Outcomes in which something got better.")
    people: People = Field(description="Whom the outcomes affected.")
    guides: list[Named] = Field(description="Published guides that draw on it.")
    learning: list[Named] = Field(description="Learning pieces that teach from it, or from such a guide.")
    project_ids: list[UUID]
    requests: InFives = Field(description="Questions of the front line that were answered with it.")
    paid_claims: InFives = Field(description="Claims paid to people of the assemblies that led to these projects.")
    paid: Money = Field(description="What those came to; nothing where they are fewer than five.")


class Contribution(View):
    item: ItemSummary
    followed: Followed
    line_of_sight: str = Field(description="The address of the whole thread.")


def followed(row: Any, titles: Mapping[Ref, str]) -> Followed:
    return Followed(
        projects=len(row.projects),
        outcomes=row.outcomes,
        better=row.better,
        people=people(row.people),
        guides=_named("guide", row.guides, titles),
        learning=_named("learning", row.learning, titles),
        project_ids=row.projects,
        requests=in_fives(row.requests),
        paid_claims=in_fives(row.claims),
        paid=Money(pence=row.pence if isinstance(people(row.claims), int) else 0),
    )


def _named(kind: str, ids: list[UUID], titles: Mapping[Ref, str]) -> list[Named]:
    return [Named(id=each, title=title) for each in ids if (title := titles.get(Ref(kind, each)))]


def node(ref: Ref, facts: Mapping[str, Any], known: Known) -> Node:
    """What events told of it, with what this service knows itself."""
    told = dict(facts)
    shown: dict[str, Any] = {"ref": str(ref), "kind": ref.kind, "facts": told}
    if title := known.titles.get(ref):
        told["title"] = title
    match ref.kind:
        case "evidence":
            shown["way"] = told.pop("way_of_knowing", None)
        case "guide" if told.get("withdrawn") is False:
            del told["withdrawn"]
        case "learning":
            shown["people"] = people(known.learners.get(ref.id, 0))
            told |= {"withdrawn": True} if ref.id in known.withdrawn else {}
        case "request" if request := known.requests.get(ref.id):
            shown["facts"] = _asked(told, request)
        case "topic":
            if topic := known.topics.get(ref.id):
                told |= {"name": topic.name, "priority": topic.priority}
        case "survey":
            shown["people"] = people(max(told.pop("respondents", 0), known.answers.get(ref.id, 0)))
        case "assembly":
            shown["people"] = people(known.attendances.get(ref.id, 0))
            shown["paid"] = Money(pence=known.pence.get(ref.id, 0))
        case "outcome":
            shown["people"] = people(told.pop("people_affected", 0))
        case _:
            pass
    return Node.model_validate(shown)


_USED = {"yes": True, "no": False}


def _asked(told: Mapping[str, Any], request: Any) -> dict[str, Any]:
    """As whoever asked says it today: an event closes a request, and none opens it again."""
    now = {**told, "used": _USED.get(request.used), "question": request.shown_question}
    return {name: value for name, value in now.items() if value is not None}
