from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from pydantic import SecretStr

from shared.http.pagination import PageRequest
from shared.problems import InvalidCursor
from tests.shared.example_service import Box
from tests.support.world import client


async def fill(app: FastAPI, *pence: int) -> None:
    async with app.state.database.unit_of_work() as uow:
        for amount in pence:
            uow.save(Box(note="x", pence=amount))
        await uow.commit()


async def walk(http: httpx.AsyncClient, url: str) -> list[list[int]]:
    pages: list[list[int]] = []
    following: str | None = url
    while following:
        response = await http.get(following)
        page: dict[str, Any] = response.json()
        pages.append([item["pence"] for item in page["items"]])
        following = page["next"]
        assert ("Link" in response.headers) == (following is not None)
    return pages


async def test_every_item_comes_once_whatever_the_size_of_the_page(app: FastAPI) -> None:
    await fill(app, *[3, 1, 2, 2, 2, 5, 4])
    async with client(app) as http:
        assert await walk(http, "/v1/boxes?limit=3") == [[1, 2, 2], [2, 3, 4], [5]]
        assert await walk(http, "/v1/boxes?limit=7") == [[1, 2, 2, 2, 3, 4, 5]]
        assert await walk(http, "/v1/boxes?limit=2&at_least=3") == [[3, 4], [5]]


async def test_items_that_come_or_go_meanwhile_shift_nothing(app: FastAPI) -> None:
    await fill(app, 10, 20, 30, 40)
    async with client(app) as http:
        first = (await http.get("/v1/boxes?limit=2")).json()
        await fill(app, 5, 15, 35)
        rest = await walk(http, first["next"])
    assert rest == [[30, 35], [40]]


async def test_a_total_is_counted_only_when_asked(app: FastAPI) -> None:
    await fill(app, 1, 2, 3)
    async with client(app) as http:
        assert (await http.get("/v1/boxes?limit=1")).json()["total"] is None
        assert (await http.get("/v1/boxes?limit=1&count=true&at_least=2")).json()["total"] == 2


async def test_a_cursor_of_another_list_or_a_forged_one_is_refused(app: FastAPI) -> None:
    await fill(app, 1, 2, 3)
    async with client(app) as http:
        following = (await http.get("/v1/boxes?limit=1")).json()["next"]
        for forged in (
            f"{following}&at_least=2",
            following[:-3] + "AAA",
            "/v1/boxes?cursor=no",
            "/v1/boxes?cursor=%00",
        ):
            refused = await http.get(forged)
            assert refused.status_code == 400
            assert refused.json()["type"].endswith("/problems/invalid-cursor")


def page_request(path: str, cursor: str | None = None) -> PageRequest:
    settings = SimpleNamespace(cursor_key=SecretStr("k" * 32), public_url="https://impact.example")
    scope: dict[str, Any] = {
        **{"type": "http", "method": "GET", "scheme": "http", "server": ("testserver", 80), "headers": []},
        **{"path": path, "query_string": b"", "app": SimpleNamespace(state=SimpleNamespace(settings=settings))},
    }
    return PageRequest(Request(scope), Response(), 50, cursor, count=False)


def test_a_cursor_is_good_at_the_address_that_gave_it_alone() -> None:
    cursor = httpx.URL(page_request("/v1/boxes").next_url([7])).params["cursor"]
    assert page_request("/v1/boxes", cursor).after([int]) == [7]
    with pytest.raises(InvalidCursor):
        page_request("/v1/lids", cursor).after([int])


async def test_a_page_has_at_most_200_items(app: FastAPI) -> None:
    async with client(app) as http:
        refused = await http.get("/v1/boxes?limit=201")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "?limit"
