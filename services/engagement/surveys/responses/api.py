"""Responses by HTTP: anonymous, one for each person."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.routing import Match, Route
from starlette.types import Scope

from services.engagement.callers import Anyone
from services.engagement.surveys.invitations.rules import InvitationUnknown
from services.engagement.surveys.responses import commands, rules
from services.engagement.surveys.responses.views import ReceiptView, ResponseRequest
from services.engagement.surveys.responses.writers import ResponseWriter, UnitOfWorkWriter
from services.engagement.surveys.surveys.queries import SurveyNotFound
from services.engagement.surveys.surveys.rules import SurveyClosed, SurveyNotOpen
from shared.callers import caller_of
from shared.http.conditional_requests import create_router
from shared.persistence.dependencies import Transaction
from shared.persistence.idempotency import BEARER_SCOPE_KEY
from shared.problems import documented

router = create_router("/v1/surveys", "Surveys")


async def _name_bearer(request: Request) -> None:
    """Tell anonymous callers apart by their invitations: one's Idempotency-Key is not the other's."""
    request.scope[BEARER_SCOPE_KEY] = request.headers.get("invitation", "")


async def _unit_of_work_writer(uow: Transaction) -> ResponseWriter:
    return UnitOfWorkWriter(uow)


@router.post(
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
    dependencies=[Depends(_name_bearer)],
)
async def submit_response(
    request: Request,
    survey_id: UUID,
    body: ResponseRequest,
    caller: Anyone,
    writer: Annotated[ResponseWriter, Depends(_unit_of_work_writer)],
    invitation: Annotated[str | None, Header(description="The token of an invitation.")] = None,
) -> ReceiptView:
    """Answer once. With an invitation nobody, the centre included, can tell whose answers these are.

    There is no Location: no address leads to what one person answered, not even their own receipt.
    """
    field_key = request.app.state.settings.field_key.get_secret_value()
    return await commands.submit_response(writer, survey_id, body, caller, invitation, field_key)


class DirectRoute(Route):
    """Takes requests without an Idempotency-Key past FastAPI, whose work costs more than all the rest.

    What carries a key goes to the endpoint above, whose unit of work stores its answer for a repeat.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child_scope = super().matches(scope)
        if match is not Match.FULL or any(name == b"idempotency-key" for name, _ in scope["headers"]):
            return Match.NONE, {}
        return match, {**child_scope, "route": self}


async def _submit_directly(request: Request) -> Response:
    """Call the endpoint with the fast writer."""
    caller = caller_of(request)
    survey_id, body = _parse(request.path_params["survey_id"], await request.body())
    writer: ResponseWriter = request.app.state.response_writer
    receipt = await submit_response(request, survey_id, body, caller, writer, request.headers.get("invitation"))
    return Response(receipt.model_dump_json(), 201, media_type="application/json")


direct_route = DirectRoute("/v1/surveys/{survey_id}/responses", _submit_directly, methods=["POST"])

_SURVEY_ID = TypeAdapter(UUID)


def _parse(survey_id: str, body: bytes) -> tuple[UUID, ResponseRequest]:
    """Raises RequestValidationError, as FastAPI does."""
    location: tuple[str, ...] = ("path", "survey_id")
    try:
        parsed_id = _SURVEY_ID.validate_python(survey_id)
        location = ("body",)
        return parsed_id, ResponseRequest.model_validate_json(body)
    except ValidationError as error:
        errors = [{**detail, "loc": (*location, *detail["loc"])} for detail in error.errors()]
        raise RequestValidationError(errors) from error
