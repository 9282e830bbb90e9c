"""Responses by HTTP: anonymous, one for each person."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError

from services.engagement.callers import Anyone
from services.engagement.surveys.invitations.rules import InvitationUnknown
from services.engagement.surveys.responses import commands, rules
from services.engagement.surveys.responses.views import ReceiptView, ResponseRequest
from services.engagement.surveys.surveys.queries import SurveyNotFound
from services.engagement.surveys.surveys.rules import SurveyClosed, SurveyNotOpen
from shared import clock
from shared.callers import caller_of
from shared.http.conditional_requests import Handler, ImpactRoute, create_router
from shared.persistence.dependencies import claim_idempotency_key
from shared.persistence.idempotency import BEARER_SCOPE_KEY, record_of
from shared.persistence.tables import new_id
from shared.problems import documented

_SURVEY_ID = TypeAdapter(UUID)


def _parse(survey_id: str, body: bytes) -> tuple[UUID, ResponseRequest]:
    """Parse the path and the body. Raises RequestValidationError, as FastAPI does."""
    location: tuple[str, ...] = ("path", "survey_id")
    try:
        parsed_id = _SURVEY_ID.validate_python(survey_id)
        location = ("body",)
        return parsed_id, ResponseRequest.model_validate_json(body)
    except ValidationError as error:
        errors = [{**detail, "loc": (*location, *detail["loc"])} for detail in error.errors()]
        raise RequestValidationError(errors) from error


async def _handle(request: Request) -> Response:
    invitation = request.headers.get("invitation")
    # Anonymous callers are told apart by their invitations: one's Idempotency-Key is not the other's.
    request.scope[BEARER_SCOPE_KEY] = invitation or ""
    caller = caller_of(request)
    # Before the key is claimed: that would read the parts of a multipart body, and leave nothing to refuse here.
    survey_id, body = _parse(request.path_params["survey_id"], await request.body())
    await claim_idempotency_key(request)
    try:
        return await submit_response(request, survey_id, body, caller, invitation)
    except (rules.AlreadyAnswered, SurveyClosed):
        # Perhaps by the same request, sent twice at once: then the repeat gets the first response, also where the
        # survey closed in between.
        await claim_idempotency_key(request)
        raise


class _HandlerRoute(APIRoute):
    """Calls `_handle` in place of FastAPI's parsing and dependencies, whose work costs more than all the rest."""

    def get_route_handler(self) -> Handler:
        return _handle


class DirectRoute(ImpactRoute, _HandlerRoute):
    """The route of the endpoint below, whose parameters and dependencies describe what `_handle` does by hand."""


router = create_router("/v1/surveys", "Surveys")
router.route_class = DirectRoute


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
        rules.InvitationNeeded,
        rules.GroupNotAsked,
        rules.NotYourGroup,
        rules.AlreadyAnswered,
        rules.AnswersInvalid,
    ),
    dependencies=[Depends(claim_idempotency_key)],
)
async def submit_response(
    request: Request,
    survey_id: UUID,
    body: ResponseRequest,
    caller: Anyone,
    invitation: Annotated[str | None, Header(description="The token of an invitation.")] = None,
) -> Response:
    """Answer once. With an invitation nobody, the centre included, can tell whose answers these are.

    There is no Location: no address leads to what one person answered, not even their own receipt.
    """
    receipt = ReceiptView(id=new_id(), survey_id=survey_id, answered_on=clock.today())
    response = Response(receipt.model_dump_json(), 201, media_type="application/json")
    record = record_of(request, response)
    field_key = request.app.state.settings.field_key.get_secret_value()
    writer = request.app.state.response_writer
    await commands.submit_response(writer, receipt, body, caller, invitation, field_key, record)
    return response
