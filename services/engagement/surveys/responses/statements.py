"""The statements that store responses: each a chain of CTEs that works on arrays, one element for each response.

The last CTE, `succeeded`, returns the `place`, counted from 1, of each response that was stored.
The rest have no effect.
"""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.engagement.directory.people.rules import StakeholderGroup


class InvitedResponse(NamedTuple):
    """A response by invitation: the parameters of STORE_INVITED, in order."""

    survey_id: UUID
    token_hash: bytes
    claimed_group: StakeholderGroup | None
    """The group that the person gave, which must be that of the invitation."""
    invited_groups: str
    """Those that the survey lets in by invitation, with commas: it may have changed since this one was issued."""
    id: UUID
    answered_on: date
    answers: str
    """JSON."""


class SignedInResponse(NamedTuple):
    """A signed-in person's response: the parameters of STORE_SIGNED_IN, in order."""

    survey_id: UUID
    person_hash: bytes
    group: StakeholderGroup
    id: UUID
    answered_on: date
    answers: str
    """JSON."""


NewResponse = InvitedResponse | SignedInResponse

_STORE_INVITED = """
submitted AS (
  SELECT *
  FROM unnest($1::uuid[], $2::bytea[], $3::text[], $4::text[], $5::uuid[], $6::date[], $7::jsonb[]) WITH ORDINALITY
    AS s (survey_id, token_hash, claimed_group, invited_groups, id, answered_on, answers, place)
), held AS (
  SELECT i.token_hash, i.person_hash, i.stakeholder_group, s.survey_id, s.id, s.answered_on, s.answers, s.place
  FROM submitted s JOIN invitations i ON i.token_hash = s.token_hash AND i.survey_id = s.survey_id
  WHERE i.stakeholder_group = coalesce(s.claimed_group, i.stakeholder_group)
    AND i.stakeholder_group = ANY (string_to_array(s.invited_groups, ','))
  FOR UPDATE OF i {wait}
), first_time AS (
  INSERT INTO answered (survey_id, person_hash)
  SELECT survey_id, person_hash FROM held WHERE person_hash IS NOT NULL ORDER BY survey_id, person_hash
  ON CONFLICT DO NOTHING RETURNING survey_id, person_hash
), valid AS (
  SELECT held.* FROM held WHERE person_hash IS NULL
  UNION ALL (
    SELECT DISTINCT ON (h.survey_id, h.person_hash) h.*
    FROM held h JOIN first_time f ON f.survey_id = h.survey_id AND f.person_hash = h.person_hash
  )
), used AS (
  DELETE FROM invitations WHERE token_hash IN (SELECT token_hash FROM valid)
), stored AS (
  INSERT INTO responses (survey_id, id, stakeholder_group, answered_on, answers)
  SELECT survey_id, id, stakeholder_group, answered_on, answers FROM valid
), succeeded AS (SELECT place FROM valid)"""

# Closing a survey deletes its unused invitations before it counts: so a response is either counted or refused.
# `answered` is filled in the order of its key, by all batches alike: in two orders they could wait for each other.
# Of two invitations of one person in a batch the first is used; the other is tried alone, and then refused.
STORE_INVITED = _STORE_INVITED.format(wait="")
"""For one response. Waits for whoever holds the invitation."""

STORE_INVITED_UNLOCKED = _STORE_INVITED.format(wait="SKIP LOCKED")
"""For many responses. Leaves out invitations that another transaction holds: two such statements, or one of them and
the closing of a survey, could otherwise wait for each other."""

# Closing a survey waits for whoever holds it open here, and whoever comes later sees that it is closed.
STORE_SIGNED_IN = """
submitted AS (
  SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::text[], $4::uuid[], $5::date[], $6::jsonb[]) WITH ORDINALITY
    AS s (survey_id, person_hash, stakeholder_group, id, answered_on, answers, place)
), open_surveys AS (
  SELECT id FROM surveys WHERE id IN (SELECT survey_id FROM submitted) AND status = 'open' FOR SHARE
), first_time AS (
  INSERT INTO answered (survey_id, person_hash)
  SELECT s.survey_id, s.person_hash FROM submitted s JOIN open_surveys o ON o.id = s.survey_id
  ON CONFLICT DO NOTHING RETURNING survey_id, person_hash
), valid AS (
  SELECT s.* FROM submitted s JOIN first_time USING (survey_id, person_hash)
), stored AS (
  INSERT INTO responses (survey_id, id, stakeholder_group, answered_on, answers)
  SELECT survey_id, id, stakeholder_group, answered_on, answers FROM valid
), succeeded AS (SELECT place FROM valid)"""
"""For one response: several, in different orders, could wait for each other."""


def statement_for(response: NewResponse) -> str:
    """Return the statement that stores this one response."""
    return STORE_INVITED if isinstance(response, InvitedResponse) else STORE_SIGNED_IN
