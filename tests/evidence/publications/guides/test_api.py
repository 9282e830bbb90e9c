from services.evidence.publications.guides.views import GuideDraftView, GuideView
from shared import clock
from shared.events.contracts.evidence import GuidePublished, GuideWithdrawn
from tests.evidence.publications.guides.guide_factories import (
    REVIEWER,
    change_guide,
    create_draft,
    guide_content,
    merge,
    publish_guide,
    statement,
)
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY


async def test_a_guide_says_who_speaks_in_each_statement_and_who_is_missing(world: EvidenceWorld) -> None:
    account, practice = await world.publish(ACCOUNT), await world.publish(PRACTICE)
    guide = await publish_guide(world, statement(account, practice), statement(practice))
    both, single = guide["statements"]
    assert (both["balance"]["lived_experience"], both["balance"]["practice_knowledge"]) == (1, 1)
    assert both["balance"]["explanation"] == "Research is missing from this statement."
    assert single["balance"]["missing"] == ["research", "lived_experience"]
    assert guide["balance"]["explanation"] == "Research is missing from this guide."
    assert guide["balance"]["statements_without"] == {"research": 2, "lived_experience": 1, "practice_knowledge": 0}
    assert guide["balance"]["practice_knowledge"] == 1, "an item that is cited twice speaks once"


async def test_a_guide_without_any_lived_experience_is_allowed_and_says_so(world: EvidenceWorld) -> None:
    guide = await publish_guide(world, statement(await world.publish(RESEARCH), await world.publish(PRACTICE)))
    assert guide["balance"]["explanation"] == "Lived experience is missing from this guide."


async def test_the_answer_has_exactly_the_fields_that_the_documentation_says(world: EvidenceWorld) -> None:
    guide = await publish_guide(world)
    response = await world.call(NOBODY, "GET", f"/v1/guides/{guide['id']}")
    assert GuideView.model_validate_json(response.content).model_dump(mode="json") == response.json()
    draft = await change_guide(world, guide["id"], {"summary": "More."})
    assert GuideDraftView.model_validate(draft).model_dump(mode="json") == draft


async def test_editors_list_withdrawn_guides(world: EvidenceWorld) -> None:
    withdrawn, published = await publish_guide(world), await publish_guide(world)
    await world.json(EDITOR, "POST", f"/v1/guides/{withdrawn['id']}/withdraw")
    guides = (await world.json(EDITOR, "GET", "/v1/guides?status=withdrawn"))["items"]
    assert [(guide["id"], guide["status"]) for guide in guides] == [(withdrawn["id"], "withdrawn")]
    assert [guide["id"] for guide in (await world.json(NOBODY, "GET", "/v1/guides"))["items"]] == [published["id"]]
    assert (await world.call(NOBODY, "GET", "/v1/guides?status=withdrawn")).status_code == 401
    assert (await world.call(CARER, "GET", "/v1/guides?status=withdrawn")).status_code == 403


async def test_what_is_missing_is_named_in_each_place_before_a_review(world: EvidenceWorld) -> None:
    gaps = statement(await world.publish(PRACTICE), what_to_try="", cost=None, confidence=None)
    guide = await create_draft(world, gaps, review_on=clock.today().isoformat())
    problem = await world.problem(EDITOR, "POST", f"/v1/guides/{guide}/submit")
    assert problem["title"] == "The guide is not complete yet"
    assert [error["pointer"] for error in problem["errors"]] == [
        *("/review_on", "/statements/0/what_to_try", "/statements/0/cost", "/statements/0/confidence")
    ]


async def test_publishing_tells_ids_and_ways_and_no_words(world: EvidenceWorld) -> None:
    topic, account = await world.topic(), await world.publish(ACCOUNT)
    guide = await publish_guide(world, statement(account), topics=[topic])
    [event] = [event for event in await world.events() if isinstance(event, GuidePublished)]
    assert event.model_dump(mode="json") == {
        "guide_id": guide["id"],
        "edition": 1,
        "topic_ids": [topic],
        "item_ids": [account],
        "ways_of_knowing": ["lived_experience"],
    }


async def test_a_withdrawn_guide_leaves_a_tombstone_in_all_its_places(world: EvidenceWorld) -> None:
    guide = await publish_guide(world)
    path = f"/v1/guides/{guide['id']}"
    await change_guide(world, guide["id"], {"title": "Never seen"})
    await world.json(EDITOR, "POST", f"{path}/withdraw")
    for path_end in ("", "/versions", "/versions/1"):
        response = await world.call(NOBODY, "GET", path + path_end)
        assert (response.status_code, response.json()["tombstone"]["id"]) == (410, guide["id"])
        assert guide["title"] not in response.text
    assert (await world.call(EDITOR, "GET", f"{path}/draft")).status_code == 410
    assert (await world.call(EDITOR, "POST", f"{path}/withdraw")).status_code == 410
    assert (await world.json(NOBODY, "GET", "/v1/guides"))["items"] == []
    assert [type(event) for event in await world.events() if event.topic == "evidence.guides"] == [
        *(GuidePublished, GuideWithdrawn)
    ]


async def test_a_withdrawn_draft_that_nobody_saw_is_not_told(world: EvidenceWorld) -> None:
    guide = await create_draft(world)
    await world.json(EDITOR, "POST", f"/v1/guides/{guide}/withdraw")
    assert [event for event in await world.events() if event.topic == "evidence.guides"] == []


async def test_guides_are_narrowed_by_topic_way_and_what_they_cite(world: EvidenceWorld) -> None:
    care, breaks, account = await world.topic("Care"), None, await world.publish(ACCOUNT)
    breaks = await world.topic("Breaks", care)
    about_breaks = await publish_guide(world, statement(account), topics=[breaks])
    about_pay = await publish_guide(world, topics=[await world.topic("Pay")])

    async def find(filters: str) -> list[str]:
        return [guide["id"] for guide in (await world.json(NOBODY, "GET", f"/v1/guides?{filters}"))["items"]]

    assert await find("") == [about_pay["id"], about_breaks["id"]]
    assert await find(f"topic={care}") == [about_breaks["id"]]
    assert await find("way_of_knowing=practice_knowledge") == [about_pay["id"]]
    assert await find(f"cites={account}") == [about_breaks["id"]]


async def test_guides_page_by_key_set(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    guide_ids = [(await publish_guide(world, statement(item)))["id"] for _ in range(5)]
    listed_ids: list[str] = []
    url: str | None = "/v1/guides?limit=2"
    while url:
        page = await world.json(NOBODY, "GET", url)
        listed_ids += [guide["id"] for guide in page["items"]]
        url = page["next"]
    assert listed_ids == guide_ids[::-1]


async def test_a_guide_whose_day_has_come_is_in_the_list_until_somebody_has_looked(world: EvidenceWorld) -> None:
    guide = await publish_guide(world)
    path = f"/v1/guides/{guide['id']}"

    async def due() -> list[str]:
        return [row["id"] for row in (await world.json(EDITOR, "GET", "/v1/guides?due=true&mine=true"))["items"]]

    assert await due() == []
    async with world.database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE guides SET review_on = current_date")
    assert await due() == [guide["id"]]
    assert (await world.call(NOBODY, "GET", "/v1/guides?due=true")).status_code == 401
    past = await world.problem(EDITOR, "POST", f"{path}/confirm", {"review_on": clock.today().isoformat()})
    assert past["errors"][0]["pointer"] == "/review_on"
    assert (await world.json(EDITOR, "POST", f"{path}/confirm", {"review_on": "2031-01-01"}))["edition"] == 1
    assert await due() == []
    assert (await world.json(NOBODY, "GET", path))["review_on"] == "2031-01-01"


async def test_a_command_returns_the_etag_that_the_guide_has_afterwards(world: EvidenceWorld) -> None:
    guide_id = await create_draft(world)
    path = f"/v1/guides/{guide_id}"
    await world.json(EDITOR, "POST", f"{path}/submit")
    for action, body in (("publish", None), ("confirm", {"review_on": "2031-01-01"}), ("take-over", None)):
        response = await world.call(REVIEWER, "POST", f"{path}/{action}", body)
        assert response.status_code == 200
        assert response.headers["etag"] == (await world.call(NOBODY, "GET", path)).headers["etag"]


async def test_a_thousand_statements_are_a_guide_and_one_more_is_not(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    guide = await publish_guide(world, *[statement(item, text=f"Number {position}.") for position in range(1_000)])
    assert [guide["statements"][position]["text"] for position in (0, 999)] == ["Number 0.", "Number 999."]
    many = await guide_content(world, *[statement(item)] * 1_001)
    problem = await world.problem(EDITOR, "POST", "/v1/guides", many)
    assert problem["errors"][0]["pointer"] == "/statements"


async def test_a_reader_who_has_it_is_told_so_until_anything_in_it_changes(world: EvidenceWorld) -> None:
    account = await world.publish(ACCOUNT)
    guide = await publish_guide(world, statement(account))
    path = f"/v1/guides/{guide['id']}"
    response = await world.call(NOBODY, "GET", path)
    assert response.headers["cache-control"] == "public, no-cache"
    tag = response.headers["etag"]
    assert (await world.call(NOBODY, "GET", path, If_None_Match=tag)).status_code == 304
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    assert (await world.call(NOBODY, "GET", path, If_None_Match=tag)).status_code == 200


async def test_no_answer_to_the_public_tells_who_owns_or_wrote_a_guide(world: EvidenceWorld) -> None:
    guide = await publish_guide(world)
    response = await world.call(NOBODY, "GET", f"/v1/guides/{guide['id']}")
    list_response = await world.call(NOBODY, "GET", "/v1/guides")
    assert str(EDITOR.id) not in response.text + list_response.text
    assert str(REVIEWER.id) not in response.text + list_response.text


async def test_guides_are_found_by_the_place_of_what_they_cite(world: EvidenceWorld) -> None:
    account = await world.publish(ACCOUNT, country="IE")
    welsh = await world.publish(RESEARCH, country="GB-WLS", setting="Home care")
    of_the_state = await world.publish(RESEARCH, title="All of it", identifiers=[], country="GB")
    merged = await world.publish(RESEARCH, title="The same work", identifiers=[], country="FR")
    silent = await world.publish(ACCOUNT, title="A night")
    itself, for_all, through_merge, irish, unplaced = [
        (await publish_guide(world, statement(item)))["id"] for item in (welsh, of_the_state, merged, account, silent)
    ]
    await merge(world, merged, welsh)
    for query, expected, without in (
        ("country=GB-WLS", [through_merge, for_all, itself], (1, None)),
        ("country=GB-NIR", [for_all], (1, None)),
        ("country=GB&setting=home%20CARE&count=true", [through_merge, itself], (0, 1)),
        ("country=FR", [], (1, None)),
        ("country=IE", [irish], (1, None)),
        ("setting=home%20care&limit=1", [through_merge], (None, 3)),
        ("", [unplaced, irish, through_merge, for_all, itself], (None, None)),
    ):
        page = await world.json(NOBODY, "GET", f"/v1/guides?{query}")
        assert [guide["id"] for guide in page["items"]] == expected, query
        assert (page["without_country"], page["without_setting"]) == without, query
        assert page["total"] in (None, len(expected))
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    page = await world.json(NOBODY, "GET", "/v1/guides?country=IE")
    assert (page["items"], page["without_country"]) == ([], 2), "what is not public has no place"
    for query in ("country=Wales", "country=gb", "setting="):
        assert (await world.call(NOBODY, "GET", f"/v1/guides?{query}")).status_code == 422


async def test_only_the_first_page_of_guides_says_how_many_name_no_place(world: EvidenceWorld) -> None:
    welsh = await world.publish(RESEARCH, country="GB-WLS")
    for _ in range(2):
        await publish_guide(world, statement(welsh))
    first = await world.json(NOBODY, "GET", "/v1/guides?country=GB-WLS&limit=1")
    second = await world.json(NOBODY, "GET", first["next"])
    assert (first["without_country"], second["without_country"]) == (0, None)
