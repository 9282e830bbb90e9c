"""Invitations by HTTP."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import Depends, Request
from pydantic import AfterValidator, ConfigDict, Field, model_validator

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


def _check_distinct(person_ids: tuple[UUID, ...]) -> tuple[UUID, ...]:
    if len(set(person_ids)) != len(person_ids):
        raise ValueError("each person is invited once")
    return person_ids


class InvitationsRequest(Body):
    """Who of which group is invited: so many people whom the platform does not know, or people with a sign-in."""

    model_config = ConfigDict(json_schema_extra={"example": {"group": "unpaid_carers", "count": 400}})

    group: StakeholderGroup
    count: int | None = Field(
        default=None,
        ge=1,
        le=rules.MAX_BATCH_INVITATIONS,
        description="Invitations for nobody known: each counts as one voice, and the results say how many there were.",
    )
    person_ids: Annotated[tuple[UUID, ...], AfterValidator(_check_distinct)] | None = Field(
        default=None,
        min_length=1,
        max_length=rules.MAX_BATCH_INVITATIONS,
        description="One invitation for each of these people, who then answer once, signed in or by invitation. "
        "Of whom it is for a keyed hash is stored until the survey closes.",
    )

    @model_validator(mode="after")
    def _says_whom(self) -> Self:
        if (self.count is None) == (self.person_ids is None):
            raise ValueError("give either `count` or `person_ids`")
        return self

    @property
    def people(self) -> int | tuple[UUID, ...]:
        """How many, or who."""
        return self.person_ids or self.count or 0


class InvitationsView(View):
    """The tokens, which cannot be shown again: only their hashes are stored. In the order of `person_ids`."""

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
    caller: OfficerOrSurveyPartner,
    uow: Transaction,
    request: Request,
) -> InvitationsView:
    """Issue single-use tokens, one for each person to invite. Each goes into the header `Invitation` of one response.

    The status is 200 and not 201: the tokens are only in this response, and no address shows them again.
    """
    field_key = request.app.state.settings.field_key.get_secret_value()
    tokens = await commands.create_invitations(uow, survey_id, body.group, body.people, caller, field_key)
    return InvitationsView(group=body.group, invitations=list(tokens))
