from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, Query
from fastapi.routing import APIRoute
from starlette.datastructures import QueryParams

from shared.http.openapi import api_routes
from shared.http.query_parameters import (
    MAX_REPORTED_NAME_CHARACTERS,
    MAX_REPORTED_PARAMETERS,
    QueryNotUnderstood,
    QueryParameters,
    query_parameters_of,
)
from tests.support.world import client

PARAMETERS = QueryParameters(frozenset({"status", "id"}), frozenset({"id"}))


def errors_of(query: str) -> list[tuple[str, str]]:
    with pytest.raises(QueryNotUnderstood) as refusal:
        PARAMETERS.check(QueryParams(query))
    return [(error.pointer, error.detail) for error in refusal.value.errors]


@pytest.mark.parametrize("query", ["", "status=a", "id=1&id=2&status=a", "status=", "%73tatus=a"])
def test_known_parameters_are_taken(query: str) -> None:
    PARAMETERS.check(QueryParams(query))


@pytest.mark.parametrize("query", ["state=a", "status=a&state=b", "Status=a", "status[]=a", "state", "=a"])
def test_an_unknown_name_is_refused_with_those_that_are_known(query: str) -> None:
    ((pointer, detail),) = errors_of(query)
    assert pointer in ("?state", "?Status", "?status[]", "?")
    assert detail == "This address has no such query parameter. It knows: id, status."


def test_a_second_value_is_refused_where_one_is_expected_even_the_same() -> None:
    assert errors_of("status=a&id=1&id=1&status=a") == [
        ("?status", "This was sent more than once. It takes one value.")
    ]


def test_an_address_without_parameters_says_so() -> None:
    with pytest.raises(QueryNotUnderstood) as refusal:
        QueryParameters(frozenset(), frozenset()).check(QueryParams("a=1"))
    assert refusal.value.errors[0].detail == "This address has no such query parameter. It takes none."


def test_a_refusal_stays_short_however_much_was_sent() -> None:
    errors = errors_of("&".join(f"{'x' * 500}{n}=1" for n in range(500)))
    assert len(errors) == MAX_REPORTED_PARAMETERS
    assert {len(pointer) for pointer, _ in errors} == {1 + MAX_REPORTED_NAME_CHARACTERS}


def test_the_names_of_a_route_are_those_of_its_dependencies_too_and_as_they_are_sent() -> None:
    router = APIRouter()

    def page(limit: int = 50) -> int:
        return limit

    def page_key(page: Annotated[int, Depends(page)], first: Annotated[str, Query(alias="from")] = "") -> str:
        return f"{page}{first}"

    @router.get("/v1/{path}")
    def get_any(
        path: str, page_key: Annotated[str, Depends(page_key)], ids: Annotated[list[int] | None, Query()] = None
    ):
        return path, page_key, ids

    @router.get("/page", include_in_schema=False)
    def get_page() -> None: ...

    @router.get("/protocol", openapi_extra={"parameters": [{"name": "verb", "in": "query"}]})
    def get_protocol() -> None: ...

    endpoint, page_route, protocol = (route for route in router.routes if isinstance(route, APIRoute))
    assert query_parameters_of(endpoint) == QueryParameters(frozenset({"limit", "from", "ids"}), frozenset({"ids"}))
    assert query_parameters_of(page_route) is None
    assert query_parameters_of(protocol) is None


async def test_a_request_that_is_not_understood_does_nothing_and_claims_no_key(app: FastAPI) -> None:
    body, key = {"note": "x", "pence": 1}, {"Idempotency-Key": '"one"'}
    async with client(app) as http:
        refused = await http.post("/v1/boxes?dry_run=true", json=body, headers=key)
        assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
        assert refused.json()["type"].endswith("/problems/query-not-understood")
        assert [error["pointer"] for error in refused.json()["errors"]] == ["?dry_run"]
        assert (await http.get("/v1/boxes?count=true")).json()["total"] == 0


async def test_a_link_to_the_next_page_is_understood(app: FastAPI) -> None:
    async with client(app) as http:
        query = "limit=1&count=true&at_least=0"
        assert (await http.get(f"/v1/boxes?{query}")).status_code == 200
        twice = await http.get(f"/v1/boxes?{query}&cursor=a&cursor=b")
    assert [error["pointer"] for error in twice.json()["errors"]] == ["?cursor"]


def test_every_operation_says_that_it_refuses_what_it_does_not_know(app: FastAPI) -> None:
    document = app.openapi()
    assert "does not know is refused with 422" in document["info"]["description"]
    assert len(list(api_routes(app.routes))) > len(document["paths"])
    for item in document["paths"].values():
        for operation in item.values():
            assert (
                "query-not-understood"
                in operation["responses"]["422"]["content"]["application/problem+json"]["examples"]
            )
