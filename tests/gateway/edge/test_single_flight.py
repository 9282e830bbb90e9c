import asyncio

import httpx
import pytest

from gateway.edge.single_flight import MAX_UNSHAREABLE_KEYS, SingleFlight
from tests.gateway.world import Gateway, wait_until


async def test_what_can_be_shared_after_all_is_shared_again() -> None:
    flights = SingleFlight()
    flights.record_shareable("a", False)
    assert flights.lead("a") is None
    flights.record_shareable("a", True)
    assert flights.lead("a") is not None


async def test_only_so_many_are_remembered_as_not_to_be_shared() -> None:
    flights = SingleFlight()
    for key in range(MAX_UNSHAREABLE_KEYS + 1):
        flights.record_shareable(key, False)
    assert flights.lead(0) is not None
    assert flights.lead(1) is None


@pytest.mark.parametrize("public", ["public", "public-by-caller"])
async def test_equal_public_reads_at_one_moment_reach_the_service_once(gateway: Gateway, public: str) -> None:
    requests = [asyncio.create_task(gateway.http.get(f"/v1/evidence/{public}?q=1")) for _ in range(20)]
    await asyncio.wait_for(gateway.service.started.wait(), 5)
    await asyncio.sleep(0.1)
    gateway.service.released.set()
    responses = await asyncio.gather(*requests)
    assert len(gateway.service.requests) == 1
    assert {response.status_code for response in responses} == {200}
    assert len({response.headers["x-request-id"] for response in responses}) == 20


async def test_what_differs_or_is_not_public_is_not_shared(gateway: Gateway) -> None:
    token = await gateway.token("carer")
    gateway.service.released.set()
    requests = (
        gateway.http.get("/v1/evidence/public?q=1"),
        gateway.http.get("/v1/evidence/public?q=2"),
        gateway.http.get("/v1/evidence/public?q=1", headers={"Accept": "text/csv"}),
        gateway.http.get("/v1/evidence/public?q=1", headers=token),
        gateway.http.get("/v1/evidence/private"),
        gateway.http.get("/v1/evidence/private"),
    )
    responses = await asyncio.gather(*requests)
    assert len(gateway.service.requests) == 6
    assert responses[0].headers["cache-control"] == "public, max-age=5"
    assert responses[0].headers["vary"] == "accept, sec-fetch-mode, authorization, x-api-key, cookie"
    assert responses[3].headers["cache-control"] == "private, max-age=5"


async def test_a_header_that_comes_twice_differs_from_one_that_comes_once(gateway: Gateway) -> None:
    accepted = (("Accept", "text/csv"), ("Accept", "application/json")), (("Accept", "application/json"),)
    requests: list[asyncio.Task[httpx.Response]] = []
    for number, headers in enumerate(accepted, 1):
        gateway.http.headers.pop("Accept", None)
        requests.append(asyncio.create_task(gateway.http.get("/v1/evidence/public", headers=headers)))
        await wait_until(lambda number=number: gateway.service.request_count == number)
    gateway.service.released.set()
    assert {response.status_code for response in await asyncio.gather(*requests)} == {200}


async def test_where_an_answer_was_not_to_be_shared_nobody_waits_for_the_next(gateway: Gateway) -> None:
    gateway.service.released.set()
    await gateway.http.get("/v1/evidence/private")
    gateway.service.released.clear()
    requests = [asyncio.create_task(gateway.http.get("/v1/evidence/private")) for _ in range(5)]
    await wait_until(lambda: gateway.service.request_count == 6)
    gateway.service.released.set()
    assert {response.status_code for response in await asyncio.gather(*requests)} == {200}


async def test_one_who_leaves_does_not_take_the_answer_from_the_others(gateway: Gateway) -> None:
    first = asyncio.create_task(gateway.http.get("/v1/evidence/public"))
    await asyncio.wait_for(gateway.service.started.wait(), 5)
    second = asyncio.create_task(gateway.http.get("/v1/evidence/public"))
    await asyncio.sleep(0.1)
    first.cancel()
    await asyncio.sleep(0.1)
    gateway.service.released.set()
    assert (await second).status_code == 200
