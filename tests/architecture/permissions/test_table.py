"""The check itself notices what it is there for."""

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
from tests.architecture.permissions.attempts import Api, Attempt, Noun, endpoints_of, try_everything
from tests.architecture.permissions.table import Operation
from tests.support.settings import settings_for_tests

BOXES = Noun("toy", "boxes", (Attempt("GET /v1/boxes"),), scopes="boxes")
LIST_BOXES = Operation("toy", "GET /v1/boxes")


class ToySettings(ServiceSettings):
    service: str = "toy"
    toy_database_url: SecretStr


@dataclass(frozen=True, slots=True)
class Toy:
    app: FastAPI

    async def tried(self, noun: Noun) -> table.Table:
        return await try_everything(Api(lambda: self.app, fail), self, noun, {})


def fail(_url: str) -> Any:
    raise AssertionError("a toy is open already")


def toy(role: Role, *more: str, described: bool = True) -> Toy:
    """An API of boxes that this role may list, and whatever else is planted in it."""
    boxes = create_router("/v1/boxes", "Boxes")

    async def list_boxes(_caller: Annotated[Caller, Depends(allow(role))]) -> list[str]:
        """Boxes."""
        return []

    for path in ("", *more):
        boxes.add_api_route(path, list_boxes, operation_id=f"list{path}", include_in_schema=described)
    told: dict[str, Any] = {**settings_for_tests(), "toy_database_url": UNREACHABLE_DATABASE_URL}
    return Toy(create_service(ToySettings(**told), [boxes]))


async def test_a_right_that_changes_is_noticed() -> None:
    reviewed = await toy(Role.FINANCE).tried(BOXES)
    assert reviewed[LIST_BOXES]["finance"] == 200
    assert table.differences(reviewed, reviewed) == []
    changed = await toy(Role.APPROVER).tried(BOXES)
    assert table.differences(reviewed, changed) == [
        "toy GET /v1/boxes as approver: expected 403, got 200",
        "toy GET /v1/boxes as finance: expected 200, got 403",
    ]


@pytest.mark.parametrize("described", [True, False], ids=["described", "hidden"])
def test_an_endpoint_without_a_row_is_noticed_and_how_to_add_one_is_said(described: bool) -> None:
    planted = endpoints_of(toy(Role.FINANCE, "/planted", described=described).app)
    operational = [Operation("toy", f"GET {path}") for path in ("/health/live", "/health/ready", "/metrics")]
    (said,) = table.unmatched("toy", planted, [*operational, LIST_BOXES])
    assert said.startswith("toy GET /v1/boxes/planted is tried by no role. Add an Attempt")
    assert "python -m tests.architecture.permissions" in said


def test_a_row_without_an_endpoint_is_noticed() -> None:
    gone = Operation("toy", "DELETE /v1/boxes/{box_id} (a draft)")
    assert table.unmatched("toy", set(), [gone]) == ["toy DELETE /v1/boxes/{box_id} is no endpoint any more"]


def test_what_is_tried_without_a_row_is_noticed() -> None:
    (said,) = table.differences({}, {LIST_BOXES: {"finance": 200}})
    assert said.startswith("toy GET /v1/boxes has no row in rights.txt.")


async def test_a_request_that_is_wrong_in_itself_proves_nothing() -> None:
    error = Noun("toy", "boxes", (Attempt("DELETE /v1/boxes"),), scopes="boxes")
    with pytest.raises(AssertionError, match="DELETE /v1/boxes as nobody: 405"):
        await toy(Role.FINANCE).tried(error)


def test_the_table_is_read_as_it_was_written() -> None:
    rows: table.Table = {
        LIST_BOXES: {"nobody": 401, "finance": 200},
        Operation("toy", "GET /v1/boxes/{box_id} (a draft)"): {"owner": 200},
    }
    assert table.parse(table.printed(rows)) == rows


def test_an_operation_with_two_rows_is_refused() -> None:
    printed = table.printed({LIST_BOXES: {"finance": 200}})
    with pytest.raises(ValueError, match="stands twice"):
        table.parse(printed + printed.splitlines()[-1])
