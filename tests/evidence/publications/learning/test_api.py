from typing import Any
from uuid import UUID

import pytest

from services.evidence.publications.learning.views import LearningPieceView
from shared.callers import Caller, person
from shared.events.contracts.evidence import EvidenceChanged, LearningCompleted, LearningPublished
from shared.persistence.tables import new_id
from tests.evidence.publications.guides import guide_factories
from tests.evidence.publications.learning.learning_factories import (
    RIGHT,
    create_draft,
    finish_piece,
    piece_content,
    publish_piece,
    question,
)
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

SOMEBODY = person(new_id())


async def test_a_piece_is_tied_to_items_and_guides_and_its_event_says_which(world: EvidenceWorld) -> None:
    account = await world.publish(ACCOUNT)
    guide = await guide_factories.publish_guide(world)
    piece = await publish_piece(world, items=[{"id": account}], guides=[{"id": guide["id"]}])
    [event] = [event for event in await world.events() if isinstance(event, LearningPublished)]
    assert ([str(item_id) for item_id in event.item_ids], [str(guide_id) for guide_id in event.guide_ids]) == (
        [account],
        [guide["id"]],
    )
    view = await world.json(NOBODY, "GET", f"/v1/learning/{piece['id']}")
    assert {(source["kind"], source["title"], source["edition"]) for source in view["sources"]} == {
        ("item", "My first week away", 1),
        ("guide", guide["title"], 1),
    }


async def test_the_answer_has_exactly_the_fields_that_the_documentation_says(world: EvidenceWorld) -> None:
    response = await world.call(NOBODY, "GET", f"/v1/learning/{(await publish_piece(world))['id']}")
    assert LearningPieceView.model_validate_json(response.content).model_dump(mode="json") == response.json()


async def test_what_is_right_is_told_to_whoever_answers_and_not_before(world: EvidenceWorld) -> None:
    piece = await publish_piece(world)
    path = f"/v1/learning/{piece['id']}"
    response = await world.call(NOBODY, "GET", path)
    assert {(question["right"], question["why"]) for question in response.json()["questions"]} == {(None, None)}
    assert "those who tried it" not in response.text
    assert [question["right"] for question in (await world.json(EDITOR, "GET", path))["questions"]] == RIGHT
    answered = await world.json(SOMEBODY, "POST", f"{path}/completions", {"answers": [0, 1, 0]})
    assert [answer["right"] for answer in answered["answers"]] == [True, True, False]
    assert answered["answers"][2]["why"] == "Number 2 is what those who tried it say."
    assert (answered["finished"], answered["completion"]) == (False, None)


async def test_all_can_be_tried_again_until_it_is_finished(world: EvidenceWorld) -> None:
    path = f"/v1/learning/{(await publish_piece(world))['id']}/completions"
    for answers, is_finished in (([1, 1, 1], False), ([0, 1, 1], False), (RIGHT, True)):
        assert (await world.json(SOMEBODY, "POST", path, {"answers": answers}))["finished"] is is_finished
    again = await world.json(SOMEBODY, "POST", path, {"answers": [1, 1, 1]})
    assert again["completion"] is not None, "a wrong answer afterwards takes nothing away"


async def test_a_second_click_makes_no_second_record(world: EvidenceWorld) -> None:
    path = f"/v1/learning/{(await publish_piece(world))['id']}/completions"
    first = await world.call(SOMEBODY, "POST", path, {"answers": RIGHT})
    second = await world.call(SOMEBODY, "POST", path, {"answers": RIGHT})
    assert (first.status_code, second.status_code) == (201, 200)
    assert {"200", "201"} <= set(
        world.app.openapi()["paths"]["/v1/learning/{piece_id}/completions"]["post"]["responses"]
    )
    assert first.json()["completion"] == second.json()["completion"]
    assert first.headers["location"] == f"/v1/learning/completions/{first.json()['completion']['id']}"
    assert len([event for event in await world.events() if isinstance(event, LearningCompleted)]) == 1


async def test_neither_the_event_nor_the_trail_says_who_finished_or_what_they_answered(world: EvidenceWorld) -> None:
    piece = await publish_piece(world)
    record = await finish_piece(world, piece["id"], SOMEBODY)
    [event] = [event for event in await world.events() if isinstance(event, LearningCompleted)]
    assert event.model_dump(mode="json") == {"completion_id": record["id"], "piece_id": piece["id"]}
    sent = await world.rows("SELECT convert_from(data, 'UTF8') AS data FROM outbox")
    assert str(SOMEBODY.id) not in str(sent)
    columns = await world.rows("SELECT * FROM learning_completions")
    assert "answers" not in columns[0]


async def test_what_is_missing_is_named_before_it_is_published(world: EvidenceWorld) -> None:
    piece = await world.json(EDITOR, "POST", "/v1/learning", await piece_content(world) | {"text": ""})
    assert [error["pointer"] for error in piece["obstacles"]] == ["/text"]
    problem = await world.problem(EDITOR, "POST", f"/v1/learning/{piece['id']}/publish")
    assert [error["pointer"] for error in problem["errors"]] == ["/text"]


async def test_what_cannot_be_a_piece_is_refused_in_its_place(world: EvidenceWorld) -> None:
    content = {"questions": [question(0), question(0) | {"right": 3}]}
    problem = await world.problem(EDITOR, "POST", "/v1/learning", await piece_content(world) | content)
    assert [error["pointer"] for error in problem["errors"]] == ["/questions/1"]


async def test_only_what_is_published_can_be_taught_from_and_once(world: EvidenceWorld) -> None:
    good, guide = await world.publish(PRACTICE), await guide_factories.create_draft(world)
    items = [{"id": good}, {"id": await world.draft(ACCOUNT)}, {"id": good}, {"id": str(new_id())}]
    guides = [{"id": guide}]
    problem = await world.problem(
        EDITOR, "POST", "/v1/learning", await piece_content(world, items=items, guides=guides)
    )
    assert {error["pointer"] for error in problem["errors"]} == {"/items/1", "/items/2", "/items/3", "/guides/0"}


async def test_a_retracted_work_is_not_taught_from(world: EvidenceWorld) -> None:
    paper = await world.publish(RESEARCH)
    await world.json(EDITOR, "POST", f"/v1/evidence/{paper}/retract", {"nature": "retraction", "source": "The journal"})
    problem = await world.problem(EDITOR, "POST", "/v1/learning", await piece_content(world, items=[{"id": paper}]))
    assert problem["errors"][0]["detail"] == "This work was retracted. Remove it: it cannot be taught from."


async def test_the_same_change_twice_is_one_edition_and_told_once(world: EvidenceWorld) -> None:
    path = f"/v1/learning/{(await publish_piece(world))['id']}"
    for _ in range(2):
        assert (await world.json(EDITOR, "PATCH", path, {"title": "Ask early"}, If_Match="*"))["edition"] == 2
    assert len([event for event in await world.events() if isinstance(event, LearningPublished)]) == 2


async def test_pieces_that_teach_from_what_was_merged_are_found_at_the_item_that_stands_for_it(
    world: EvidenceWorld,
) -> None:
    gone, stays = await world.publish(RESEARCH), await world.publish(RESEARCH, title="The same work", identifiers=[])
    piece = await publish_piece(world, items=[{"id": gone}])
    await world.json(EDITOR, "POST", "/v1/merges", {"into": stays, "items": [gone]})
    for item in (gone, stays):
        (listed_piece,) = (await world.json(NOBODY, "GET", f"/v1/learning?item={item}"))["items"]
        assert listed_piece["id"] == piece["id"]


async def test_a_command_returns_the_etag_that_the_piece_has_afterwards(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    created = await world.call(EDITOR, "POST", "/v1/learning", await piece_content(world, items=[{"id": item}]))
    path, tag = f"/v1/learning/{created.json()['id']}", created.headers["etag"]
    for method, action, body in (
        ("PATCH", "", {"title": "Ask on the first visit"}),
        ("POST", "/publish", None),
        ("POST", f"/sources/item/{item}/keep", {"because": "The point is the same."}),
    ):
        if action.endswith("/keep"):
            await guide_factories.change_item(world, item, what_happened="Half did.")
            await world.handle(EvidenceChanged(item_id=UUID(item), edition=2))
            tag = (await world.call(EDITOR, "GET", path)).headers["etag"]
        response = await world.call(EDITOR, method, f"{path}{action}", body, If_Match=tag)
        assert response.status_code == 200
        tag = response.headers["etag"]
        assert tag == (await world.call(EDITOR, "GET", path)).headers["etag"]


async def test_a_changed_piece_is_a_new_edition_and_earlier_records_stay(world: EvidenceWorld) -> None:
    piece = await publish_piece(world)
    path = f"/v1/learning/{piece['id']}"
    old = await finish_piece(world, piece["id"], SOMEBODY)
    tag = (await world.call(EDITOR, "GET", path)).headers["etag"]
    changed = await world.json(EDITOR, "PATCH", path, {"title": "Ask on the first visit"}, If_Match=tag)
    assert changed["edition"] == 2
    assert (await world.call(EDITOR, "PATCH", path, {"title": "x"}, If_Match=tag)).status_code == 412
    assert (await world.call(EDITOR, "PATCH", path, {"title": "x"})).status_code == 428
    stale = await world.problem(SOMEBODY, "POST", f"{path}/completions", {"answers": RIGHT, "edition": 1})
    assert stale["title"] == "The piece has a new edition"
    new = await finish_piece(world, piece["id"], SOMEBODY)
    records = (await world.json(SOMEBODY, "GET", "/v1/learning/completions"))["items"]
    assert [(record["id"], record["title"], record["is_current"]) for record in records] == [
        (new["id"], "Ask on the first visit", True),
        (old["id"], piece["title"], False),
    ]


async def test_a_published_piece_cannot_be_changed_into_something_unfinished(world: EvidenceWorld) -> None:
    piece = await publish_piece(world)
    path = f"/v1/learning/{piece['id']}"
    problem = await world.problem(EDITOR, "PATCH", path, {"questions": [question(0)]}, If_Match="*")
    assert problem["title"] == "The learning piece is not complete yet"
    assert (await world.json(NOBODY, "GET", path))["edition"] == 1


async def test_a_partner_writes_drafts_and_changes_nothing_that_everyone_reads(world: EvidenceWorld) -> None:
    path = f"/v1/learning/{await create_draft(world)}"
    draft = await world.json(guide_factories.PARTNER, "PATCH", path, {"point": "Offer a break early."}, If_Match="*")
    assert draft["point"] == "Offer a break early."
    await world.json(EDITOR, "POST", f"{path}/publish")
    problem = await world.problem(guide_factories.PARTNER, "PATCH", path, {"point": "Offer none."}, If_Match="*")
    assert (problem["status"], problem["title"]) == (
        403,
        "Only an editor can change a published learning piece",
    )
    assert (await world.json(NOBODY, "GET", path))["point"] == "Offer a break early."


async def test_an_answer_that_is_no_option_is_refused_in_its_place(world: EvidenceWorld) -> None:
    path = f"/v1/learning/{(await publish_piece(world))['id']}/completions"
    problem = await world.problem(SOMEBODY, "POST", path, {"answers": [0, 5, 0]})
    assert problem["errors"] == [{"pointer": "/answers/1", "detail": "Choose an option from 0 to 2."}]
    assert (await world.problem(SOMEBODY, "POST", path, {"answers": [0, 1]}))["errors"][0]["pointer"] == "/answers"


async def test_whoever_answers_has_signed_in_and_is_a_person(world: EvidenceWorld) -> None:
    path = f"/v1/learning/{(await publish_piece(world))['id']}/completions"
    partner = Caller(new_id(), "client", scopes=frozenset({"evidence:read", "evidence:write"}))
    assert (await world.call(NOBODY, "POST", path, {"answers": RIGHT})).status_code == 401
    assert (await world.call(partner, "POST", path, {"answers": RIGHT})).status_code == 403


async def test_drafts_are_for_editors_and_cannot_be_answered(world: EvidenceWorld) -> None:
    piece = await create_draft(world)
    assert (await world.call(CARER, "GET", f"/v1/learning/{piece}")).status_code == 404
    response = await world.call(CARER, "POST", f"/v1/learning/{piece}/completions", {"answers": RIGHT})
    assert response.status_code == 404
    assert (await world.call(NOBODY, "GET", "/v1/learning?status=draft")).status_code == 401
    assert [piece["id"] for piece in (await world.json(EDITOR, "GET", "/v1/learning?status=draft"))["items"]] == [piece]
    for caller, status in ((NOBODY, 401), (CARER, 403)):
        assert (await world.call(caller, "POST", "/v1/learning", {"title": "x", "point": "y"})).status_code == status


async def test_a_withdrawn_piece_leaves_a_tombstone_and_its_records(world: EvidenceWorld) -> None:
    piece = await publish_piece(world)
    path = f"/v1/learning/{piece['id']}"
    await finish_piece(world, piece["id"], SOMEBODY)
    await world.json(EDITOR, "POST", f"{path}/withdraw")
    response = await world.call(NOBODY, "GET", path)
    assert (response.status_code, response.json()["tombstone"]["id"]) == (410, piece["id"])
    assert piece["title"] not in response.text
    assert (await world.call(CARER, "POST", f"{path}/completions", {"answers": RIGHT})).status_code == 410
    assert (await world.json(NOBODY, "GET", "/v1/learning"))["items"] == []
    [record] = (await world.json(SOMEBODY, "GET", "/v1/learning/completions"))["items"]
    assert (record["title"], record["is_current"]) == (piece["title"], False)


@pytest.mark.parametrize(
    ("people", "expected"), [(0, {"fewer_than": 10}), (9, {"fewer_than": 10}), (12, {"at_least": 10})]
)
async def test_so_few_people_that_one_might_be_recognised_are_not_counted(
    world: EvidenceWorld, people: int, expected: Any
) -> None:
    piece = await publish_piece(world)
    for _ in range(people):
        await finish_piece(world, piece["id"])
    assert (await world.json(NOBODY, "GET", f"/v1/learning/{piece['id']}"))["completions"] == expected
    assert (await world.json(EDITOR, "GET", f"/v1/learning/{piece['id']}"))["completions"] == people


async def test_whoever_finished_two_editions_of_a_piece_is_one_person(world: EvidenceWorld) -> None:
    piece = (await publish_piece(world))["id"]
    path = f"/v1/learning/{piece}"
    learners = [person(new_id()) for _ in range(3)]
    for title in ("Ask early", "Ask on the first visit"):
        await world.json(EDITOR, "PATCH", path, {"title": title}, If_Match="*")
        for learner in learners:
            await finish_piece(world, piece, learner)
    assert (await world.json(NOBODY, "GET", path))["completions"] == {"fewer_than": 10}


async def test_pieces_page_by_key_set_and_are_found_by_what_they_teach_from(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    piece_ids = [(await publish_piece(world, items=[{"id": item}]))["id"] for _ in range(3)]
    await publish_piece(world)
    listed_ids: list[str] = []
    url: str | None = f"/v1/learning?item={item}&limit=2"
    while url:
        page = await world.json(NOBODY, "GET", url)
        listed_ids += [piece["id"] for piece in page["items"]]
        url = page["next"]
    assert listed_ids == piece_ids[::-1]


async def test_pieces_are_found_by_the_place_of_what_they_teach_from(world: EvidenceWorld) -> None:
    account = await world.publish(ACCOUNT, country="IE")
    welsh = await world.publish(RESEARCH, country="GB-WLS", setting="Home care")
    guide = await guide_factories.publish_guide(world, guide_factories.statement(welsh))
    itself = (await publish_piece(world, items=[{"id": welsh}]))["id"]
    through_guide = (await publish_piece(world, guides=[{"id": guide["id"]}]))["id"]
    irish = (await publish_piece(world, items=[{"id": account}], title="One night"))["id"]
    unplaced = (await publish_piece(world, items=[{"id": await world.publish(ACCOUNT, title="A night")}]))["id"]
    for query, expected, without in (
        ("country=GB-WLS", [through_guide, itself], (1, None)),
        ("country=GB&setting=home%20CARE&count=true", [through_guide, itself], (0, 0)),
        ("country=IE", [irish], (1, None)),
        ("country=IE&setting=home%20care", [], (0, 1)),
        ("", [unplaced, irish, through_guide, itself], (None, None)),
    ):
        page = await world.json(NOBODY, "GET", f"/v1/learning?{query}")
        assert [piece["id"] for piece in page["items"]] == expected, query
        assert (page["without_country"], page["without_setting"]) == without, query
        assert page["total"] in (None, len(expected))
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    page = await world.json(NOBODY, "GET", "/v1/learning?country=IE")
    assert (page["items"], page["without_country"]) == ([], 2), "what is not public has no place"
    await world.json(EDITOR, "POST", f"/v1/guides/{guide['id']}/withdraw")
    page = await world.json(NOBODY, "GET", "/v1/learning?country=GB-WLS")
    assert [piece["id"] for piece in page["items"]] == [itself], "a withdrawn guide gives no place either"
    for query in ("country=Wales", "country=gb", "setting="):
        assert (await world.call(NOBODY, "GET", f"/v1/learning?{query}")).status_code == 422
