"""Events of all services, as nodes and links of the graph.

Order is promised per key only: a project may arrive before the topic that it pursues. Each handler therefore writes
what its own event says and leaves the rest alone, so that the graph is the same in the end.

Events that are not handled here, with the reason: RegistrationOpened, FundingReserved and FundingRefused (how an
assembly came to open, not what followed from it), EntitlementGranted, EntitlementWithdrawn and ClaimSubmitted (pounds
count when they are paid) and TopicPriorityChanged (the topic itself is read with the thread).

What a merge or a withdrawn question takes away is taken away by its own event. Nothing else is ever deleted but links
that a newer edition no longer has, and payments that did not take place.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from services.evidence.line_of_sight import commands
from services.evidence.line_of_sight.commands import NewLink
from services.evidence.line_of_sight.rules import MERGED_INTO, NodeRef
from shared import clock
from shared.events.contracts.engagement import (
    AssemblyPlanned,
    AttendanceRecorded,
    OutcomeRecorded,
    ProjectStarted,
    ResponseReceived,
    ResultsPublished,
    SurveyOpened,
)
from shared.events.contracts.evidence import (
    EvidenceMerged,
    EvidencePublished,
    EvidenceRequestAnswered,
    EvidenceRequestClosed,
    EvidenceRequestReceived,
    EvidenceRequestRevised,
    EvidenceRequestWithdrawn,
    EvidenceRetracted,
    EvidenceUnmerged,
    EvidenceWithdrawn,
    GuidePublished,
    GuideWithdrawn,
    LearningCompleted,
    LearningPublished,
    TopicChanged,
    TopicCreated,
)
from shared.events.contracts.funding import ClaimPaid, ClaimPaymentVoided
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(TopicCreated)
async def add_topic(created: TopicCreated, uow: UnitOfWork) -> None:
    """Add the topic, linked from its parent."""
    topic = NodeRef("topic", created.topic_id)
    await commands.upsert_node(uow.session, topic, {}, _occurred_at(uow))
    if created.parent_id is not None:
        parent = NodeRef("topic", created.parent_id)
        await commands.upsert_links(uow.session, [NewLink(parent, "contains", topic)], _occurred_at(uow))


@consumer.on(TopicChanged)
async def move_topic(changed: TopicChanged, uow: UnitOfWork) -> None:
    """Link the topic from its parent of now."""
    topic = NodeRef("topic", changed.topic_id)
    parents = [] if changed.parent_id is None else [changed.parent_id]
    await commands.replace_sources(uow.session, topic, "contains", "topic", parents, _occurred_at(uow))


@consumer.on(EvidencePublished)
async def add_evidence(published: EvidencePublished, uow: UnitOfWork) -> None:
    """Add the item, linked from its topics; new topics of a published item replace those before."""
    item = NodeRef("evidence", published.item_id)
    facts = {"way_of_knowing": published.way_of_knowing, "withdrawn": False}
    await commands.upsert_node(uow.session, item, facts, _occurred_at(uow))
    await _replace_topics(uow, item, published.topic_ids)


@consumer.on(EvidenceWithdrawn)
async def mark_evidence_withdrawn(withdrawn: EvidenceWithdrawn, uow: UnitOfWork) -> None:
    """Mark the item; what it led to stays."""
    item = NodeRef("evidence", withdrawn.item_id)
    await commands.upsert_node(uow.session, item, {"withdrawn": True}, _occurred_at(uow))


@consumer.on(EvidenceRetracted)
async def mark_evidence_retracted(retracted: EvidenceRetracted, uow: UnitOfWork) -> None:
    """Show the notice beside everything that was built on the work."""
    item = NodeRef("evidence", retracted.item_id)
    await commands.upsert_node(uow.session, item, {"retraction": retracted.nature}, _occurred_at(uow))


@consumer.on(EvidenceMerged)
async def link_merged_evidence(merged: EvidenceMerged, uow: UnitOfWork) -> None:
    """Show what led to the absorbed item, and what followed from it, at the item that it was merged into."""
    absorbed, into = NodeRef("evidence", merged.item_id), NodeRef("evidence", merged.into_id)
    await commands.upsert_links(uow.session, [NewLink(absorbed, MERGED_INTO, into)], _occurred_at(uow))


@consumer.on(EvidenceUnmerged)
async def unlink_merged_evidence(unmerged: EvidenceUnmerged, uow: UnitOfWork) -> None:
    """Give each item its own thread again: the other links of both were never touched."""
    await commands.delete_links_from(uow.session, NodeRef("evidence", unmerged.item_id), MERGED_INTO)


@consumer.on(GuidePublished)
async def add_guide(published: GuidePublished, uow: UnitOfWork) -> None:
    """Add the guide, linked from what this edition cites and no longer from what an earlier one cited."""
    guide = NodeRef("guide", published.guide_id)
    facts = {"edition": published.edition, "ways_of_knowing": list(published.ways_of_knowing), "withdrawn": False}
    await commands.upsert_node(uow.session, guide, facts, _occurred_at(uow))
    cited = published.item_ids
    await commands.replace_sources(uow.session, guide, "drawn_on_by", "evidence", cited, _occurred_at(uow))
    await _replace_topics(uow, guide, published.topic_ids)


@consumer.on(GuideWithdrawn)
async def mark_guide_withdrawn(withdrawn: GuideWithdrawn, uow: UnitOfWork) -> None:
    """Mark the guide; what it led to stays."""
    guide = NodeRef("guide", withdrawn.guide_id)
    await commands.upsert_node(uow.session, guide, {"withdrawn": True}, _occurred_at(uow))


@consumer.on(LearningPublished)
async def add_learning_piece(published: LearningPublished, uow: UnitOfWork) -> None:
    """Add the piece, linked from what this edition teaches."""
    piece, at = NodeRef("learning", published.piece_id), _occurred_at(uow)
    await commands.upsert_node(uow.session, piece, {}, at)
    await commands.replace_sources(uow.session, piece, "taught_by", "evidence", published.item_ids, at)
    await commands.replace_sources(uow.session, piece, "taught_by", "guide", published.guide_ids, at)


@consumer.on(LearningCompleted)
async def count_completion(completed: LearningCompleted, uow: UnitOfWork) -> None:
    """Count the completion at its piece."""
    await commands.add_completion(uow.session, completed.completion_id, completed.piece_id)


@consumer.on(EvidenceRequestReceived)
async def add_request(received: EvidenceRequestReceived, uow: UnitOfWork) -> None:
    """Add the request, or replace its topics. Who may see it is decided when the thread is read."""
    request = NodeRef("request", received.request_id)
    await commands.upsert_node(uow.session, request, {"urgency": received.urgency}, _occurred_at(uow))
    await commands.delete_links_from(uow.session, request, "asks_about")
    await _link_to_topics(uow, request, "asks_about", received.topic_ids)


@consumer.on(EvidenceRequestAnswered)
async def link_answer(answered: EvidenceRequestAnswered, uow: UnitOfWork) -> None:
    """Link the request to what the answer cites. A further answer adds to the first."""
    request = NodeRef("request", answered.request_id)
    await commands.upsert_node(uow.session, request, {"answered": True}, _occurred_at(uow))
    await _link_to_sources(uow, request, answered)


@consumer.on(EvidenceRequestRevised)
async def replace_answer(revised: EvidenceRequestRevised, uow: UnitOfWork) -> None:
    """Link the request to what its answers still cite, and to nothing else."""
    request = NodeRef("request", revised.request_id)
    await commands.delete_links_from(uow.session, request, "answered_by")
    await _link_to_sources(uow, request, revised)


@consumer.on(EvidenceRequestClosed)
async def mark_request_used(closed: EvidenceRequestClosed, uow: UnitOfWork) -> None:
    """Note whether the answer was used."""
    request = NodeRef("request", closed.request_id)
    await commands.upsert_node(uow.session, request, {"used": closed.used}, _occurred_at(uow))


@consumer.on(EvidenceRequestWithdrawn)
async def delete_request(withdrawn: EvidenceRequestWithdrawn, uow: UnitOfWork) -> None:
    """Delete a withdrawn request from the graph."""
    await commands.delete_node(uow.session, NodeRef("request", withdrawn.request_id))


@consumer.on(SurveyOpened)
async def add_survey(opened: SurveyOpened, uow: UnitOfWork) -> None:
    """Add the survey, linked to its topics."""
    survey = NodeRef("survey", opened.survey_id)
    await commands.upsert_node(uow.session, survey, {"opened_at": _timestamp(uow)}, _occurred_at(uow))
    await _link_to_topics(uow, survey, "asks_about", opened.topic_ids)


@consumer.on(ResponseReceived)
async def count_response(received: ResponseReceived, uow: UnitOfWork) -> None:
    """Count the response at its survey."""
    await commands.add_response(uow.session, received.response_id, received.survey_id)


@consumer.on(ResultsPublished)
async def add_results(results: ResultsPublished, uow: UnitOfWork) -> None:
    """Link the survey to the topics that it gave a priority."""
    survey = NodeRef("survey", results.survey_id)
    facts = {"closed_at": _timestamp(uow), "respondents": results.respondents}
    await commands.upsert_node(uow.session, survey, facts, _occurred_at(uow))
    await _link_to_topics(uow, survey, "prioritises", [priority.topic_id for priority in results.priorities])


@consumer.on(AssemblyPlanned)
async def add_assembly(planned: AssemblyPlanned, uow: UnitOfWork) -> None:
    """Add the assembly, linked from its topic."""
    assembly, topic = NodeRef("assembly", planned.assembly_id), NodeRef("topic", planned.topic_id)
    facts = {"held_on": planned.held_on.isoformat(), "places": planned.places}
    await commands.upsert_node(uow.session, assembly, facts, _occurred_at(uow))
    await commands.upsert_links(uow.session, [NewLink(topic, "discussed_at", assembly)], _occurred_at(uow))


@consumer.on(AttendanceRecorded)
async def count_attendance(recorded: AttendanceRecorded, uow: UnitOfWork) -> None:
    """Count the attendance at its assembly. A correction replaces what was recorded before."""
    registration_id, assembly_id = recorded.registration_id, recorded.assembly_id
    await commands.upsert_attendance(uow.session, registration_id, assembly_id, recorded.attended)


@consumer.on(ClaimPaid)
async def count_payment(paid: ClaimPaid, uow: UnitOfWork) -> None:
    """Count the paid claim at its assembly."""
    await commands.add_payment(uow.session, paid, _occurred_at(uow))


@consumer.on(ClaimPaymentVoided)
async def void_payment(voided: ClaimPaymentVoided, uow: UnitOfWork) -> None:
    """Stop counting the payment of the claim. Order is promised here: both events have the claim's key."""
    await commands.void_payment(uow.session, voided.claim_id, _occurred_at(uow))


@consumer.on(ProjectStarted)
async def add_project(started: ProjectStarted, uow: UnitOfWork) -> None:
    """Add the project, linked from its topic, from what it applies and from the assembly that led to it."""
    project = NodeRef("project", started.project_id)
    await commands.upsert_node(uow.session, project, {"model": started.model}, _occurred_at(uow))
    new_links = [NewLink(NodeRef("topic", started.topic_id), "pursued_by", project)]
    new_links += [NewLink(NodeRef("evidence", item_id), "applied_by", project) for item_id in started.applies]
    new_links += [NewLink(NodeRef("guide", guide_id), "applied_by", project) for guide_id in started.guide_ids]
    if started.assembly_id is not None:
        new_links.append(NewLink(NodeRef("assembly", started.assembly_id), "led_to", project))
    await commands.upsert_links(uow.session, new_links, _occurred_at(uow))


@consumer.on(OutcomeRecorded)
async def add_outcome(recorded: OutcomeRecorded, uow: UnitOfWork) -> None:
    """Add the outcome, linked from its project."""
    outcome, project = NodeRef("outcome", recorded.outcome_id), NodeRef("project", recorded.project_id)
    facts = {
        "measure": recorded.measure,
        "direction": recorded.direction,
        "people_affected": recorded.people_affected,
    }
    await commands.upsert_node(uow.session, outcome, facts, _occurred_at(uow))
    await commands.upsert_links(uow.session, [NewLink(project, "achieved", outcome)], _occurred_at(uow))


async def _replace_topics(uow: UnitOfWork, ref: NodeRef, topic_ids: Sequence[UUID]) -> None:
    """Link the node as an answer from these topics, and from no others."""
    await commands.replace_sources(uow.session, ref, "answered_by", "topic", topic_ids, _occurred_at(uow))


async def _link_to_topics(uow: UnitOfWork, source: NodeRef, relation: str, topic_ids: Iterable[UUID]) -> None:
    new_links = [NewLink(source, relation, NodeRef("topic", topic_id)) for topic_id in topic_ids]
    await commands.upsert_links(uow.session, new_links, _occurred_at(uow))


def _occurred_at(uow: UnitOfWork) -> datetime:
    """Return when the event happened, not when it arrived."""
    return uow.cause.time if uow.cause else clock.now()


def _timestamp(uow: UnitOfWork) -> str:
    """Return when the event happened, as the API writes times."""
    return _occurred_at(uow).astimezone(UTC).isoformat().replace("+00:00", "Z")


async def _link_to_sources(
    uow: UnitOfWork, request: NodeRef, answer: EvidenceRequestAnswered | EvidenceRequestRevised
) -> None:
    cited = [NodeRef("evidence", item_id) for item_id in answer.item_ids]
    cited += [NodeRef("guide", guide_id) for guide_id in answer.guide_ids]
    new_links = [NewLink(request, "answered_by", source) for source in cited]
    await commands.upsert_links(uow.session, new_links, _occurred_at(uow))
