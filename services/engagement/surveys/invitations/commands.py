"""Issuing of invitations."""

import os
from collections.abc import Sequence
from uuid import UUID

from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.surveys.invitations import queries, rules
from services.engagement.surveys.surveys.queries import share_survey
from services.engagement.surveys.surveys.rules import SurveyClosed, admissions_of
from shared.callers import Caller
from shared.persistence.unit_of_work import UnitOfWork


async def create_invitations(
    uow: UnitOfWork,
    survey_id: UUID,
    group: StakeholderGroup,
    people: int | Sequence[UUID],
    caller: Caller,
    field_key: str,
) -> Sequence[str]:
    """Issue so many invitations, or one for each of these people, and return their tokens, of which hashes are stored.

    The survey may be a draft. Raises SurveyNotFound, SurveyClosed, Invalid.
    """
    person_ids = None if isinstance(people, int) else people
    survey = await share_survey(uow.session, survey_id)
    if survey.status == "closed":
        raise SurveyClosed("It takes no more answers, so nobody can be invited to it.")
    rules.check_invited(admissions_of(survey), group, person_ids, caller)
    key = rules.person_key(field_key)
    person_hashes = [rules.person_hash(key, survey_id, person_id) for person_id in person_ids or ()]
    secrets = [os.urandom(rules.SECRET_BYTES) for _ in range(people if isinstance(people, int) else len(people))]
    hashes = [rules.token_hash(secret) for secret in secrets]
    await queries.insert_invitations(uow.session, survey_id, group, hashes, person_hashes or [None] * len(hashes))
    after = {"group": group, "count": len(hashes)}
    # Not who: together with who answered by then, the trail would tell it for ever.
    uow.record("invited", "Survey", survey_id, after=after | ({"for_known_people": True} if person_ids else {}))
    issuer = rules.token_issuer(field_key)
    return [issuer.issue(survey_id, secret) for secret in secrets]
