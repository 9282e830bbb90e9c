"""Every role tries every endpoint of the running APIs."""

import os

import httpx
import pytest

from shared.callers import Role
from shared.persistence.tables import new_id
from tests.architecture.apps import SERVICES
from tests.architecture.permissions import table
from tests.architecture.permissions.attempts import Noun, endpoints_of, try_everything
from tests.architecture.permissions.catalogue import APIS, NOUNS
from tests.architecture.permissions.roles import ROLES
from tests.conftest import FreshDatabase


class AnyId(dict[str, str]):
    """A value for every parameter of a path."""

    def __missing__(self, name: str) -> str:
        return str(new_id())


OPERATIONS = [operation for noun in NOUNS for operation in noun.operations]


@pytest.mark.parametrize("service", APIS)
def test_every_endpoint_is_tried_and_no_other(service: str) -> None:
    unmatched = table.find_unmatched(service, endpoints_of(APIS[service].describe()), OPERATIONS)
    assert not unmatched, "\n".join(unmatched)


def test_every_role_has_a_column() -> None:
    assert {*ROLES.values(), Role.CONTRIBUTOR} == set(Role)


@pytest.mark.parametrize("noun", NOUNS, ids=str)
async def test_every_role_gets_what_the_table_says(noun: Noun, fresh_database: FreshDatabase) -> None:
    api = APIS[noun.service]
    async with api.open_world(await fresh_database(noun.service)) as world:
        answered = await try_everything(api, world, noun, table.read())
    if table.WRITES_THE_TABLE in os.environ:
        table.write(answered, tried_operations=OPERATIONS)
    differences = table.differences(table.read(), answered)
    assert not differences, "\n".join(differences)


@pytest.mark.parametrize("service", SERVICES)
async def test_unsigned_requests_are_refused(service: str, fresh_database: FreshDatabase) -> None:
    async with APIS[service].open_world(await fresh_database(service)) as world:
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app=world.app), base_url="http://testserver")
        statuses = {
            endpoint: (await http.request(endpoint[0], endpoint[1].format_map(AnyId()))).status_code
            for endpoint in endpoints_of(world.app)
        }
    assert {path for (_, path), status in statuses.items() if status != 401} == {
        "/health/live",
        "/health/ready",
        "/metrics",
    }


def test_no_row_is_stale() -> None:
    assert len(set(OPERATIONS)) == len(OPERATIONS)
    assert [str(row) for row in table.read() if row not in OPERATIONS] == []


def test_every_operation_succeeds_for_somebody() -> None:
    """A row without any success could mean that the request is invalid.

    But for pages: the services behind them have nothing here, so that a page that may be opened says that.
    """
    rows = table.read().items()
    assert [str(row) for row, statuses in rows if not any(succeeds(row, status) for status in statuses.values())] == []


def succeeds(row: table.Operation, status: int) -> bool:
    is_page = row.service == "gateway" and not row.endpoint[1].startswith("/v1/")
    return status < 400 or (is_page and status == 404)
