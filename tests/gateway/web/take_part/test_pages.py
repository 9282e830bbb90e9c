"""`/take-part`, and what the front page says of it, before the real engagement service."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest
from lxml import html

from shared import clock
from tests.conftest import FreshDatabase
from tests.engagement.world import EngagementWorld
from tests.gateway.servers import open_socket, serve
from tests.gateway.web.find.conftest import without_background_work
from tests.gateway.world import BROWSER, Gateway, StartGateway, gateways
from tests.support.databases import DatabasePool
from tests.support.world import world_on_database


@pytest.fixture
async def world(fresh_database: FreshDatabase, database_pool: DatabasePool) -> EngagementWorld:
    url = await fresh_database("engagement")
    return world_on_database(EngagementWorld, database_pool.connections(url, "engagement"))


@pytest.fixture
async def site(world: EngagementWorld, fresh_database: FreshDatabase) -> AsyncGenerator[Gateway]:
    async with (
        serve(without_background_work(world.app), open_socket()) as service_url,
        gateways(fresh_database) as start,
    ):
        yield await start(service_url=service_url, rate_limit_factor=100)


async def open_page(gateway: Gateway, path: str) -> Any:
    response = await gateway.http.get(path, headers=BROWSER)
    assert response.status_code == 200
    return html.fromstring(response.text)


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


async def test_the_assembly_of_the_front_page_is_named_with_day_place_and_how_to_join(
    world: EngagementWorld, site: Gateway
) -> None:
    soon, later = clock.today() + timedelta(days=20), clock.today() + timedelta(days=60)
    first = await world.open_assembly(soon, title="The first")
    await world.open_assembly(later, title="The later", mode="online", place="https://meet.example/secret")
    page = await open_page(site, "/")
    (link,) = [link for link in page.iter("a") if words(link) == "The first"]
    assert link.get("href") == f"/take-part#assembly-{first}"
    page = await open_page(site, "/take-part")
    shown = words(page.get_element_by_id(f"assembly-{first}"))
    for text in (
        f"{soon.day} {soon:%B %Y}, 10:30",
        "180 minutes",
        "In person: The library",
        "To join, ask us for a place",
    ):
        assert text in shown, text
    titles = [words(heading) for heading in page.iter("h3")]
    assert titles.index("The first") < titles.index("The later")
    assert "Online: we tell you where when you have a place" in words(page)
    assert "meet.example" not in words(page)


async def test_a_meeting_that_is_planned_without_money_yet_is_not_named(world: EngagementWorld, site: Gateway) -> None:
    await world.plan_assembly(title="Not yet")
    page = await open_page(site, "/take-part")
    assert "Not yet" not in words(page)
    assert "Ask us to invite you" in words(page)


async def test_the_page_stands_while_no_service_answers(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(service_url="http://127.0.0.1:1")
    page = await open_page(gateway, "/take-part")
    assert "Ask us to invite you" in words(page)
