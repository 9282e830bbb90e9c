from typing import Any

import pytest

from shared.callers import Caller
from shared.events.contracts.engagement import SurveyOpened
from shared.persistence.tables import new_id
from tests.engagement.world import QUESTIONS, EngagementWorld
from tests.support.callers import ENGAGEMENT_OFFICER, NOBODY, somebody

DRAFT = {"title": "What first?", "introduction": "Five minutes.", "questions": QUESTIONS, "closes_on": "2099-01-31"}


async def drafted(world: EngagementWorld, **more: Any) -> tuple[str, str]:
    """Return path and ETag."""
    response = await world.call(ENGAGEMENT_OFFICER, "POST", "/v1/surveys", DRAFT | more)
    assert response.status_code == 201, response.text
    return response.headers["Location"], response.headers["ETag"]


async def test_a_survey_is_drawn_up_changed_and_opened(world: EngagementWorld) -> None:
    path, etag = await drafted(world)
    patch = {"title": "What comes first?", "introduction": None}
    changed = await world.call(ENGAGEMENT_OFFICER, "PATCH", path, patch, **{"If-Match": etag})
    assert changed.status_code == 200, changed.text
    survey = changed.json()
    assert (survey["title"], survey["introduction"], survey["closes_on"]) == ("What comes first?", None, "2099-01-31")
    assert [question["id"] for question in survey["questions"]] == [question["id"] for question in QUESTIONS]
    opened = await world.call(ENGAGEMENT_OFFICER, "POST", f"{path}/open")
    assert (opened.json()["status"], opened.headers["ETag"]) == ("open", '"3"')
    assert [type(event) for event in await world.events()] == [SurveyOpened]


async def test_a_change_says_which_version_it_changes(world: EngagementWorld) -> None:
    path, etag = await drafted(world)
    assert (await world.call(ENGAGEMENT_OFFICER, "PATCH", path, {"title": "A"})).status_code == 428
    assert (
        await world.call(ENGAGEMENT_OFFICER, "PATCH", path, {"title": "A"}, **{"If-Match": etag})
    ).status_code == 200
    assert (
        await world.call(ENGAGEMENT_OFFICER, "PATCH", path, {"title": "B"}, **{"If-Match": etag})
    ).status_code == 412
    assert (await world.json(ENGAGEMENT_OFFICER, "GET", path))["title"] == "A"


async def test_an_open_survey_does_not_change(world: EngagementWorld) -> None:
    path, _ = await drafted(world)
    await world.json(ENGAGEMENT_OFFICER, "POST", f"{path}/open")
    response = await world.call(ENGAGEMENT_OFFICER, "PATCH", path, {"title": "Other"}, **{"If-Match": "*"})
    assert (response.status_code, response.json()["title"]) == (409, "This survey can no longer be changed")
    assert (await world.call(ENGAGEMENT_OFFICER, "POST", f"{path}/open")).status_code == 409


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"title": None}, "/title"),
        ({"title": ""}, "/title"),
        ({"colour": "blue"}, "/colour"),
        ({"questions": [{"id": "a", "kind": "rank", "text": "x"}]}, "/questions/0"),
        ({"questions": [QUESTIONS[4], QUESTIONS[4]]}, "/questions"),
        ({"closes_on": "soon"}, "/closes_on"),
    ],
)
async def test_a_bad_change_is_refused_with_a_pointer(
    world: EngagementWorld, patch: dict[str, Any], pointer: str
) -> None:
    path, etag = await drafted(world)
    response = await world.call(ENGAGEMENT_OFFICER, "PATCH", path, patch, **{"If-Match": etag})
    assert (response.status_code, [error["pointer"] for error in response.json()["errors"]]) == (422, [pointer])


async def test_a_topic_must_be_known(world: EngagementWorld) -> None:
    def questions(topic: str) -> list[dict[str, Any]]:
        options = [{"id": "a", "text": "Breaks", "topic_id": topic}]
        return [{"id": "need", "kind": "score", "text": "How urgent?", "options": options}]

    unknown = await world.call(
        ENGAGEMENT_OFFICER, "POST", "/v1/surveys", DRAFT | {"questions": questions(str(new_id()))}
    )
    assert unknown.status_code == 422
    assert [e["pointer"] for e in unknown.json()["errors"]] == ["/questions/0/options/0/topic_id"]
    await drafted(world, questions=questions(await world.topic()))


async def test_drafts_are_seen_by_staff_alone(world: EngagementWorld) -> None:
    path, _ = await drafted(world)
    assert (await world.call(NOBODY, "GET", path)).status_code == 404
    assert (await world.call(somebody(), "GET", path)).status_code == 404
    assert (await world.json(NOBODY, "GET", "/v1/surveys?count=true"))["total"] == 0
    assert (await world.json(ENGAGEMENT_OFFICER, "GET", "/v1/surveys?status=draft"))["items"][0]["status"] == "draft"
    await world.json(ENGAGEMENT_OFFICER, "POST", f"{path}/open")
    assert (await world.json(NOBODY, "GET", path))["status"] == "open"


async def test_the_list_pages_by_key_set_the_newest_first(world: EngagementWorld) -> None:
    survey_ids = [await world.open_survey(title=f"Survey {n}") for n in range(5)]
    listed_ids: list[str] = []
    url: str | None = "/v1/surveys?limit=2"
    while url:
        page = await world.json(NOBODY, "GET", url)
        listed_ids += [survey["id"] for survey in page["items"]]
        url = page["next"]
    assert listed_ids == list(reversed(survey_ids))


@pytest.mark.parametrize(("caller", "status"), [(NOBODY, 401), (somebody(), 403), (ENGAGEMENT_OFFICER, 201)])
async def test_only_an_engagement_officer_draws_up_a_survey(
    world: EngagementWorld, caller: Caller, status: int
) -> None:
    assert (await world.call(caller, "POST", "/v1/surveys", DRAFT)).status_code == status
