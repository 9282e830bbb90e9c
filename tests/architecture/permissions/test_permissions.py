"""Every role tries every endpoint of the running APIs."""

import os

import pytest

from shared.auth import Role
from tests.architecture.apps import api_of
from tests.architecture.permissions import table
from tests.architecture.permissions.attempts import Noun, endpoints_of, try_everything
from tests.architecture.permissions.catalogue import NOUNS, WORLDS
from tests.architecture.permissions.roles import ROLES
from tests.conftest import FreshDatabase

OPERATIONS = [operation for noun in NOUNS for operation in noun.operations]


@pytest.mark.parametrize("service", WORLDS)
def test_every_endpoint_is_tried_and_no_other(service: str) -> None:
    assert table.unmatched(service, endpoints_of(api_of(service)), OPERATIONS) == []


def test_every_role_has_a_column() -> None:
    assert {*ROLES.values(), Role.CONTRIBUTOR} == set(Role)


@pytest.mark.parametrize("noun", NOUNS, ids=str)
async def test_every_role_gets_what_the_table_says(noun: Noun, fresh_database: FreshDatabase) -> None:
    async with WORLDS[noun.service](await fresh_database(noun.service)) as world:
        answered = await try_everything(world, noun)
    if table.WRITES_THE_TABLE in os.environ:
        table.write(answered, among=OPERATIONS)
    assert table.differences(table.read(), answered) == []


def test_no_row_is_left_of_what_is_not_tried() -> None:
    assert len(set(OPERATIONS)) == len(OPERATIONS)
    assert [str(row) for row in table.read() if row not in OPERATIONS] == []


def test_somebody_may_do_what_is_tried() -> None:
    """A row of refusals alone says that the request is wrong, and proves nothing."""
    rows = table.read().items()
    assert [str(row) for row, answers in rows if not any(200 <= status < 300 for status in answers.values())] == []
