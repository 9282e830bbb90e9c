"""The check of rights notices changed rights, new endpoints, stale rows and invalid requests."""

from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from pydantic import SecretStr

from shared.callers import Caller, Role, allow
from shared.http.conditional_requests import create_router
from shared.service.app import create_service
from shared.settings import ServiceSettings
from tests.architecture.apps import UNREACHABLE_DATABASE_URL
from tests.architecture.permissions import table
from tests.architecture.permissions.attempts import Attempt, Noun, TriedApi, endpoints_of, try_everything
from tests.architecture.permissions.table import Operation
from tests.support.settings import settings_for_tests

BOXES = Noun("example", "boxes", (Attempt("GET /v1/boxes"),), scopes="boxes")
LIST_BOXES = Operation("example", "GET /v1/boxes")


class BoxApiSettings(ServiceSettings):
    service: str = "example"
    example_database_url: SecretStr


@dataclass(frozen=True, slots=True)
class BoxApi:
    app: FastAPI

    async def try_noun(self, noun: Noun) -> table.Table:
        return await try_everything(TriedApi(lambda: self.app, refuse_to_open), self, noun, {})


def refuse_to_open(_url: str) -> Any:
    raise AssertionError("the API is open already")


def create_box_api(role: Role, *more: str, described: bool = True) -> BoxApi:
    """Create an API of boxes that this role may list, with further paths that it may read."""
    boxes = create_router("/v1/boxes", "Boxes")

    async def list_boxes(_caller: Annotated[Caller, Depends(allow(role))]) -> list[str]:
        """Boxes."""
        return []

    for path in ("", *more):
        boxes.add_api_route(path, list_boxes, operation_id=f"list{path}", include_in_schema=described)
    values: dict[str, Any] = {**settings_for_tests(), "example_database_url": UNREACHABLE_DATABASE_URL}
    return BoxApi(create_service(BoxApiSettings(**values), [boxes]))


async def test_a_right_that_changes_is_noticed() -> None:
    reviewed = await create_box_api(Role.FINANCE).try_noun(BOXES)
    assert reviewed[LIST_BOXES]["finance"] == 200
    assert table.differences(reviewed, reviewed) == []
    changed = await create_box_api(Role.APPROVER).try_noun(BOXES)
    assert table.differences(reviewed, changed) == [
        "example GET /v1/boxes as approver: expected 403, got 200",
        "example GET /v1/boxes as finance: expected 200, got 403",
    ]


@pytest.mark.parametrize("described", [True, False], ids=["described", "hidden"])
def test_an_endpoint_without_a_row_is_noticed_and_how_to_add_one_is_said(described: bool) -> None:
    planted = endpoints_of(create_box_api(Role.FINANCE, "/planted", described=described).app)
    operational = [Operation("example", f"GET {path}") for path in ("/health/live", "/health/ready", "/metrics")]
    (message,) = table.find_unmatched("example", planted, [*operational, LIST_BOXES])
    assert message.startswith("example GET /v1/boxes/planted is tried by no role. Add an Attempt")
    assert "python -m tests.architecture.permissions" in message


def test_a_row_without_an_endpoint_is_noticed() -> None:
    gone = Operation("example", "DELETE /v1/boxes/{box_id} (a draft)")
    assert table.find_unmatched("example", set(), [gone]) == [
        "example DELETE /v1/boxes/{box_id} is no endpoint any more"
    ]


def test_what_is_tried_without_a_row_is_noticed() -> None:
    (message,) = table.differences({}, {LIST_BOXES: {"finance": 200}})
    assert message.startswith("example GET /v1/boxes has no row in rights.txt.")


async def test_an_invalid_request_fails() -> None:
    resource = Noun("example", "boxes", (Attempt("DELETE /v1/boxes"),), scopes="boxes")
    with pytest.raises(AssertionError, match="DELETE /v1/boxes as nobody: 405"):
        await create_box_api(Role.FINANCE).try_noun(resource)


def test_the_table_is_read_as_it_was_written() -> None:
    rows: table.Table = {
        LIST_BOXES: {"nobody": 401, "finance": 200},
        Operation("example", "GET /v1/boxes/{box_id} (a draft)"): {"owner": 200},
    }
    assert table.parse(table.format_table(rows)) == rows


def test_an_operation_with_two_rows_is_refused() -> None:
    text = table.format_table({LIST_BOXES: {"finance": 200}})
    with pytest.raises(ValueError, match="stands twice"):
        table.parse(text + text.splitlines()[-1])
