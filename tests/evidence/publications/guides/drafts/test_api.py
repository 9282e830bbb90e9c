from typing import Any

import pytest

from shared.events.contracts.evidence import GuidePublished
from tests.evidence.publications.guides.guide_factories import (
    PARTNER,
    REVIEWER,
    change_guide,
    create_draft,
    guide_content,
    publish_guide,
    statement,
    submit_and_publish,
)
from tests.evidence.world import PRACTICE, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY


async def test_a_draft_is_for_editors_alone_and_may_have_gaps(world: EvidenceWorld) -> None:
    draft = await world.json(EDITOR, "POST", "/v1/guides", {"title": "Only a title"})
    assert {error["pointer"] for error in draft["obstacles"]} == {*("/summary", "/topics", "/review_on", "/statements")}
    path = f"/v1/guides/{draft['id']}"
    assert [(await world.call(caller, "GET", path)).status_code for caller in (NOBODY, CARER)] == [404, 404]
    assert (await world.json(REVIEWER, "GET", path))["status"] == "draft"
    assert (await world.call(NOBODY, "GET", "/v1/guides?status=draft")).status_code == 401
    assert (await world.call(CARER, "GET", "/v1/guides?status=draft")).status_code == 403
    assert [guide["id"] for guide in (await world.json(PARTNER, "GET", "/v1/guides?status=draft"))["items"]] == [
        draft["id"]
    ]
    assert (await world.json(NOBODY, "GET", "/v1/guides"))["items"] == []


async def test_a_statement_keeps_its_id_in_all_editions_wherever_it_stands(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    guide = await publish_guide(world, statement(item, text="First."), statement(item, text="Second."))
    first, second = (statement["id"] for statement in guide["statements"])
    moved = [
        statement(item, id=second, text="Second, but better."),
        statement(item, text="New."),
        statement(item, id=first),
    ]
    await change_guide(world, guide["id"], {"statements": moved})
    after = await submit_and_publish(world, guide["id"])
    assert [after["statements"][position]["id"] for position in (0, 2)] == [second, first]
    assert after["statements"][1]["id"] not in (first, second)
    rows = await world.rows("SELECT id, position FROM guide_statements ORDER BY position")
    assert [str(row["id"]) for row in rows] == [statement["id"] for statement in after["statements"]]


async def test_a_statement_of_another_guide_cannot_be_taken(world: EvidenceWorld) -> None:
    other_guide = await publish_guide(world)
    item = await world.publish(PRACTICE)
    guide_id = await create_draft(world, statement(item))
    stolen = statement(item, id=other_guide["statements"][0]["id"])
    response = await world.call(EDITOR, "GET", f"/v1/guides/{guide_id}")
    path, tag = f"/v1/guides/{guide_id}", response.headers["etag"]
    problem = await world.problem(EDITOR, "PATCH", path, {"statements": [stolen]}, If_Match=tag)
    assert problem["errors"][0]["pointer"] == "/statements/0/id"
    own: dict[str, Any] = response.json()["statements"][0]
    twice = [{"id": own["id"], "text": own["text"]}] * 2
    problem = await world.problem(EDITOR, "PATCH", path, {"statements": twice}, If_Match=tag)
    assert [error["pointer"] for error in problem["errors"]] == ["/statements/1/id"]


async def test_of_two_editors_the_second_must_look_again(world: EvidenceWorld) -> None:
    guide = await publish_guide(world)
    path = f"/v1/guides/{guide['id']}"
    tag = (await world.call(EDITOR, "GET", path)).headers["etag"]
    await world.json(EDITOR, "PATCH", path, {"title": "Mine"}, If_Match=tag)
    assert (await world.call(REVIEWER, "PATCH", path, {"title": "Theirs"}, If_Match=tag)).status_code == 412
    assert (await world.call(REVIEWER, "PATCH", path, {"title": "Theirs"})).status_code == 428
    assert (await world.json(EDITOR, "GET", f"{path}/draft"))["title"] == "Mine"


async def test_a_draft_is_shown_as_in_the_response_to_whoever_wrote_it(world: EvidenceWorld) -> None:
    created = await world.call(EDITOR, "POST", "/v1/guides", await guide_content(world))
    path = f"/v1/guides/{created.json()['id']}"
    shown = await world.call(EDITOR, "GET", f"{path}/draft")
    assert (created.headers["etag"], created.content) == (shown.headers["etag"], shown.content)
    changed = await world.call(EDITOR, "PATCH", path, {"title": "Better"}, If_Match=shown.headers["etag"])
    shown = await world.call(EDITOR, "GET", f"{path}/draft")
    assert (changed.headers["etag"], changed.content) == (shown.headers["etag"], shown.content)


async def test_the_etag_of_a_changed_draft_serves_for_the_next_change_even_if_it_cites_nothing(
    world: EvidenceWorld,
) -> None:
    response = await world.call(EDITOR, "POST", "/v1/guides", {"title": "Only a title"})
    path = f"/v1/guides/{response.json()['id']}"
    for title in ("A better title", "The best title"):
        response = await world.call(EDITOR, "PATCH", path, {"title": title}, If_Match=response.headers["etag"])
        assert response.status_code == 200
    assert response.headers["etag"] == (await world.call(EDITOR, "GET", f"{path}/draft")).headers["etag"]


async def test_a_draft_can_be_dropped_and_the_published_edition_stays(world: EvidenceWorld) -> None:
    guide = await publish_guide(world)
    path = f"/v1/guides/{guide['id']}"
    await change_guide(world, guide["id"], {"title": "A mistake"})
    tag = (await world.call(EDITOR, "GET", f"{path}/draft")).headers["etag"]
    assert (await world.call(EDITOR, "DELETE", f"{path}/draft", If_Match=tag)).status_code == 204
    assert (await world.problem(EDITOR, "GET", f"{path}/draft"))["status"] == 409
    never = await create_draft(world)
    response = await world.problem(EDITOR, "DELETE", f"/v1/guides/{never}/draft", If_Match="*")
    assert response["title"] == "This guide has no published edition"


async def test_markup_in_plain_words_is_refused_in_its_place(world: EvidenceWorld) -> None:
    body = await guide_content(world, statement(await world.publish(PRACTICE), conditions="<b>Bold</b>"))
    problem = await world.problem(EDITOR, "POST", "/v1/guides", body)
    assert problem["errors"][0]["pointer"] == "/statements/0/conditions"


async def test_only_editors_write_guides(world: EvidenceWorld) -> None:
    for caller, status in ((NOBODY, 401), (CARER, 403), (PARTNER, 201)):
        assert (await world.call(caller, "POST", "/v1/guides", {"title": "x"})).status_code == status


async def test_the_published_edition_stays_while_the_next_is_written(world: EvidenceWorld) -> None:
    guide = await publish_guide(world)
    path = f"/v1/guides/{guide['id']}"
    await change_guide(world, guide["id"], {"title": "A better title"})
    assert (await world.json(NOBODY, "GET", path))["title"] == guide["title"]
    assert (await world.json(EDITOR, "GET", f"{path}/draft"))["edition"] == 2
    assert (await world.call(CARER, "GET", f"{path}/draft")).status_code == 403
    second = await submit_and_publish(world, guide["id"])
    assert (second["edition"], second["title"]) == (2, "A better title")
    versions = (await world.json(NOBODY, "GET", f"{path}/versions"))["items"]
    assert [(version["edition"], version["title"]) for version in versions] == [
        (2, "A better title"),
        (1, guide["title"]),
    ]
    first = await world.json(NOBODY, "GET", f"{path}/versions/1")
    assert (first["title"], first["superseded_at"]) == (guide["title"], versions[1]["superseded_at"])
    for edition, status in (("3", 404), ("0", 422), ("99999999999", 422)):
        assert (await world.problem(NOBODY, "GET", f"{path}/versions/{edition}"))["status"] == status
    assert [event.edition for event in await world.events() if isinstance(event, GuidePublished)] == [1, 2]


@pytest.mark.parametrize("patch", [b'{"title": "Breaks \\ud83d"}', b'{"review_on": 99999999999999999999}'])
async def test_what_json_can_say_and_nothing_can_keep_is_refused_in_plain_words(
    world: EvidenceWorld, patch: bytes
) -> None:
    guide = await create_draft(world)
    sent = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
    async with world.client_for(EDITOR) as http:
        response = await http.patch(f"/v1/guides/{guide}", content=patch, headers=sent)
    assert (response.status_code, response.json()["title"]) == (422, "One of these texts or numbers cannot be stored")
