"""Changes of assemblies."""

from typing import NamedTuple
from uuid import UUID

from services.engagement.meetings.assemblies import rules
from services.engagement.meetings.assemblies.queries import AssemblyNotFound
from services.engagement.meetings.assemblies.tables import Assembly
from services.engagement.meetings.assemblies.views import AssemblyPatch, AssemblyRequest
from services.engagement.replicas.topics.queries import get_topic, list_topics
from services.engagement.replicas.topics.rules import unknown_topic
from services.engagement.replicas.topics.tables import Topic
from shared import clock
from shared.events.contracts.funding import FundingRefused
from shared.http.etags import Match, combined
from shared.persistence.fetch import fetch
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import FieldError, Invalid


class AssemblyWithTopic(NamedTuple):
    """An assembly and the topic that it is about."""

    assembly: Assembly
    topic: Topic


async def create_assembly(uow: UnitOfWork, plan: AssemblyRequest) -> AssemblyWithTopic:
    """Plan an assembly, and ask funding to reserve its money. Raises Invalid."""
    topic = (await list_topics(uow.session, [plan.topic_id])).get(plan.topic_id)
    if topic is None:
        raise Invalid(errors=[unknown_topic("/topic_id")])
    fields = plan.model_dump(exclude={"expected_cost"})
    assembly = Assembly(**fields, expected_cost_pence=plan.expected_cost.pence)
    rules.check_plan(assembly, clock.now())
    uow.save(assembly)
    uow.publish(rules.planned(assembly))
    return AssemblyWithTopic(assembly, topic)


async def update_assembly(uow: UnitOfWork, assembly_id: UUID, patch: AssemblyPatch, match: Match) -> AssemblyWithTopic:
    """Change what costs nothing; the time only until the assembly ends.

    Raises AssemblyNotFound, Invalid, and what `match.check` does.
    """
    assembly = await fetch(uow.session, Assembly, assembly_id, missing=AssemblyNotFound, key_share=True)
    topic = await get_topic(uow.session, assembly.topic_id)
    match.check(combined(assembly, topic))
    changes = patch.model_dump(exclude_unset=True)
    time_changes = changes.get("starts_at", assembly.starts_at) != assembly.starts_at
    if time_changes:
        rules.check_time_may_change(assembly, clock.now())
    for name, value in changes.items():
        if value is None and name != "place":
            raise Invalid(errors=[FieldError(pointer=f"/{name}", detail="This cannot be left empty.")])
        setattr(assembly, name, value)
    if time_changes:
        rules.check_new_time(assembly, clock.now())
    rules.check_change(assembly)
    return AssemblyWithTopic(assembly, topic)


async def open_registration(uow: UnitOfWork, assembly_id: UUID) -> None:
    """Open registration, since the money is reserved. Raises AssemblyNotFound."""
    assembly = await fetch(uow.session, Assembly, assembly_id, missing=AssemblyNotFound, key_share=True)
    if opened := rules.open_registration(assembly):
        uow.publish(opened)


async def refuse_assembly(uow: UnitOfWork, refused: FundingRefused) -> None:
    """Refuse the assembly for want of money. Raises AssemblyNotFound."""
    assembly = await fetch(uow.session, Assembly, refused.assembly_id, missing=AssemblyNotFound, key_share=True)
    rules.refuse(assembly, refused)
