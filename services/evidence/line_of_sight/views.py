"""The line of sight as it is returned: nodes with their facts, and people only as numbers that are large enough."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from services.evidence.library.items.editions.queries import EditionChangeRow
from services.evidence.library.items.tables import Side
from services.evidence.library.items.views import ItemSummary
from services.evidence.line_of_sight import rules
from services.evidence.line_of_sight.enrichment import AssemblyPayments, Enrichment, PublicTitle, RequestFacts
from services.evidence.line_of_sight.impact import ItemImpact
from services.evidence.line_of_sight.queries import ThreadSnapshot
from services.evidence.line_of_sight.rules import NodeRef
from shared.disclosure import AtLeast, RoundedCount, rounded_count, rounded_down
from shared.events.contracts.evidence import WayOfKnowing
from shared.views import Money, View

_USED = {"yes": True, "no": False}


class ThreadNode(View):
    """A node of the thread. Staff read the numbers of today; everyone else those of the disclosure rule."""

    ref: str = Field(examples=["evidence:0198f3a0-7a34-7c1e-9d0b-3f1f5d0f6a11"])
    kind: rules.NodeKind
    way_of_knowing: WayOfKnowing | None = Field(default=None, description="Of an evidence item.")
    facts: dict[str, Any]
    paid: Money | None = Field(
        default=None,
        description="What people were paid for taking part, in closed months and in sums of enough people.",
    )
    people: int | RoundedCount | None = Field(
        default=None,
        description="Who answered (once the results are published), took part, learned or was affected. No number "
        "below the disclosure threshold.",
    )

    @classmethod
    def of(cls, ref: NodeRef, event_facts: Mapping[str, Any], enrichment: Enrichment, *, staff: bool) -> "ThreadNode":
        """Return what events said of the node, with what this service knows of it."""

        def count(people: int) -> int | RoundedCount:
            return people if staff else rounded_count(people)

        facts = {**event_facts, **({"being_looked_at": True} if ref in enrichment.doubted else {})}
        fields: dict[str, Any] = {"ref": str(ref), "kind": ref.kind, "facts": facts}
        if facts.get("withdrawn") is False:
            del facts["withdrawn"]
        if title := enrichment.titles.get(ref):
            facts |= {"title": title.text, "language": title.language}
        match ref.kind:
            case "evidence":
                fields["way_of_knowing"] = facts.pop("way_of_knowing", None)
            case "learning":
                fields["people"] = count(enrichment.learners.get(ref.id, 0))
                facts |= {"withdrawn": True} if ref.id in enrichment.withdrawn_pieces else {}
            case "request" if request := enrichment.requests.get(ref.id):
                fields["facts"] = _merge_request_facts(facts, request, staff=staff)
            case "topic":
                if topic := enrichment.topics.get(ref.id):
                    facts |= {"name": topic.name, "priority": topic.priority}
            case "survey":
                # What results show, and not before: another number of the same people would tell the difference.
                respondents = facts.pop("respondents", None)
                public = None if respondents is None else _shown(respondents)
                fields["people"] = enrichment.responses.get(ref.id, 0) if staff else public
            case "assembly":
                fields["people"] = count(enrichment.attendances.get(ref.id, 0))
                if payments := enrichment.payments.get(ref.id):
                    pence = payments.pence if staff else payments.public.pence
                    fields["paid"] = None if pence is None else Money(pence=pence)
            case "outcome":
                fields["people"] = count(facts.pop("people_affected", 0))
            case _:
                pass
        return cls.model_validate(fields)


class ThreadLink(View):
    """`from` came before `to`."""

    from_: str = Field(serialization_alias="from")
    to: str
    relation: rules.Relation
    at: datetime


class LineOfSight(View):
    """The thread from a voice to a change in practice. `truncated` says that there is more than is shown."""

    from_: str = Field(serialization_alias="from")
    nodes: list[ThreadNode]
    links: list[ThreadLink]
    truncated: bool

    @classmethod
    def of(cls, thread: ThreadSnapshot) -> "LineOfSight":
        """Return the view."""
        return cls(
            from_=str(thread.nodes[0]),
            nodes=[
                ThreadNode.of(ref, thread.facts.get(ref, {}), thread.enrichment, staff=thread.staff)
                for ref in thread.nodes
            ],
            links=[
                ThreadLink.model_validate(
                    {"from_": str(link.source), "to": str(link.target), "relation": link.relation, "at": link.at}
                )
                for link in thread.links
            ],
            truncated=thread.truncated,
        )


class PublishedTitle(View):
    """A guide or learning piece that is published today."""

    id: UUID
    title: str
    language: str


class ContributionImpact(View):
    """What followed from an item, and from all that it was merged with."""

    projects: int = Field(description="Projects that apply it, or a guide that draws on it.")
    outcomes: int
    better: int = Field(description="Outcomes in which something got better.")
    people: RoundedCount = Field(description="People whom those outcomes affected that affected enough.")
    guides: list[PublishedTitle] = Field(description="Published guides that draw on it.")
    learning: list[PublishedTitle] = Field(description="Learning pieces that teach it, or such a guide.")
    project_ids: list[UUID]
    requests: RoundedCount = Field(description="Questions of the front line that were answered with it.")
    paid_claims: RoundedCount = Field(
        description="Claims paid to people of the assemblies that led to these projects, in months whose sums are "
        "public."
    )
    paid: Money = Field(
        description="The sums of these assemblies that are public: of enough people, until the last closed month. "
        "0 where none is."
    )

    @classmethod
    def of(
        cls, impact: ItemImpact, titles: Mapping[NodeRef, PublicTitle], payments: Mapping[UUID, AssemblyPayments]
    ) -> "ContributionImpact":
        """Return the view, with the titles of what is published. Sums are of what is public of each part."""
        paid = [payments[id] for id in impact.assemblies if id in payments]
        return cls(
            projects=len(impact.projects),
            outcomes=impact.outcomes,
            better=impact.better,
            people=rounded_count(sum(map(rounded_down, impact.people))),
            guides=_titled("guide", impact.guides, titles),
            learning=_titled("learning", impact.learning, titles),
            project_ids=list(impact.projects),
            requests=rounded_count(impact.requests),
            paid_claims=rounded_count(sum(rounded_down(assembly.public.claims) for assembly in paid)),
            paid=Money(pence=sum(assembly.public.pence or 0 for assembly in paid)),
        )


class EditionChange(View):
    """Who made an edition, and what it changed."""

    edition: int
    changed_by: Side
    agreed: bool = Field(description="Whether the other side said yes: you to an editor's words, an editor to yours.")
    fields: list[str]


class Contribution(View):
    """An item that the caller contributed, and what followed from it."""

    item: ItemSummary
    impact: ContributionImpact
    line_of_sight: str = Field(description="The path of the whole thread.")
    last_change: EditionChange | None = Field(description="What made the current edition; null for the first.")
    proposals_waiting: int = Field(
        description="Proposals of editors for its words that wait for your answer, at /v1/evidence/proposals."
    )

    @classmethod
    def of(
        cls, item: ItemSummary, impact: ContributionImpact, change: EditionChangeRow | None, waiting: int
    ) -> "Contribution":
        """Return the view."""
        path = f"/v1/line-of-sight?from=evidence:{item.id}"
        last_change = EditionChange.model_validate(change) if change else None
        return cls(item=item, impact=impact, line_of_sight=path, last_change=last_change, proposals_waiting=waiting)


def _shown(respondents: int) -> RoundedCount:
    """Return the number as the results show it: it was rounded there."""
    return AtLeast(at_least=respondents) if rounded_down(respondents) else rounded_count(0)


def _titled(kind: str, ids: Sequence[UUID], titles: Mapping[NodeRef, PublicTitle]) -> list[PublishedTitle]:
    shown = [(id, titles.get(NodeRef(kind, id))) for id in ids]
    return [PublishedTitle(id=id, title=title.text, language=title.language) for id, title in shown if title]


def _merge_request_facts(facts: Mapping[str, Any], request: RequestFacts, *, staff: bool) -> dict[str, Any]:
    """Tell staff alone what whoever asked says of its use today, which is something about one person.

    An event closes a request, and none opens it again.
    """
    used = _USED.get(request.used or "") if staff else None
    current = {**facts, "used": used, "question": request.public_question}
    return {name: value for name, value in current.items() if value is not None}
