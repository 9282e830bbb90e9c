import itertools
import re
from html.parser import HTMLParser

import pytest

from gateway import problems as own_problems
from shared.problems import Problem
from tests.gateway.serving import open_socket, url_of
from tests.gateway.world import Gateway, StartGateway

BROWSER = {"Accept": "text/html,application/xhtml+xml"}
PAGES = ("/", "/docs", "/problems", "/problems/too-many-requests", "/status", "/welcome", "/sign-in/impact_link_x")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_accessible_and_loads_nothing(gateway: Gateway, path: str) -> None:
    response = await gateway.http.get(path, headers=BROWSER)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    tags = Tags()
    tags.feed(response.text)
    names = [name for name, _ in tags.seen]
    attributes = dict(tags.seen)
    assert attributes["html"]["lang"] == "en-GB"
    assert names.count("h1") == names.count("main") == names.count("title") == 1
    assert "width=device-width" in str(attributes["meta"])
    assert not {"script", "img", "iframe", "link", "object"} & set(names)
    assert not [
        told for _, told in tags.seen if "src" in told or "style" in told or any(k.startswith("on") for k in told)
    ]
    targets = [told["href"] or "" for name, told in tags.seen if name == "a"]
    assert targets[0] == "#content"
    assert all(target.startswith(("/", "#")) for target in targets)
    levels = [int(name[1]) for name in names if re.fullmatch("h[1-6]", name)]
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


async def test_every_problem_of_the_gateway_is_explained(gateway: Gateway) -> None:
    ours = [one for one in vars(own_problems).values() if isinstance(one, type) and issubclass(one, Problem)]
    assert len(ours) > 10
    listed = (await gateway.http.get("/problems")).json()["items"]
    for problem in ours:
        if problem is Problem:
            continue
        told = (await gateway.http.get(f"/problems/{problem.slug()}")).json()
        assert (told["title"], told["status"]) == (problem.title, problem.status)
        assert told in listed
    assert (await gateway.http.get("/problems/no-such-thing")).status_code == 404


async def test_the_type_of_a_refusal_leads_to_its_explanation(gateway: Gateway) -> None:
    refused = (await gateway.http.get("/v1/nothing")).json()
    told = await gateway.http.get(refused["type"])
    assert told.json()["title"] == refused["title"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("DELETE", "/docs", 401), ("PUT", "/sign-in/x", 405)]
)
async def test_refusals_are_problems_with_a_request_id(gateway: Gateway, method: str, path: str, status: int) -> None:
    response = await gateway.http.request(method, path, headers=BROWSER)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert response.json()["status"] == status
    assert len(response.headers.get_list("x-request-id")) == 1


async def test_the_status_names_every_part_and_what_is_wrong(gateway: Gateway, start_gateway: StartGateway) -> None:
    parts = (await gateway.http.get("/status")).json()["parts"]
    assert set(parts) == {"evidence", "engagement", "funding"}
    with open_socket() as nobody:
        workers = {f"{service}_worker_url": url_of(nobody) for service in parts}
        other = await start_gateway(service_url=url_of(nobody), **workers)
        told = (await other.http.get("/status")).json()
        assert told["status"] == "degraded"
        assert len(told["parts"]) == 6
        assert {part["status"] for part in told["parts"].values()} == {"unreachable"}
        assert "does not answer" in (await other.http.get("/status", headers=BROWSER)).text
        ready = await other.http.get("/health/ready")
        assert (ready.status_code, ready.json()["checks"]["services"]) == (503, "no service can be reached")
        assert (await other.http.get("/health/live")).status_code == 200


async def test_the_gateway_is_ready_when_its_database_and_a_service_are(gateway: Gateway) -> None:
    ready = await gateway.http.get("/health/ready")
    assert (ready.status_code, ready.json()["checks"]) == (200, {"database": "ok", "jobs": "ok", "services": "ok"})
