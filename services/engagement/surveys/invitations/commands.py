"""Issuing of invitations."""

import os
from collections.abc import Sequence
from uuid import UUID

from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.surveys.invitations import queries, rules
from services.engagement.surveys.surveys.queries import share_survey
from services.engagement.surveys.surveys.rules import SurveyClosed
from shared.persistence.unit_of_work import UnitOfWork


async def create_invitations(
    uow: UnitOfWork, survey_id: UUID, group: StakeholderGroup, count: int, field_key: str
) -> Sequence[str]:
    """Issue so many invitations, and return their tokens, of which only hashes are stored.

    The survey may be a draft. Raises SurveyNotFound, SurveyClosed.
    """
    survey = await share_survey(uow.session, survey_id)
    if survey.status == "closed":
        raise SurveyClosed("It takes no more answers, so nobody can be invited to it.")
    secrets = [os.urandom(rules.SECRET_BYTES) for _ in range(count)]
    hashes = [rules.token_hash(secret) for secret in secrets]
    await queries.insert_invitations(uow.session, survey_id, group, hashes)
    uow.record("invited", "Survey", survey_id, after={"group": group, "count": count})
    issuer = rules.token_issuer(field_key)
    return [issuer.issue(survey_id, secret) for secret in secrets]
