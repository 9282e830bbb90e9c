"""Invitations by HTTP: issued once, shown once."""

import os
from functools import lru_cache
from uuid import UUID

from fastapi import Request, Response
from pydantic import ConfigDict, Field

from services.engagement.callers import OfficerOrSurveyPartner
from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.surveys.invitations import queries, rules
from services.engagement.surveys.surveys.queries import SurveyNotFound, hold_survey
from services.engagement.surveys.surveys.rules import SurveyClosed
from shared.encryption import derived_key
from shared.http.conditional_requests import create_router
from shared.persistence.unit_of_work import Transaction
from shared.problems import documented
from shared.views import Body, View

invitations = create_router("/v1/surveys", "Surveys")


@lru_cache(maxsize=4)
def issuer(field_key: str) -> rules.Issuer:
    """Who issues and recognises invitations where FIELD_KEY is this."""
    return rules.Issuer(derived_key(field_key, "invitations"))


class InvitationsRequest(Body):
    """How many people of which group are invited."""

    model_config = ConfigDict(json_schema_extra={"example": {"group": "unpaid_carers", "count": 400}})

    group: StakeholderGroup
    count: int = Field(ge=1, le=rules.MOST_AT_ONCE)


class InvitationsView(View):
    """The tokens, which cannot be shown again: only their hashes are kept."""

    group: StakeholderGroup
    invitations: list[str]


@invitations.post(
    "/{survey_id}/invitations",
    response_model=InvitationsView,
    responses=documented(SurveyNotFound, SurveyClosed),
)
async def issue_invitations(
    survey_id: UUID,
    body: InvitationsRequest,
    caller: OfficerOrSurveyPartner,
    uow: Transaction,
    request: Request,
    response: Response,
) -> InvitationsView:
    """Single-use tokens, one for each person to invite. Each goes into the header `Invitation` of one answer.

    The answer is 200 and not 201: the tokens are in it alone, and no address shows them again.
    """
    survey = await hold_survey(uow.session, survey_id)
    if survey.status == "closed":
        raise SurveyClosed("It takes no more answers, so nobody can be invited to it.")
    secrets = [os.urandom(rules.SECRET_BYTES) for _ in range(body.count)]
    await queries.keep_invitations(uow.session, survey_id, body.group, [rules.hashed(secret) for secret in secrets])
    uow.record("invited", "Survey", survey_id, after={"group": body.group, "count": body.count})
    response.headers["Cache-Control"] = "no-store"
    issued = issuer(request.app.state.settings.field_key.get_secret_value())
    return InvitationsView(group=body.group, invitations=[issued.token(survey_id, secret) for secret in secrets])
