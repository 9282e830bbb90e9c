"""Invitations by HTTP."""

from uuid import UUID

from fastapi import Depends, Request
from pydantic import ConfigDict, Field

from services.engagement.callers import OfficerOrSurveyPartner
from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.surveys.invitations import commands, rules
from services.engagement.surveys.surveys.queries import SurveyNotFound
from services.engagement.surveys.surveys.rules import SurveyClosed
from shared.http.caching import NO_STORE
from shared.http.conditional_requests import create_router
from shared.persistence.dependencies import Transaction
from shared.problems import documented
from shared.views import Body, View

router = create_router("/v1/surveys", "Surveys")


class InvitationsRequest(Body):
    """How many people of which group are invited."""

    model_config = ConfigDict(json_schema_extra={"example": {"group": "unpaid_carers", "count": 400}})

    group: StakeholderGroup
    count: int = Field(ge=1, le=rules.MAX_BATCH_INVITATIONS)


class InvitationsView(View):
    """The tokens, which cannot be shown again: only their hashes are stored."""

    group: StakeholderGroup
    invitations: list[str]


@router.post(
    "/{survey_id}/invitations",
    response_model=InvitationsView,
    responses=documented(SurveyNotFound, SurveyClosed),
    dependencies=[Depends(NO_STORE)],
)
async def create_invitations(
    survey_id: UUID,
    body: InvitationsRequest,
    _caller: OfficerOrSurveyPartner,
    uow: Transaction,
    request: Request,
) -> InvitationsView:
    """Issue single-use tokens, one for each person to invite. Each goes into the header `Invitation` of one response.

    The status is 200 and not 201: the tokens are only in this response, and no address shows them again.
    """
    field_key = request.app.state.settings.field_key.get_secret_value()
    tokens = await commands.create_invitations(uow, survey_id, body.group, body.count, field_key)
    return InvitationsView(group=body.group, invitations=list(tokens))
