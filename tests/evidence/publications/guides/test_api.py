from typing import Any

import pytest

from services.evidence.publications.guides.views import GuideDraftView, GuideView
from shared import clock
from shared.events.contracts.evidence import GuidePublished, GuideWithdrawn
from tests.evidence.publications.guides.writing import (
    PARTNER,
    REVIEWER,
    changed,
    drafted,
    guide_of,
    published,
    release,
    statement,
)
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY


async def test_a_guide_says_who_speaks_in_each_statement_and_who_is_missing(world: EvidenceWorld) -> None:
    account, practice = await world.publish(ACCOUNT), await world.publish(PRACTICE)
    guide = await published(world, statement(account, practice), statement(practice))
    both, one = guide["statements"]
    assert (both["balance"]["lived_experience"], both["balance"]["practice_knowledge"]) == (1, 1)
    assert both["balance"]["said"] == "Research is missing from this statement."
    assert one["balance"]["missing"] == ["research", "lived_experience"]
    assert guide["balance"]["said"] == "Research is missing from this guide."
    assert guide["balance"]["statements_without"] == {"research": 2, "lived_experience": 1, "practice_knowledge": 0}
    assert guide["balance"]["practice_knowledge"] == 1, "an item that is cited twice speaks once"


async def test_a_guide_without_any_lived_experience_is_allowed_and_says_so(world: EvidenceWorld) -> None:
    guide = await published(world, statement(await world.publish(RESEARCH), await world.publish(PRACTICE)))
    assert guide["balance"]["said"] == "Lived experience is missing from this guide."


async def test_the_answer_has_exactly_the_fields_that_the_documentation_says(world: EvidenceWorld) -> None:
    guide = await published(world)
    seen = await world.call(NOBODY, "GET", f"/v1/guides/{guide['id']}")
    assert GuideView.model_validate_json(seen.content).model_dump(mode="json") == seen.json()
    draft = await changed(world, guide["id"], {"summary": "More."})
    assert GuideDraftView.model_validate(draft).model_dump(mode="json") == draft


async def test_a_draft_is_for_editors_alone_and_may_have_gaps(world: EvidenceWorld) -> None:
    draft = await world.done(EDITOR, "POST", "/v1/guides", {"title": "Only a title"})
    assert {error["pointer"] for error in draft["still_missing"]} == {
        *("/summary", "/topics", "/review_on", "/statements")
    }
    path = f"/v1/guides/{draft['id']}"
    assert [(await world.call(who, "GET", path)).status_code for who in (NOBODY, CARER)] == [404, 404]
    assert (await world.done(REVIEWER, "GET", path))["state"] == "draft"
    assert (await world.call(NOBODY, "GET", "/v1/guides?state=draft")).status_code == 401
    assert (await world.call(CARER, "GET", "/v1/guides?state=draft")).status_code == 403
    assert [one["id"] for one in (await world.done(PARTNER, "GET", "/v1/guides?state=draft"))["items"]] == [draft["id"]]
    assert (await world.done(NOBODY, "GET", "/v1/guides"))["items"] == []


async def test_what_is_missing_is_named_in_each_place_before_a_review(world: EvidenceWorld) -> None:
    gaps = statement(await world.publish(PRACTICE), what_to_try="", cost=None, confidence=None)
    guide = await drafted(world, gaps, review_on=clock.today().isoformat())
    problem = await world.refused(EDITOR, "POST", f"/v1/guides/{guide}/submit")
    assert problem["title"] == "The guide is not complete yet"
    assert [error["pointer"] for error in problem["errors"]] == [
        *("/review_on", "/statements/0/what_to_try", "/statements/0/cost", "/statements/0/confidence")
    ]


async def test_publishing_tells_ids_and_ways_and_no_words(world: EvidenceWorld) -> None:
    topic, account = await world.topic(), await world.publish(ACCOUNT)
    guide = await published(world, statement(account), topics=[topic])
    [told] = [event for event in await world.events() if isinstance(event, GuidePublished)]
    assert told.model_dump(mode="json") == {
        "guide_id": guide["id"],
        "edition": 1,
        "topic_ids": [topic],
        "item_ids": [account],
        "ways_of_knowing": ["lived_experience"],
    }


async def test_the_published_edition_stays_while_the_next_is_written(world: EvidenceWorld) -> None:
    guide = await published(world)
    path = f"/v1/guides/{guide['id']}"
    await changed(world, guide["id"], {"title": "A better title"})
    assert (await world.done(NOBODY, "GET", path))["title"] == guide["title"]
    assert (await world.done(EDITOR, "GET", f"{path}/draft"))["edition"] == 2
    assert (await world.call(CARER, "GET", f"{path}/draft")).status_code == 403
    second = await release(world, guide["id"])
    assert (second["edition"], second["title"]) == (2, "A better title")
    versions = (await world.done(NOBODY, "GET", f"{path}/versions"))["items"]
    assert [(one["edition"], one["title"]) for one in versions] == [(2, "A better title"), (1, guide["title"])]
    first = await world.done(NOBODY, "GET", f"{path}/versions/1")
    assert (first["title"], first["superseded_at"]) == (guide["title"], versions[1]["superseded_at"])
    for edition, status in (("3", 404), ("0", 422), ("99999999999", 422)):
        assert (await world.refused(NOBODY, "GET", f"{path}/versions/{edition}"))["status"] == status
    assert [event.edition for event in await world.events() if isinstance(event, GuidePublished)] == [1, 2]


async def test_a_statement_keeps_its_id_in_all_editions_wherever_it_stands(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    guide = await published(world, statement(item, text="First."), statement(item, text="Second."))
    first, second = (one["id"] for one in guide["statements"])
    moved = [
        statement(item, id=second, text="Second, but better."),
        statement(item, text="New."),
        statement(item, id=first),
    ]
    await changed(world, guide["id"], {"statements": moved})
    after = await release(world, guide["id"])
    assert [after["statements"][place]["id"] for place in (0, 2)] == [second, first]
    assert after["statements"][1]["id"] not in (first, second)
    rows = await world.rows("SELECT id, position FROM guide_statements ORDER BY position")
    assert [str(row["id"]) for row in rows] == [one["id"] for one in after["statements"]]


async def test_a_statement_of_another_guide_cannot_be_taken(world: EvidenceWorld) -> None:
    theirs = await published(world)
    item = await world.publish(PRACTICE)
    mine = await drafted(world, statement(item))
    stolen = statement(item, id=theirs["statements"][0]["id"])
    seen = await world.call(EDITOR, "GET", f"/v1/guides/{mine}")
    path, tag = f"/v1/guides/{mine}", seen.headers["etag"]
    problem = await world.refused(EDITOR, "PATCH", path, {"statements": [stolen]}, If_Match=tag)
    assert problem["errors"][0]["pointer"] == "/statements/0/id"
    own: dict[str, Any] = seen.json()["statements"][0]
    twice = [{"id": own["id"], "text": own["text"]}] * 2
    problem = await world.refused(EDITOR, "PATCH", path, {"statements": twice}, If_Match=tag)
    assert [error["pointer"] for error in problem["errors"]] == ["/statements/1/id"]


async def test_of_two_editors_the_second_must_look_again(world: EvidenceWorld) -> None:
    guide = await published(world)
    path = f"/v1/guides/{guide['id']}"
    seen = (await world.call(EDITOR, "GET", path)).headers["etag"]
    await world.done(EDITOR, "PATCH", path, {"title": "Mine"}, If_Match=seen)
    assert (await world.call(REVIEWER, "PATCH", path, {"title": "Theirs"}, If_Match=seen)).status_code == 412
    assert (await world.call(REVIEWER, "PATCH", path, {"title": "Theirs"})).status_code == 428
    assert (await world.done(EDITOR, "GET", f"{path}/draft"))["title"] == "Mine"


async def test_a_draft_can_be_dropped_and_the_published_edition_stays(world: EvidenceWorld) -> None:
    guide = await published(world)
    path = f"/v1/guides/{guide['id']}"
    await changed(world, guide["id"], {"title": "A mistake"})
    tag = (await world.call(EDITOR, "GET", f"{path}/draft")).headers["etag"]
    assert (await world.call(EDITOR, "DELETE", f"{path}/draft", If_Match=tag)).status_code == 204
    assert (await world.refused(EDITOR, "GET", f"{path}/draft"))["status"] == 409
    never = await drafted(world)
    response = await world.refused(EDITOR, "DELETE", f"/v1/guides/{never}/draft", If_Match="*")
    assert response["title"] == "There is nothing else of this guide"


async def test_a_withdrawn_guide_leaves_a_tombstone_in_all_its_places(world: EvidenceWorld) -> None:
    guide = await published(world)
    path = f"/v1/guides/{guide['id']}"
    await changed(world, guide["id"], {"title": "Never seen"})
    await world.done(EDITOR, "POST", f"{path}/withdraw")
    for place in ("", "/versions", "/versions/1"):
        gone = await world.call(NOBODY, "GET", path + place)
        assert (gone.status_code, gone.json()["tombstone"]["id"]) == (410, guide["id"])
        assert guide["title"] not in gone.text
    assert (await world.call(EDITOR, "GET", f"{path}/draft")).status_code == 410
    assert (await world.call(EDITOR, "POST", f"{path}/withdraw")).status_code == 410
    assert (await world.done(NOBODY, "GET", "/v1/guides"))["items"] == []
    assert [type(event) for event in await world.events() if event.topic == "evidence.guides"] == [
        *(GuidePublished, GuideWithdrawn)
    ]


async def test_a_withdrawn_draft_that_nobody_saw_is_not_told(world: EvidenceWorld) -> None:
    guide = await drafted(world)
    await world.done(EDITOR, "POST", f"/v1/guides/{guide}/withdraw")
    assert [event for event in await world.events() if event.topic == "evidence.guides"] == []


async def test_guides_are_narrowed_by_topic_way_and_what_they_cite(world: EvidenceWorld) -> None:
    care, breaks, account = await world.topic("Care"), None, await world.publish(ACCOUNT)
    breaks = await world.topic("Breaks", care)
    one = await published(world, statement(account), topics=[breaks])
    other = await published(world, topics=[await world.topic("Pay")])

    async def found(filters: str) -> list[str]:
        return [guide["id"] for guide in (await world.done(NOBODY, "GET", f"/v1/guides?{filters}"))["items"]]

    assert await found("") == [other["id"], one["id"]]
    assert await found(f"topic={care}") == [one["id"]]
    assert await found("way_of_knowing=practice_knowledge") == [other["id"]]
    assert await found(f"cites={account}") == [one["id"]]


async def test_guides_page_by_key_set(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    made = [(await published(world, statement(item)))["id"] for _ in range(5)]
    seen: list[str] = []
    url: str | None = "/v1/guides?limit=2"
    while url:
        page = await world.done(NOBODY, "GET", url)
        seen += [guide["id"] for guide in page["items"]]
        url = page["next"]
    assert seen == made[::-1]


async def test_a_guide_whose_day_has_come_is_in_the_list_until_somebody_has_looked(world: EvidenceWorld) -> None:
    guide = await published(world)
    path = f"/v1/guides/{guide['id']}"

    async def due() -> list[str]:
        return [one["id"] for one in (await world.done(EDITOR, "GET", "/v1/guides?due=true&mine=true"))["items"]]

    assert await due() == []
    async with world.database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE guides SET review_on = current_date")
    assert await due() == [guide["id"]]
    assert (await world.call(NOBODY, "GET", "/v1/guides?due=true")).status_code == 401
    past = await world.refused(EDITOR, "POST", f"{path}/reviewed", {"review_on": clock.today().isoformat()})
    assert past["errors"][0]["pointer"] == "/review_on"
    assert (await world.done(EDITOR, "POST", f"{path}/reviewed", {"review_on": "2031-01-01"}))["edition"] == 1
    assert await due() == []
    assert (await world.done(NOBODY, "GET", path))["review_on"] == "2031-01-01"


async def test_markup_in_plain_words_is_refused_in_its_place(world: EvidenceWorld) -> None:
    body = await guide_of(world, statement(await world.publish(PRACTICE), conditions="<b>Bold</b>"))
    problem = await world.refused(EDITOR, "POST", "/v1/guides", body)
    assert problem["errors"][0]["pointer"] == "/statements/0/conditions"


async def test_a_thousand_statements_are_a_guide_and_one_more_is_not(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    guide = await published(world, *[statement(item, text=f"Number {place}.") for place in range(1_000)])
    assert [guide["statements"][place]["text"] for place in (0, 999)] == ["Number 0.", "Number 999."]
    many = await guide_of(world, *[statement(item)] * 1_001)
    problem = await world.refused(EDITOR, "POST", "/v1/guides", many)
    assert problem["errors"][0]["pointer"] == "/statements"


async def test_a_reader_who_has_it_is_told_so_until_anything_in_it_changes(world: EvidenceWorld) -> None:
    account = await world.publish(ACCOUNT)
    guide = await published(world, statement(account))
    path = f"/v1/guides/{guide['id']}"
    seen = await world.call(NOBODY, "GET", path)
    assert seen.headers["cache-control"] == "public, no-cache"
    tag = seen.headers["etag"]
    assert (await world.call(NOBODY, "GET", path, If_None_Match=tag)).status_code == 304
    await world.done(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    assert (await world.call(NOBODY, "GET", path, If_None_Match=tag)).status_code == 200


async def test_only_editors_write_guides(world: EvidenceWorld) -> None:
    for caller, status in ((NOBODY, 401), (CARER, 403), (PARTNER, 201)):
        assert (await world.call(caller, "POST", "/v1/guides", {"title": "x"})).status_code == status


async def test_no_answer_to_the_public_tells_who_owns_or_wrote_a_guide(world: EvidenceWorld) -> None:
    guide = await published(world)
    seen = await world.call(NOBODY, "GET", f"/v1/guides/{guide['id']}")
    listed = await world.call(NOBODY, "GET", "/v1/guides")
    assert str(EDITOR.id) not in seen.text + listed.text
    assert str(REVIEWER.id) not in seen.text + listed.text


@pytest.mark.parametrize("patch", [b'{"title": "Breaks \\ud83d"}', b'{"review_on": 99999999999999999999}'])
async def test_what_json_can_say_and_nothing_can_keep_is_refused_in_plain_words(
    world: EvidenceWorld, patch: bytes
) -> None:
    guide = await drafted(world)
    sent = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
    async with world.by(EDITOR) as http:
        response = await http.patch(f"/v1/guides/{guide}", content=patch, headers=sent)
    assert (response.status_code, response.json()["title"]) == (422, "One of these texts or numbers cannot be kept")
