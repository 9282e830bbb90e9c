"""What happens anywhere on the platform, as nodes and links of the graph.

Only the order per key is promised: a project may arrive before the topic that it pursues. Each handler therefore writes
what its own event says and leaves alone what others say, so that the graph is the same in the end.

Not listened to, with the reason: RegistrationOpened, FundingReserved and FundingRefused (they say how an assembly came
to open, not what came of it), EntitlementGranted, EntitlementWithdrawn and ClaimSubmitted (a promise; pounds count when
paid), TopicPrioritisedBySurvey and TopicPriorityChanged (the topic itself is asked when the thread is read).

What merging two items or taking a question back undoes, is undone by its own event; nothing else is ever removed but
links that a newer edition no longer has.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from services.evidence.line_of_sight import queries
from services.evidence.line_of_sight.rules import MERGED_INTO, Ref
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
from shared.events.contracts.funding import ClaimPaid
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(TopicCreated)
async def show_topic(created: TopicCreated, uow: UnitOfWork) -> None:
    topic = Ref("topic", created.topic_id)
    await queries.note(uow.session, topic, {}, _at(uow))
    if created.parent_id is not None:
        await queries.link(uow.session, [(Ref("topic", created.parent_id), "contains", topic)], _at(uow))


@consumer.on(TopicChanged)
async def move_topic(changed: TopicChanged, uow: UnitOfWork) -> None:
    topic = Ref("topic", changed.topic_id)
    above = [] if changed.parent_id is None else [Ref("topic", changed.parent_id)]
    await queries.keep_links_to(uow.session, topic, "contains", "topic", above)
    await queries.link(uow.session, [(parent, "contains", topic) for parent in above], _at(uow))


@consumer.on(EvidencePublished)
async def show_evidence(published: EvidencePublished, uow: UnitOfWork) -> None:
    """Also when the topics of a published item changed: then these take the place of those before."""
    item = Ref("evidence", published.item_id)
    await queries.note(uow.session, item, {"way_of_knowing": published.way_of_knowing}, _at(uow))
    await _answers(uow, item, published.topic_ids)


@consumer.on(EvidenceWithdrawn)
async def show_withdrawal(withdrawn: EvidenceWithdrawn, uow: UnitOfWork) -> None:
    """What it led to stays; the reader learns that it is gone."""
    await queries.note(uow.session, Ref("evidence", withdrawn.item_id), {"withdrawn": True}, _at(uow))


@consumer.on(EvidenceRetracted)
async def show_retraction(retracted: EvidenceRetracted, uow: UnitOfWork) -> None:
    """What became of the work is said beside everything that was built on it."""
    facts = {"retraction": retracted.nature}
    await queries.note(uow.session, Ref("evidence", retracted.item_id), facts, _at(uow))


@consumer.on(EvidenceMerged)
async def join_merged(merged: EvidenceMerged, uow: UnitOfWork) -> None:
    """What led to the absorbed item and what came of it is seen at the one that stands for both."""
    absorbed = Ref("evidence", merged.item_id)
    await queries.link(uow.session, [(absorbed, MERGED_INTO, Ref("evidence", merged.into_id))], _at(uow))


@consumer.on(EvidenceUnmerged)
async def part_unmerged(unmerged: EvidenceUnmerged, uow: UnitOfWork) -> None:
    """Each has its own thread again: the links of neither were touched."""
    await queries.unlink(uow.session, Ref("evidence", unmerged.item_id), MERGED_INTO)


@consumer.on(GuidePublished)
async def show_guide(published: GuidePublished, uow: UnitOfWork) -> None:
    """A new edition takes the place of the one before: what it no longer cites no longer leads to it."""
    guide = Ref("guide", published.guide_id)
    facts = {"edition": published.edition, "ways_of_knowing": list(published.ways_of_knowing), "withdrawn": False}
    await queries.note(uow.session, guide, facts, _at(uow))
    cited = [Ref("evidence", item) for item in published.item_ids]
    await queries.keep_links_to(uow.session, guide, "drawn_on_by", "evidence", cited)
    await queries.link(uow.session, [(item, "drawn_on_by", guide) for item in cited], _at(uow))
    await _answers(uow, guide, published.topic_ids)


@consumer.on(GuideWithdrawn)
async def show_guide_withdrawal(withdrawn: GuideWithdrawn, uow: UnitOfWork) -> None:
    await queries.note(uow.session, Ref("guide", withdrawn.guide_id), {"withdrawn": True}, _at(uow))


@consumer.on(LearningPublished)
async def show_learning(published: LearningPublished, uow: UnitOfWork) -> None:
    piece = Ref("learning", published.piece_id)
    await queries.note(uow.session, piece, {}, _at(uow))
    for kind, ids in (("evidence", published.item_ids), ("guide", published.guide_ids)):
        taught = [Ref(kind, each) for each in ids]
        await queries.keep_links_to(uow.session, piece, "taught_by", kind, taught)
        await queries.link(uow.session, [(each, "taught_by", piece) for each in taught], _at(uow))


@consumer.on(LearningCompleted)
async def count_completion(completed: LearningCompleted, uow: UnitOfWork) -> None:
    await queries.note_completion(uow.session, completed.completion_id, completed.piece_id)


@consumer.on(EvidenceRequestReceived)
async def show_request(received: EvidenceRequestReceived, uow: UnitOfWork) -> None:
    """Also when it is filed anew. Who may see it is decided when the thread is read."""
    request = Ref("request", received.request_id)
    await queries.note(uow.session, request, {"urgency": received.urgency}, _at(uow))
    await queries.unlink(uow.session, request, "asks_about")
    await queries.link(uow.session, [(request, "asks_about", Ref("topic", t)) for t in received.topic_ids], _at(uow))


@consumer.on(EvidenceRequestAnswered)
async def show_answer(answered: EvidenceRequestAnswered, uow: UnitOfWork) -> None:
    """A further answer adds to the first."""
    request = Ref("request", answered.request_id)
    await queries.note(uow.session, request, {"answered": True}, _at(uow))
    cited = [Ref("evidence", item) for item in answered.item_ids]
    cited += [Ref("guide", guide) for guide in answered.guide_ids]
    await queries.link(uow.session, [(request, "answered_by", each) for each in cited], _at(uow))


@consumer.on(EvidenceRequestClosed)
async def show_use(closed: EvidenceRequestClosed, uow: UnitOfWork) -> None:
    """One that was taken back leaves the graph."""
    request = Ref("request", closed.request_id)
    if closed.used is None:
        await queries.forget(uow.session, request)
    else:
        await queries.note(uow.session, request, {"used": closed.used}, _at(uow))


@consumer.on(SurveyOpened)
async def show_survey(opened: SurveyOpened, uow: UnitOfWork) -> None:
    survey = Ref("survey", opened.survey_id)
    await queries.note(uow.session, survey, {"opened_at": _moment(uow)}, _at(uow))
    await queries.link(uow.session, [(survey, "asks_about", Ref("topic", t)) for t in opened.topic_ids], _at(uow))


@consumer.on(ResponseReceived)
async def count_response(received: ResponseReceived, uow: UnitOfWork) -> None:
    await queries.note_answer(uow.session, received.response_id, received.survey_id)


@consumer.on(ResultsPublished)
async def show_results(results: ResultsPublished, uow: UnitOfWork) -> None:
    survey = Ref("survey", results.survey_id)
    facts = {"closed_at": _moment(uow), "respondents": results.respondents}
    await queries.note(uow.session, survey, facts, _at(uow))
    said = [(survey, "prioritises", Ref("topic", priority.topic_id)) for priority in results.priorities]
    await queries.link(uow.session, said, _at(uow))


@consumer.on(AssemblyPlanned)
async def show_assembly(planned: AssemblyPlanned, uow: UnitOfWork) -> None:
    assembly = Ref("assembly", planned.assembly_id)
    facts = {"held_on": planned.held_on.isoformat(), "places": planned.places}
    await queries.note(uow.session, assembly, facts, _at(uow))
    await queries.link(uow.session, [(Ref("topic", planned.topic_id), "discussed_at", assembly)], _at(uow))


@consumer.on(AttendanceRecorded)
async def count_attendance(recorded: AttendanceRecorded, uow: UnitOfWork) -> None:
    """A correction takes the place of what was recorded before."""
    await queries.note_attendance(uow.session, recorded.registration_id, recorded.assembly_id, recorded.attended)


@consumer.on(ClaimPaid)
async def count_payment(paid: ClaimPaid, uow: UnitOfWork) -> None:
    await queries.note_payment(uow.session, paid.claim_id, paid.assembly_id, paid.pence)


@consumer.on(ProjectStarted)
async def show_project(started: ProjectStarted, uow: UnitOfWork) -> None:
    project = Ref("project", started.project_id)
    await queries.note(uow.session, project, {"model": started.model}, _at(uow))
    grew = [(Ref("topic", started.topic_id), "pursued_by", project)]
    grew += [(Ref("evidence", item), "applied_by", project) for item in started.applies]
    grew += [(Ref("guide", guide), "applied_by", project) for guide in started.guide_ids]
    if started.assembly_id is not None:
        grew.append((Ref("assembly", started.assembly_id), "led_to", project))
    await queries.link(uow.session, grew, _at(uow))


@consumer.on(OutcomeRecorded)
async def show_outcome(recorded: OutcomeRecorded, uow: UnitOfWork) -> None:
    outcome = Ref("outcome", recorded.outcome_id)
    facts = {
        "measure": recorded.measure,
        "direction": recorded.direction,
        "people_affected": recorded.people_affected,
    }
    await queries.note(uow.session, outcome, facts, _at(uow))
    await queries.link(uow.session, [(Ref("project", recorded.project_id), "achieved", outcome)], _at(uow))


async def _answers(uow: UnitOfWork, known: Ref, topic_ids: Collection[UUID]) -> None:
    """These topics are answered by it, and no others."""
    topics = [Ref("topic", topic) for topic in topic_ids]
    await queries.keep_links_to(uow.session, known, "answered_by", "topic", topics)
    await queries.link(uow.session, [(topic, "answered_by", known) for topic in topics], _at(uow))


def _at(uow: UnitOfWork) -> datetime:
    """When it happened, not when we heard of it."""
    return uow.cause.time if uow.cause else clock.now()


def _moment(uow: UnitOfWork) -> str:
    """The same as this API writes times."""
    return _at(uow).astimezone(UTC).isoformat().replace("+00:00", "Z")
