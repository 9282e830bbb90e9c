"""Submitting of responses: one command, whichever writer stores them."""

import os
from functools import lru_cache
from uuid import UUID

import orjson

from services.engagement.surveys.invitations.rules import token_issuer
from services.engagement.surveys.responses import queries, rules
from services.engagement.surveys.responses.statements import InvitedResponse, NewResponse, SignedInResponse
from services.engagement.surveys.responses.views import ReceiptView, ResponseRequest
from services.engagement.surveys.responses.writers import ResponseWriter
from shared import clock
from shared.callers import Caller
from shared.encryption import derived_key
from shared.events.contracts.engagement import ResponseReceived
from shared.persistence.tables import new_id


@lru_cache(maxsize=4)
def _person_key(field_key: str) -> bytes:
    return derived_key(field_key, "people who answered")


async def submit_response(
    writer: ResponseWriter,
    survey_id: UUID,
    body: ResponseRequest,
    caller: Caller,
    invitation: str | None,
    field_key: str,
) -> ReceiptView:
    """Store one person's answers, by their invitation or as the signed-in caller, and return a receipt.

    Raises SurveyNotFound, SurveyNotOpen, SurveyClosed, AnswersInvalid, InvitationUnknown, InvitationOrSignInNeeded,
    AlreadyAnswered, and Invalid for a group that is missing or not that of the invitation.
    """
    questionnaire = await queries.open_questionnaire(writer.session, survey_id)
    answers = orjson.dumps(questionnaire.validate(body.answers)).decode()
    today = clock.today()
    response_id = rules.untimed_id(today, os.urandom(10))
    token_hash: bytes | None = None
    response: NewResponse
    if invitation is not None:
        token_hash = token_issuer(field_key).verify(survey_id, invitation)
        response = InvitedResponse(survey_id, token_hash, body.group, response_id, today, answers)
    else:
        group = rules.group_of(caller, body.group)
        person_hash = rules.person_hash(_person_key(field_key), survey_id, caller.id)
        response = SignedInResponse(survey_id, person_hash, group, response_id, today, answers)
    event = ResponseReceived(response_id=new_id(), survey_id=survey_id)
    if not await writer.write(response, event):
        raise await queries.refusal_of(writer.session, survey_id, token_hash)
    return ReceiptView(id=event.response_id, survey_id=survey_id, answered_on=today)
