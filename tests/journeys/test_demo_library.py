"""The demo library, planted by `impact up`, killed midway, completed by later runs, and read by a visitor."""

import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import aiohttp
import orjson
import pytest
import pytest_asyncio

from deploy.cli.plant import PLANTERS
from deploy.demo.client import PublicClient
from deploy.demo.library import contents, library
from deploy.supervision.run_state import LIBRARY, PROCESSES_FILE
from tests.support.platform import Platform, running_platform

PUBLISHED = [
    *contents.entries("studies"),
    *(entry for name in ("accounts", "practice") for entry in contents.entries(name) if entry.get("published", True)),
]
LOST_ANSWERS = (3, 20, 60, 90, 110, 150, 300, 370)
"""After how many requests a run of planting ends, the answer of the last one being lost."""
KILL_TIMEOUT_SECONDS = 30


class AnswerLost(Exception):
    """The connection broke when the request had been handled."""


class CountedRequests:
    """How many requests there were, and after how many the answer is lost."""

    def __init__(self, limit: int | None = None) -> None:
        self.number, self._limit = 0, limit

    def count(self) -> None:
        self.number += 1
        if self.number == self._limit:
            raise AnswerLost


class CountingClient(PublicClient):
    def __init__(self, http: aiohttp.ClientSession, gateway: str, token: str | None, requests: CountedRequests) -> None:
        super().__init__(http, gateway, token)
        self._requests = requests

    async def _request(self, method: str, path: str, **options: Any) -> tuple[bytes, Mapping[str, str]]:
        try:
            return await super()._request(method, path, **options)
        finally:
            self._requests.count()


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Kill `impact up`'s planter as soon as it has begun; then let `impact plant` complete what there is."""
    with running_platform(tmp_path_factory.mktemp("planted"), DEMO="true") as platform:
        _kill_planter(platform)
        yield platform


def _kill_planter(platform: Platform) -> None:
    processes = platform.folder / ".impact" / PROCESSES_FILE
    deadline = time.monotonic() + KILL_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if planter := orjson.loads(processes.read_bytes()).get(LIBRARY):
            os.kill(planter, signal.SIGKILL)
            return
        time.sleep(0.02)
    raise AssertionError((platform.folder / "up.log").read_text())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def visitor(planted: Platform) -> AsyncIterator[PublicClient]:
    """Complete the library over several runs that end midway, and return somebody who is not signed in."""
    tokens = {persona: planted.impact("token", persona) for persona in PLANTERS}
    async with aiohttp.ClientSession() as http:
        for limit in LOST_ANSWERS:
            with pytest.raises(AnswerLost):
                await library.plant(_clients(http, planted.url, tokens, CountedRequests(limit)))
        assert planted.impact("plant").splitlines()[-1].startswith("The demo library is there, after ")
        assert planted.impact("plant") == "The demo library is there."
        await library.plant(_clients(http, planted.url, tokens, CountedRequests()))
        yield PublicClient(http, planted.url)


def _clients(
    http: aiohttp.ClientSession, url: str, tokens: Mapping[str, str], requests: CountedRequests
) -> dict[str, PublicClient]:
    callers: dict[str, str | None] = {"anyone": None, **tokens}
    return {caller: CountingClient(http, url, token, requests) for caller, token in callers.items()}


async def _read(visitor: PublicClient, path: str) -> list[dict[str, Any]]:
    return (await visitor.get(path))["items"]


async def test_the_four_priorities_are_topics_with_priorities_and_all_three_ways_of_knowing(
    visitor: PublicClient,
) -> None:
    tree: Any = await visitor.get("/v1/topics/tree")
    assert Counter(topic["name"] for topic in tree) == Counter(topic["name"] for topic in contents.entries("topics"))
    for topic in tree:
        assert 0 < topic["priority"] < 100
        assert min(topic["coverage"].values()) >= 2, topic
    assert len({topic["priority"] for topic in tree}) == 4


async def test_every_item_is_there_once_and_says_that_it_is_invented(visitor: PublicClient) -> None:
    items = await _read(visitor, "/v1/evidence?limit=200")
    assert Counter(item["title"] for item in items) == Counter(entry["title"] for entry in PUBLISHED)
    for item in items:
        whole = await visitor.get(f"/v1/evidence/{item['id']}")
        assert whole["summary"].endswith(contents.NOTES[item["language"]])
        assert whole["way_of_knowing"] != "research" or whole["publisher"] == contents.PUBLISHER
    assert {item["country"] for item in items} >= {"GB-ENG", "GB-WLS", "GB-SCT", "GB-NIR"}
    notices = {item["title"]: item["retraction"]["nature"] for item in items if item["retraction"]}
    assert notices == {_title("phone-line-retracted"): "retraction", _title("telecare-2013"): "superseded"}
    assert len(await _read(visitor, "/v1/search?q=carers")) >= 10


async def test_people_are_named_as_they_chose(visitor: PublicClient) -> None:
    items = await _read(visitor, "/v1/evidence?limit=200&way_of_knowing=lived_experience")
    accounts = [await visitor.get(f"/v1/evidence/{item['id']}") for item in items]
    choices = [entry["consent"] for entry in PUBLISHED if "consent" in entry]
    assert {choice["attribution"] for choice in choices} == {"anonymous", "first_name", "full_name"}
    assert Counter(account["attributed_to"] for account in accounts) == Counter(
        choice.get("name") for choice in choices
    )


async def test_forms_appraisals_and_judgements_of_other_places_are_there_once(visitor: PublicClient) -> None:
    items = {item["title"]: item["id"] for item in await _read(visitor, "/v1/evidence?limit=200")}
    views: dict[str, list[dict[str, Any]]] = {}
    for name in ("renditions", "appraisals", "transferability"):
        views[name] = [view for id in items.values() for view in await _read(visitor, f"/v1/evidence/{id}/{name}")]
    of_items = [entry for entry in contents.entries("renditions") if not entry["of"].startswith("guide-")]
    assert Counter(view["title"] for view in views["renditions"]) == Counter(entry["title"] for entry in of_items)
    assert [view["kind"] for view in views["renditions"] if view["outdated"]] == ["easy_read"]
    settled = [row for row in contents.entries("appraisals") if row["first"] == row["second"] or "settled" in row]
    assert Counter(view["instrument"] for view in views["appraisals"]) == Counter(row["instrument"] for row in settled)
    assert sum(row["discussed"] for view in views["appraisals"] for row in view["criteria"]) == 1
    assert Counter(view["concluded"]["conclusion"] for view in views["transferability"]) == Counter(
        ["transferable_if_adapted", "not_transferable", "cannot_be_said"]
    )


async def test_the_guides_cite_all_three_ways_and_say_what_to_try(visitor: PublicClient) -> None:
    guides = await _read(visitor, "/v1/guides")
    published = [entry for entry in contents.entries("guides") if "review" not in entry]
    assert Counter(guide["title"] for guide in guides) == Counter(entry["title"] for entry in published)
    for guide in guides:
        whole = await visitor.get(f"/v1/guides/{guide['id']}")
        assert whole["edition"] == 1
        assert all(statement["what_to_try"] for statement in whole["statements"])
        ways = {cited["way_of_knowing"] for row in whole["statements"] for cited in row["citations"]}
        assert len(ways) == 3
    kinds = {view["kind"] for guide in guides for view in await _read(visitor, f"/v1/guides/{guide['id']}/renditions")}
    assert kinds == {"easy_read", "welsh"}


async def test_questions_are_answered_and_learning_fits_between_shifts(visitor: PublicClient) -> None:
    answered = [entry["answer"]["published_as"] for entry in contents.entries("questions") if "answer" in entry]
    assert Counter(row["question"] for row in await _read(visitor, "/v1/evidence-requests")) == Counter(answered)
    pieces = await _read(visitor, "/v1/learning")
    assert Counter(row["title"] for row in pieces) == Counter(row["title"] for row in contents.entries("learning"))
    assert all(1 <= piece["minutes"] <= 10 for piece in pieces)


async def test_the_survey_counted_everybody_once(visitor: PublicClient) -> None:
    survey = contents.document("survey")
    [view] = [row for row in await _read(visitor, "/v1/surveys") if row["title"] == survey["title"]]
    results = await visitor.get(f"/v1/surveys/{view['id']}/results?by=group")
    rows = {row["group"]: row["answered"]["at_least"] for row in results["groups"]["by_group"]}
    assert rows == {group: asked["answers"] for group, asked in survey["groups"].items()}
    assert results["unnamed_voices"] == {"at_least": 260}
    assert len(results["priorities"]) == 4


async def test_one_can_join_an_assembly_and_see_what_came_of_a_guide(visitor: PublicClient) -> None:
    meetings = contents.document("meetings")
    open_assemblies = await _read(visitor, "/v1/assemblies?status=open&upcoming=true")
    assert Counter(row["title"] for row in open_assemblies) == Counter(row["title"] for row in meetings["assemblies"])
    assert all(row["places_left"] for row in open_assemblies)
    [project] = await _read(visitor, "/v1/projects")
    assert project["outcomes"] == len(meetings["project"]["outcomes"])
    sight = await visitor.get(f"/v1/line-of-sight?from=project:{project['id']}")
    assert {node["kind"] for node in sight["nodes"]} >= {"evidence", "topic", "survey", "guide", "project", "outcome"}


async def test_the_queues_of_staff_hold_something_to_do(planted: Platform, visitor: PublicClient) -> None:
    del visitor  # it is planted by then
    token = planted.impact("token", "evidence-editor")
    async with aiohttp.ClientSession() as http:
        editor = PublicClient(http, planted.url, token)
        counts = {
            path: len(await _read(editor, path))
            for path in (
                "/v1/evidence?status=draft",
                "/v1/evidence/proposals?waiting_for=contributor",
                "/v1/evidence/appraisals/waiting",
                "/v1/guides?status=review",
                "/v1/evidence-requests/queue",
                "/v1/evidence-requests/queue?urgency=today",
            )
        }
    assert list(counts.values()) == [2, 1, 1, 1, 4, 1], counts


def _title(key: str) -> str:
    return next(entry["title"] for entry in contents.entries("studies") if entry["key"] == key)
