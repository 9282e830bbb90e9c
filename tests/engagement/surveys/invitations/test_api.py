import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from services.engagement.surveys.invitations import rules
from shared.callers import Caller, Role, person
from shared.persistence.tables import new_id
from tests.engagement.world import EngagementWorld
from tests.support.callers import ENGAGEMENT_OFFICER, NOBODY, somebody


@contextmanager
def executed(world: EngagementWorld) -> Generator[list[str]]:
    """Collect the statements that are executed meanwhile; one with many sets of parameters as often as it has sets."""
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, executemany: bool) -> None:
        statements.extend([statement] * (len(parameters) if executemany else 1))

    engine = world.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


async def test_thousands_of_invitations_are_issued_at_once_and_stored_as_hashes_alone(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    with executed(world) as for_one:
        await world.invite(survey, 1, "others")
    with executed(world) as for_thousands:
        tokens = await world.invite(survey, rules.MAX_BATCH_INVITATIONS)
    assert for_thousands == for_one
    assert len(set(tokens)) == rules.MAX_BATCH_INVITATIONS
    rows = await world.rows(
        "SELECT token_hash, i::text AS whole FROM invitations i WHERE stakeholder_group = 'unpaid_carers'"
    )
    assert len(rows) == rules.MAX_BATCH_INVITATIONS
    assert not any(token in row["whole"] for row in rows[:50] for token in tokens)
    assert hashlib.sha256(tokens[0].encode()).digest() not in {row["token_hash"] for row in rows}


async def test_the_audit_trail_says_how_many_of_which_group_and_by_whom(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    await world.invite(survey, 3, "researchers")
    [entry] = await world.rows("SELECT * FROM audit_entries WHERE action = 'invited'")
    assert (entry["actor"], str(entry["subject"])) == (ENGAGEMENT_OFFICER.id, survey)
    assert entry["after"] == {"group": "researchers", "count": 3}


async def test_tokens_are_never_cached_and_have_no_address(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    response = await world.call(
        ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/invitations", {"group": "others", "count": 1}
    )
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    assert "Location" not in response.headers


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"group": "others", "count": 0}, "/count"),
        ({"group": "others", "count": rules.MAX_BATCH_INVITATIONS + 1}, "/count"),
        ({"group": "nobodies", "count": 1}, "/group"),
        ({"group": "others", "count": 1, "names": ["A"]}, "/names"),
    ],
)
async def test_the_count_is_bounded_and_the_group_known(
    world: EngagementWorld, body: dict[str, Any], pointer: str
) -> None:
    survey = await world.open_survey()
    response = await world.call(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/invitations", body)
    assert (response.status_code, [error["pointer"] for error in response.json()["errors"]]) == (422, [pointer])


@pytest.mark.parametrize(
    ("caller", "status"),
    [
        (NOBODY, 401),
        (somebody(), 403),
        (person(new_id(), Role.FACILITATOR, Role.ADMINISTRATOR), 403),
        (Caller(new_id(), "client", scopes=frozenset({"surveys:read"})), 403),
        (Caller(new_id(), "client", scopes=frozenset({"surveys:write"})), 200),
        (ENGAGEMENT_OFFICER, 200),
    ],
)
async def test_only_an_engagement_officer_or_a_client_that_may_write_surveys_invites(
    world: EngagementWorld, caller: Caller, status: int
) -> None:
    survey = await world.open_survey()
    body = {"group": "others", "count": 1}
    assert (await world.call(caller, "POST", f"/v1/surveys/{survey}/invitations", body)).status_code == status


async def test_nobody_is_invited_to_a_closed_survey_or_to_none(world: EngagementWorld) -> None:
    survey = await world.open_survey()
    await world.json(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/close")
    body = {"group": "others", "count": 1}
    assert (await world.call(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/invitations", body)).status_code == 409
    assert (
        await world.call(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{new_id()}/invitations", body)
    ).status_code == 404
