"""Submitting of responses."""

import os

import orjson

from services.engagement.surveys.invitations.rules import person_hash, person_key, token_issuer
from services.engagement.surveys.responses import queries, rules
from services.engagement.surveys.responses.statements import InvitedResponse, NewResponse, SignedInResponse
from services.engagement.surveys.responses.views import ReceiptView, ResponseRequest
from services.engagement.surveys.responses.writers import BatchWriter
from shared.callers import Caller
from shared.events.contracts.engagement import ResponseReceived
from shared.persistence.idempotency import IdempotencyRecord


async def submit_response(
    writer: BatchWriter,
    receipt: ReceiptView,
    body: ResponseRequest,
    caller: Caller,
    invitation: str | None,
    field_key: str,
    record: IdempotencyRecord | None,
) -> None:
    """Store one person's answers, by their invitation or as the signed-in caller.

    The receipt is what they get once the answers are stored, and `record` is stored with these, so both exist before.
    Raises SurveyNotFound, SurveyNotOpen, SurveyClosed, AnswersInvalid, InvitationUnknown, InvitationOrSignInNeeded,
    InvitationNeeded, GroupNotAsked, NotYourGroup, AlreadyAnswered, and Invalid for a group that is missing or not that
    of the invitation.
    """
    survey_id, today = receipt.survey_id, receipt.answered_on
    questionnaire = await queries.get_open_questionnaire(writer.database, survey_id)
    answers = orjson.dumps(questionnaire.validate(body.answers)).decode()
    response_id = rules.untimed_id(today, os.urandom(10))
    response: NewResponse
    if invitation is not None:
        token_hash = token_issuer(field_key).verify(survey_id, invitation)
        groups = questionnaire.invited_groups
        response = InvitedResponse(survey_id, token_hash, body.group, groups, response_id, today, answers)
    else:
        group = rules.signed_in_group(caller, body.group, questionnaire.admissions)
        caller_hash = person_hash(person_key(field_key), survey_id, caller.id)
        response = SignedInResponse(survey_id, caller_hash, group, response_id, today, answers)
    event = ResponseReceived(response_id=receipt.id, survey_id=survey_id)
    if not await writer.write(response, event, record):
        raise await queries.get_refusal(writer.database, response)
