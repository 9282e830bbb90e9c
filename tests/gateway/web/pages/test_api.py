import itertools
import re
from html.parser import HTMLParser

import pytest
from fastapi import FastAPI

from gateway import problems as gateway_problems
from gateway.web.pages.status import StatusMonitor
from shared.problems import Problem
from tests.gateway.servers import open_socket, url_of
from tests.gateway.world import BROWSER, Gateway, StartGateway

PAGES = ("/", "/docs", "/problems", "/problems/too-many-requests", "/status", "/welcome", "/sign-in/impact_link_x")
DATA = "application/ld+json"
NOT_LOADED = ("canonical", "alternate")
"""Relations of links that say where else a page is, and load nothing."""


class TagParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_accessible_and_loads_nothing(gateway: Gateway, path: str) -> None:
    response = await gateway.http.get(path, headers=BROWSER)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    tags = TagParser()
    tags.feed(response.text)
    names = [name for name, _ in tags.elements]
    attributes = dict(tags.elements)
    assert attributes["html"]["lang"] == "en-GB"
    assert names.count("h1") == names.count("main") == names.count("title") == 1
    assert any("width=device-width" in str(attrs) for name, attrs in tags.elements if name == "meta")
    assert not {"img", "iframe", "object"} & set(names)
    assert not [attrs for _, attrs in tags.elements if "style" in attrs or any(name.startswith("on") for name in attrs)]
    loaded = [
        attrs.get("src") or attrs.get("href") or ""
        for name, attrs in tags.elements
        if (name == "script" and attrs.get("type") != DATA) or (name == "link" and attrs.get("rel") not in NOT_LOADED)
    ]
    assert loaded
    assert all(address.startswith("/assets/") for address in loaded), loaded
    targets = [attrs["href"] or "" for name, attrs in tags.elements if name == "a"]
    assert targets[0] == "#main-content"
    assert all(target.startswith(("/", "#", "?")) for target in targets)
    levels = [int(name[1]) for name in names if re.fullmatch("h[1-6]", name)]
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


async def test_every_problem_of_the_gateway_is_explained(gateway: Gateway) -> None:
    classes = [item for item in vars(gateway_problems).values() if isinstance(item, type) and issubclass(item, Problem)]
    assert len(classes) > 10
    items = (await gateway.http.get("/problems")).json()["items"]
    for problem in classes:
        if problem is Problem:
            continue
        explanation = (await gateway.http.get(f"/problems/{problem.slug()}")).json()
        assert (explanation["title"], explanation["status"]) == (problem.title, problem.status)
        assert explanation in items
    assert (await gateway.http.get("/problems/no-such-thing")).status_code == 404


async def test_the_type_of_a_refusal_leads_to_its_explanation(gateway: Gateway) -> None:
    refused = (await gateway.http.get("/v1/nothing")).json()
    explanation = await gateway.http.get(refused["type"])
    assert explanation.json()["title"] == refused["title"]


async def test_whoever_mistypes_an_address_reads_where_all_are(gateway: Gateway) -> None:
    for path in ("/nothing", "/v1/nothing"):
        refused = await gateway.http.get(path)
        assert (refused.status_code, "(/docs)" in refused.json()["detail"]) == (404, True), path


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("DELETE", "/docs", 401), ("PUT", "/sign-in/x", 405)]
)
async def test_refusals_are_problems_with_a_request_id(gateway: Gateway, method: str, path: str, status: int) -> None:
    response = await gateway.http.request(method, path)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert response.json()["status"] == status
    assert len(response.headers.get_list("x-request-id")) == 1


async def test_the_status_names_every_component_and_its_state(gateway: Gateway, start_gateway: StartGateway) -> None:
    components = (await gateway.http.get("/status")).json()["components"]
    assert set(components) == {"gateway", "evidence", "engagement", "funding"}
    assert components.pop("gateway") == {"status": "ready", "checks": {"database": "ok"}}
    with open_socket() as nobody:
        workers = {f"{service}_worker_url": url_of(nobody) for service in components}
        other = await start_gateway(service_url=url_of(nobody), **workers)
        platform = (await other.http.get("/status")).json()
        assert platform["status"] == "degraded"
        assert platform["components"].pop("gateway")["status"] == "ready"
        assert len(platform["components"]) == 6
        assert {component["status"] for component in platform["components"].values()} == {"unreachable"}
        assert "Not responding" in (await other.http.get("/status", headers=BROWSER)).text
        ready = await other.http.get("/health/ready")
        assert (ready.status_code, ready.json()["checks"]["services"]) == (503, "no service can be reached")
        assert (await other.http.get("/health/live")).status_code == 200


async def test_the_status_says_when_the_gateways_own_database_does_not_answer(gateway: Gateway) -> None:
    assert isinstance(gateway.app.pages, FastAPI)

    async def refuse() -> str | None:
        raise ConnectionRefusedError

    monitor = StatusMonitor(gateway.app.pages.state.settings, refuse)
    components = (await monitor.status()).as_dict()["components"]
    assert components["gateway"] == {
        "status": "not ready",
        "checks": {"database": "unreachable (ConnectionRefusedError)"},
    }


async def test_the_gateway_is_ready_when_its_database_and_a_service_are(gateway: Gateway) -> None:
    ready = await gateway.http.get("/health/ready")
    assert (ready.status_code, ready.json()["checks"]) == (200, {"database": "ok", "jobs": "ok", "services": "ok"})
