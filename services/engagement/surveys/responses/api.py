"""Responses by HTTP: anonymous, one for each person."""

import os
from contextlib import nullcontext
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import orjson
from fastapi import Depends, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.routing import Match, Route
from starlette.types import Scope

from services.engagement.callers import Anyone
from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.surveys.invitations.api import issuer
from services.engagement.surveys.invitations.rules import InvitationUnknown
from services.engagement.surveys.responses import queries, rules
from services.engagement.surveys.responses.gathering import Gathering
from services.engagement.surveys.responses.queries import Asking, Invited, Keeping, SignedIn
from services.engagement.surveys.surveys.queries import SurveyNotFound
from services.engagement.surveys.surveys.rules import SurveyClosed, SurveyNotOpen
from shared import clock
from shared.callers import Caller, caller_of
from shared.encryption import derived_key
from shared.events.contracts.engagement import ResponseReceived
from shared.http.conditional_requests import create_router
from shared.persistence.idempotency import BEARER
from shared.persistence.tables import new_id
from shared.persistence.unit_of_work import Transaction
from shared.problems import FieldError, Invalid, Problem, documented
from shared.views import Body, View

PATH_ID = TypeAdapter(UUID)


class ResponseRequest(Body):
    """One person's answers, by question id. What is left out, null or blank is a question skipped."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"answers": {"first": ["pay", "breaks"], "more": "Ask us in the evening."}}}
    )

    group: StakeholderGroup | None = Field(
        default=None, description="Of a signed-in person. With an invitation it may be left out: the invitation knows."
    )
    answers: dict[str, Any] = Field(
        description="A score is a number, or one for each option; a rank is a list of options, first things first; "
        "a choice is an option; free text is text."
    )


class ReceiptView(View):
    """The answers are kept. `id` is of this receipt alone: it leads nobody to the answers."""

    id: UUID
    survey_id: UUID
    answered_on: date


@lru_cache(maxsize=4)
def _person_key(field_key: str) -> bytes:
    return derived_key(field_key, "people who answered")


async def _tell_apart(request: Request) -> None:
    """People without a name are told apart by their invitations: the Idempotency-Key of one is not that of another."""
    request.scope[BEARER] = request.headers.get("invitation", "")


responses = create_router("/v1/surveys", "Surveys")


@responses.post(
    "/{survey_id}/responses",
    status_code=201,
    response_model=ReceiptView,
    responses=documented(
        SurveyNotFound,
        SurveyNotOpen,
        SurveyClosed,
        InvitationUnknown,
        rules.InvitationOrSignInNeeded,
        rules.AlreadyAnswered,
        rules.AnswersInvalid,
    ),
    dependencies=[Depends(_tell_apart)],
)
async def answer_survey(
    request: Request,
    survey_id: UUID,
    body: ResponseRequest,
    caller: Anyone,
    uow: Transaction,
    invitation: Annotated[str | None, Header(description="The token of an invitation.")] = None,
) -> ReceiptView:
    """Answer once. With an invitation nobody, the centre included, can tell whose answers these are.

    There is no Location: no address leads to what one person answered, not even their own receipt.
    """

    def asking() -> nullcontext[AsyncSession]:
        return nullcontext(uow.session)

    answering = await _answering(request, asking, survey_id, body, caller, invitation)
    if not await queries.keep_within(uow, answering.keeping):
        raise await answering.why_not(asking)
    uow.publish(answering.received, sequence=1)
    return answering.receipt


async def answer_at_once(request: Request) -> Response:
    """The same past the framework's own work, which costs more than all the rest, and together with other answers."""
    caller = caller_of(request)
    survey_id, body = _read(request.path_params["survey_id"], await request.body())
    gathering: Gathering = request.app.state.gathering
    asking = gathering.database.session
    answering = await _answering(request, asking, survey_id, body, caller, request.headers.get("invitation"))
    if not await gathering.keep(answering.keeping, answering.received):
        raise await answering.why_not(asking)
    return Response(answering.receipt.model_dump_json(), 201, media_type="application/json")


class WithoutKey(Route):
    """What carries an Idempotency-Key goes the documented way: a unit of work keeps its answer for a repeat."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, found = super().matches(scope)
        if match is not Match.FULL or any(name == b"idempotency-key" for name, _ in scope["headers"]):
            return Match.NONE, {}
        return match, {**found, "route": self}


hot_path = WithoutKey("/v1/surveys/{survey_id}/responses", answer_at_once, methods=["POST"])


def _read(survey_id: str, body: bytes) -> tuple[UUID, ResponseRequest]:
    """Raises RequestValidationError, as the framework does."""
    where: tuple[str, ...] = ("path", "survey_id")
    try:
        survey = PATH_ID.validate_python(survey_id)
        where = ("body",)
        return survey, ResponseRequest.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError([{**e, "loc": (*where, *e["loc"])} for e in error.errors()]) from error


class Answering(NamedTuple):
    """An answer that is well formed: how it is kept, what the world hears, and what the person gets."""

    keeping: Keeping
    received: ResponseReceived
    receipt: ReceiptView

    async def why_not(self, asking: Asking) -> Problem:
        token_hash = self.keeping.token_hash if isinstance(self.keeping, Invited) else None
        return await queries.why_not_kept(asking, self.keeping.survey_id, token_hash)


async def _answering(
    request: Request, asking: Asking, survey_id: UUID, body: ResponseRequest, caller: Caller, invitation: str | None
) -> Answering:
    field_key = request.app.state.settings.field_key.get_secret_value()
    questionnaire = await queries.questionnaire(asking, survey_id)
    answers = orjson.dumps(questionnaire.checked(body.answers)).decode()
    today = clock.today()
    answer = (rules.untimed_id(today, os.urandom(10)), today, answers)
    if invitation is not None:
        token_hash = issuer(field_key).recognised(survey_id, invitation)
        keeping = Invited(survey_id, token_hash, body.group, *answer)
    else:
        person = rules.person_hash(_person_key(field_key), survey_id, caller.id)
        keeping = SignedIn(survey_id, person, _group_told(caller, body), *answer)
    received = ResponseReceived(response_id=new_id(), survey_id=survey_id)
    receipt = ReceiptView(id=received.response_id, survey_id=survey_id, answered_on=today)
    return Answering(keeping, received, receipt)


def _group_told(caller: Caller, body: ResponseRequest) -> StakeholderGroup:
    """The group that a signed-in person says they belong to."""
    if caller.kind != "person":
        raise rules.InvitationOrSignInNeeded
    if body.group is None:
        raise Invalid(errors=[FieldError(pointer="/group", detail="Say which group you belong to.")])
    return body.group
