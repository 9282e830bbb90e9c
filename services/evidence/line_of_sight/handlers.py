"""What happens anywhere on the platform, as nodes and links of the graph.

Only the order per key is promised: a project may arrive before the topic that it pursues. Each handler therefore writes
what its own event says and leaves alone what others say, so that the graph is the same in the end.

Not listened to, with the reason: RegistrationOpened, FundingReserved and FundingRefused (they say how an assembly came
to open, not what came of it), EntitlementGranted, EntitlementWithdrawn and ClaimSubmitted (a promise; pounds count when
paid), TopicPriorityChanged (the topic itself is asked when the thread is read).
"""

from datetime import datetime

from services.evidence.line_of_sight import queries
from services.evidence.line_of_sight.rules import Ref
from shared import clock
from shared.consumer import Handlers
from shared.contracts.engagement import (
    AssemblyPlanned,
    AttendanceRecorded,
    OutcomeRecorded,
    ProjectStarted,
    ResponseReceived,
    ResultsPublished,
    SurveyOpened,
)
from shared.contracts.evidence import EvidencePublished, EvidenceWithdrawn, TopicCreated
from shared.contracts.funding import ClaimPaid
from shared.database import UnitOfWork

consumer = Handlers()


@consumer.on(TopicCreated)
async def show_topic(created: TopicCreated, uow: UnitOfWork) -> None:
    topic = Ref("topic", created.topic_id)
    await queries.note(uow.session, topic, {}, _at(uow))
    if created.parent_id is not None:
        await queries.link(uow.session, [(Ref("topic", created.parent_id), "contains", topic)], _at(uow))


@consumer.on(EvidencePublished)
async def show_evidence(published: EvidencePublished, uow: UnitOfWork) -> None:
    """Also when the topics of a published item changed: then these take the place of those before."""
    item = Ref("evidence", published.item_id)
    await queries.note(uow.session, item, {"way_of_knowing": published.way_of_knowing}, _at(uow))
    await queries.keep_links_to(uow.session, item, "answered_by", published.topic_ids)
    await queries.link(uow.session, [(Ref("topic", t), "answered_by", item) for t in published.topic_ids], _at(uow))


@consumer.on(EvidenceWithdrawn)
async def show_withdrawal(withdrawn: EvidenceWithdrawn, uow: UnitOfWork) -> None:
    """What it led to stays; the reader learns that it is gone."""
    await queries.note(uow.session, Ref("evidence", withdrawn.item_id), {"withdrawn": True}, _at(uow))


@consumer.on(SurveyOpened)
async def show_survey(opened: SurveyOpened, uow: UnitOfWork) -> None:
    survey = Ref("survey", opened.survey_id)
    await queries.note(uow.session, survey, {"opened_at": _at(uow).isoformat()}, _at(uow))
    await queries.link(uow.session, [(survey, "asks_about", Ref("topic", t)) for t in opened.topic_ids], _at(uow))


@consumer.on(ResponseReceived)
async def count_response(received: ResponseReceived, uow: UnitOfWork) -> None:
    await queries.note_answer(uow.session, received.response_id, received.survey_id)


@consumer.on(ResultsPublished)
async def show_results(results: ResultsPublished, uow: UnitOfWork) -> None:
    survey = Ref("survey", results.survey_id)
    facts = {"closed_at": _at(uow).isoformat(), "respondents": results.respondents}
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


def _at(uow: UnitOfWork) -> datetime:
    """When it happened, not when we heard of it."""
    return uow.cause.time if uow.cause else clock.now()
