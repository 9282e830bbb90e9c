"""Assemblies by HTTP: plan one, and see whether it is open."""

from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema
from sqlalchemy.ext.asyncio import AsyncSession

from services.engagement.callers import Anyone, OfficerOrAssemblyPartner
from services.engagement.meetings.assemblies import queries, rules
from services.engagement.meetings.assemblies.tables import Assembly
from services.engagement.replicas.topics.queries import known_topics
from services.engagement.replicas.topics.rules import TopicView, seen, told_to_everyone, unknown_topic
from services.engagement.replicas.topics.tables import Topic
from shared import clock
from shared.callers import Caller, Role
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import FieldError, Invalid, PreconditionFailed, PreconditionRequired, documented
from shared.views import Body, Money, View

assemblies = create_router("/v1/assemblies", "Assemblies")
Mode = Literal["in_person", "online"]
Status = Literal["awaiting_funding", "open", "refused"]
EXAMPLE: dict[str, Any] = {
    "title": "Breaks that work: an assembly of carers and practitioners",
    "topic_id": "01980000-0000-7000-8000-000000000001",
    "held_on": "2027-04-21",
    "starts_at": "10:30",
    "minutes": 180,
    "mode": "in_person",
    "place": "The library, Church Street, Leeds",
    "places": 40,
    "expected_cost": {"pence": 480000, "currency": "GBP"},
    "scheme": "participation",
}


def _without_zone(hour: time) -> time:
    if hour.tzinfo is not None:
        raise ValueError("write the time of day in England without a zone, as in 10:30")
    return hour


TIME_OF_DAY = {"type": "string", "pattern": r"^\d{2}:\d{2}(:\d{2}(\.\d+)?)?$"}
"""Not `format: time`, which has an offset from UTC (RFC 3339) that a time of day in England has not."""
TimeOfDay = Annotated[time, WithJsonSchema(TIME_OF_DAY)]
Hour = Annotated[TimeOfDay, AfterValidator(_without_zone)]


class AssemblyRequest(Body):
    """An assembly as an engagement officer plans it."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    title: str = Field(min_length=1, max_length=200)
    topic_id: UUID
    held_on: date
    starts_at: Hour = Field(description="The time of day in England, as in 10:30.")
    minutes: int = Field(ge=15, le=1440)
    mode: Mode
    place: str | None = Field(
        default=None,
        max_length=300,
        description="Where people meet. Of a meeting online how: told only to whoever registers.",
    )
    places: int = Field(ge=1, le=10_000)
    expected_cost: Money = Field(description="For everyone's participation; funding reserves it.")
    scheme: str = Field(min_length=1, max_length=80, description="The funding scheme that pays.")


class AssemblyPatch(Body):
    """What may change after the money was asked for (RFC 7396): what is left out stays."""

    title: str | None = Field(default=None, min_length=1, max_length=200)
    starts_at: Hour | None = None
    place: str | None = Field(default=None, max_length=300)


class AssemblyView(View):
    """An assembly as people see it. `refusal` says in plain words why it has no money.

    `place` of a meeting online is shown to engagement officers here, and to whoever registered in their registration.
    """

    id: UUID
    title: str
    topic: TopicView
    held_on: date
    starts_at: TimeOfDay
    minutes: int
    mode: Mode
    place: str | None
    places: int
    places_left: int
    expected_cost: Money
    scheme: str
    status: Status
    refusal: str | None
    open_questions: int = Field(
        description="Questions of the front line on this topic that wait for an answer: what people may want to talk "
        "about. Officers read the number; everyone else a whole five, rounded down, as few people are not counted."
    )
    created_at: datetime


async def _topic(session: AsyncSession, assembly: Assembly) -> Topic:
    return (await known_topics(session, [assembly.topic_id]))[assembly.topic_id]


def shown(assembly: Assembly, topic: Topic) -> AssemblyView:
    told = assembly.model_dump() | {
        "topic": TopicView.model_validate(topic),
        "places_left": assembly.places - assembly.places_taken,
        "expected_cost": Money(pence=assembly.expected_cost_pence),
        "open_questions": topic.open_questions,
    }
    return AssemblyView.model_validate(told)


def shown_to(caller: Caller, assembly: Assembly, topic: Topic) -> AssemblyView:
    told = shown(assembly, topic)
    if _may_change(caller):
        return told
    place = assembly.place if rules.place_is_public(assembly) else None
    return told.model_copy(update={"place": place, "open_questions": told_to_everyone(topic.open_questions)})


def _may_change(caller: Caller) -> bool:
    return caller.has(Role.ENGAGEMENT_OFFICER) or "assemblies:write" in caller.scopes


def _answered(response: Response, assembly: Assembly, topic: Topic) -> AssemblyView:
    set_etag(response, seen(assembly, topic))
    return shown(assembly, topic)


@assemblies.post("", status_code=201, response_model=AssemblyView, responses=documented(Invalid))
async def plan_assembly(
    body: AssemblyRequest, caller: OfficerOrAssemblyPartner, uow: Transaction, response: Response
) -> AssemblyView:
    """Plan an assembly. Registration opens by itself once funding has reserved the money."""
    rules.check_plan(body.held_on, clock.today(), body.mode, body.place)
    topics = await known_topics(uow.session, [body.topic_id])
    if not topics:
        raise Invalid(errors=[unknown_topic("/topic_id")])
    plan = body.model_dump(exclude={"expected_cost"})
    assembly = Assembly(**plan, expected_cost_pence=body.expected_cost.pence)
    uow.save(assembly)
    uow.publish(rules.planned(assembly))
    await uow.session.flush()
    response.headers["Location"] = f"/v1/assemblies/{assembly.id}"
    return _answered(response, assembly, topics[assembly.topic_id])


@assemblies.get("", response_model=Page[AssemblyView])
async def list_assemblies(
    caller: Anyone,
    session: Reading,
    paging: Paging,
    status: Annotated[Status | None, Query()] = None,
    topic: Annotated[UUID | None, Query()] = None,
) -> Page[AssemblyView]:
    """Assemblies by their day, the latest first."""
    statement = queries.assemblies_with(status, topic)
    page = await paginate(session, statement, paging, key=queries.BY_DAY, view=_itself, descending=True)
    topics = await known_topics(session, {assembly.topic_id for assembly in page.items})
    items = [shown_to(caller, assembly, topics[assembly.topic_id]) for assembly in page.items]
    return Page(items=items, next=page.next, total=page.total)


def _itself(assembly: Assembly) -> Assembly:
    return assembly


@assemblies.get("/{assembly_id}", response_model=AssemblyView, responses=documented(queries.AssemblyNotFound))
async def get_assembly(assembly_id: UUID, caller: Anyone, session: Reading, response: Response) -> AssemblyView:
    """One assembly, and how many places are left."""
    assembly = await queries.assembly(session, assembly_id)
    topic = await _topic(session, assembly)
    if _may_change(caller):
        return _answered(response, assembly, topic)
    # Without the version as its ETag: whoever signs in with this in their cache would be told that nothing has changed.
    return shown_to(caller, assembly, topic)


@assemblies.patch(
    "/{assembly_id}",
    response_model=AssemblyView,
    responses=documented(queries.AssemblyNotFound, PreconditionFailed, PreconditionRequired),
)
async def change_assembly(
    assembly_id: UUID,
    body: AssemblyPatch,
    caller: OfficerOrAssemblyPartner,
    match: IfMatch,
    uow: Transaction,
    response: Response,
) -> AssemblyView:
    """Change what costs nothing: the title, the hour, the place."""
    assembly = await queries.lock_assembly(uow.session, assembly_id)
    topic = await _topic(uow.session, assembly)
    match.check(seen(assembly, topic))
    for name, value in body.model_dump(exclude_unset=True).items():
        if value is None and name != "place":
            raise Invalid(errors=[FieldError(pointer=f"/{name}", detail="This cannot be left empty.")])
        setattr(assembly, name, value)
    rules.check_plan(max(assembly.held_on, clock.today()), clock.today(), assembly.mode, assembly.place)
    await uow.session.flush()
    return _answered(response, assembly, topic)
