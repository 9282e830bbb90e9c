from typing import Any

from services.evidence.library.topics.priorities.jobs import apply_pending_mentions
from shared.callers import person
from shared.events.contracts.evidence import EvidenceRequestReceived
from shared.persistence.tables import new_id
from tests.evidence.library.topics.priorities.test_handlers import results
from tests.evidence.publications.requests.request_factories import REWORDED, WORDS, answer_request
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import EDITOR, NOBODY


async def ask(world: EvidenceWorld, *topics: str, times: int = 1, **more: Any) -> list[str]:
    """Each time somebody else."""
    body = {"question": WORDS, "urgency": "today", "topics": topics, **more}
    return [(await world.json(person(new_id()), "POST", "/v1/evidence-requests", body))["id"] for _ in range(times)]


async def get_gap_map(world: EvidenceWorld, topic: str) -> Any:
    return await world.json(NOBODY, "GET", f"/v1/topics/{topic}/coverage")


def cells(gap_map: Any, dimension: str) -> dict[str, tuple[int, int, int, Any]]:
    return {
        cell["value"]: (cell["research"], cell["lived_experience"], cell["practice_knowledge"], cell["questions"])
        for cell in gap_map[dimension]
    }


async def test_the_gap_map_counts_each_way_of_knowing_by_country_setting_and_year(world: EvidenceWorld) -> None:
    carers = await world.topic("Carers")
    breaks = await world.topic("Breaks", parent=carers)
    await world.publish(RESEARCH, topics=[carers, breaks], country="GB-NIR", setting="Home care")
    await world.publish(ACCOUNT, topics=[breaks], country="GB-NIR", period={"from": "2019-03"})
    await world.publish(PRACTICE, topics=[breaks], setting="home care")
    await world.draft(ACCOUNT, topics=[breaks], country="GB-WLS")
    gone = await world.publish(ACCOUNT, topics=[breaks], country="GB-SCT")
    await world.json(EDITOR, "POST", f"/v1/evidence/{gone}/withdraw")
    gap_map = await get_gap_map(world, carers)
    assert (gap_map["research"], gap_map["lived_experience"], gap_map["practice_knowledge"]) == (1, 1, 1)
    assert gap_map["missing"] == []
    assert cells(gap_map, "countries") == {"GB-NIR": (1, 1, 0, None)}
    assert cells(gap_map, "settings") == {"home care": (1, 0, 1, None)}
    (practised,) = await world.rows(
        "SELECT to_char(published_at, 'YYYY') AS year FROM items WHERE way_of_knowing = 'practice_knowledge'"
    )
    assert cells(gap_map, "years") == {
        "2019": (0, 1, 0, None),
        "2021": (1, 0, 0, None),
        practised["year"]: (0, 0, 1, None),
    }


async def test_research_without_a_date_is_counted_and_in_no_year(world: EvidenceWorld) -> None:
    topic = await world.topic()
    await world.publish(RESEARCH, topics=[topic], published_on=None, period={"from": "2018", "to": "2019"})
    gap_map = await get_gap_map(world, topic)
    assert (gap_map["research"], gap_map["years"]) == (1, [])


async def test_questions_without_an_answer_are_on_the_map_and_few_people_are_not_told(world: EvidenceWorld) -> None:
    topic = await world.topic()
    (question, *_) = await ask(world, topic, times=12, country="GB-WLS", setting="A home that nobody else calls so")
    await ask(world, topic, times=9, country="GB-SCT")
    gap_map = await get_gap_map(world, topic)
    assert gap_map["questions"] == {"at_least": 20}
    assert cells(gap_map, "countries") == {"GB-WLS": (0, 0, 0, {"at_least": 10})}
    assert gap_map["missing"] == ["research", "lived_experience", "practice_knowledge"]
    await answer_request(world, question)
    gap_map = await get_gap_map(world, topic)
    assert (gap_map["questions"], gap_map["nothing_known"]) == ({"at_least": 20}, {"fewer_than": 10})


async def test_the_gap_map_shows_a_country_once_enough_people_ask_there(
    world: EvidenceWorld, fewest_shown: int
) -> None:
    step = 2 * fewest_shown
    topic, few, enough = await world.topic(), {"fewer_than": step}, {"at_least": step}
    await ask(world, topic, times=step - 1, country="GB-SCT")
    assert ((await get_gap_map(world, topic))["questions"], await questions_by_gap(world)) == (few, [few])
    await ask(world, topic, country="GB-WLS")
    assert ((await get_gap_map(world, topic))["questions"], await questions_by_gap(world)) == (enough, [enough])
    assert (await get_gap_map(world, topic))["countries"] == []
    await world.publish(RESEARCH, topics=[topic], country="GB-SCT")
    for questions in (None, enough):
        assert cells(await get_gap_map(world, topic), "countries") == {"GB-SCT": (1, 0, 0, questions)}
        await ask(world, topic, country="GB-SCT")
    assert set(cells(await get_gap_map(world, topic), "countries")) == {"GB-SCT"}


async def questions_by_gap(world: EvidenceWorld) -> list[Any]:
    return [gap["questions"] for gap in (await world.json(NOBODY, "GET", "/v1/topics/gaps"))["items"]]


async def test_what_one_person_asks_often_tells_nothing_of_where_they_are(world: EvidenceWorld) -> None:
    topic, asker = await world.topic(), person(new_id())
    body = {"question": WORDS, "urgency": "today", "topics": [topic], "setting": "Rose Cottage", "country": "GB-WLS"}
    for _ in range(11):
        await world.json(asker, "POST", "/v1/evidence-requests", body)
    gap_map = await get_gap_map(world, topic)
    assert (gap_map["questions"], gap_map["countries"], gap_map["settings"]) == ({"fewer_than": 10}, [], [])
    assert "Rose" not in str(gap_map)


async def test_an_answered_question_is_no_gap_any_more(world: EvidenceWorld) -> None:
    topic = await world.topic()
    (request, *_) = await ask(world, topic, times=10)
    assert (await get_gap_map(world, topic))["questions"] == {"at_least": 10}
    await answer_request(world, request, await world.publish(RESEARCH))
    gap_map = await get_gap_map(world, topic)
    assert (gap_map["questions"], gap_map["nothing_known"]) == ({"fewer_than": 10}, {"fewer_than": 10})
    await world.json(EDITOR, "POST", f"/v1/evidence-requests/{request}/publish", {"question": REWORDED})


async def test_what_is_not_known_stays_so_once_its_question_is_closed(world: EvidenceWorld) -> None:
    topic, asker = await world.topic(), person(new_id())
    body = {"question": WORDS, "urgency": "today", "topics": [topic]}
    path = f"/v1/evidence-requests/{(await world.json(asker, 'POST', '/v1/evidence-requests', body))['id']}"
    await world.json(EDITOR, "POST", f"{path}/answer", {"answer": "Nobody knows yet."})
    closed = await world.json(asker, "POST", f"{path}/use", {"used": "no"})
    assert (closed["status"], (await get_gap_map(world, topic))["nothing_known"]) == ("closed", {"fewer_than": 10})


async def test_gaps_come_by_priority_and_say_what_is_missing(world: EvidenceWorld) -> None:
    names = ("Whole", "Asked", "Silent", "Unheard", "Empty")
    topics = {name: await world.topic(name) for name in names}
    below = await world.topic("Below", parent=topics["Whole"])
    await world.handle(
        results({topics[name]: 90 - place for place, name in enumerate(names) if name != "Unheard"}, 300)
    )
    for name in ("Asked", "Silent"):
        await world.publish(RESEARCH, topics=[topics[name]], identifiers=[], title=name)
    for item in (RESEARCH, ACCOUNT, PRACTICE):
        await world.publish(item, topics=[below])
    for item in (ACCOUNT, PRACTICE):
        await world.publish(item, topics=[topics["Asked"]])
    await ask(world, topics["Asked"], times=10)
    pages: list[Any] = []
    path = "/v1/topics/gaps?limit=2&count=true"
    while path:
        pages.append(await world.json(NOBODY, "GET", path))
        path = (pages[-1]["next"] or "").removeprefix("http://testserver")
    assert [page["total"] for page in pages] == [4, 4]
    gaps, few = [gap for page in pages for gap in page["items"]], {"fewer_than": 10}
    assert [(gap["topic"]["name"], gap["missing"], gap["questions"]) for gap in gaps] == [
        ("Asked", [], {"at_least": 10}),
        ("Silent", ["lived_experience", "practice_knowledge"], few),
        ("Empty", ["research", "lived_experience", "practice_knowledge"], few),
        ("Unheard", ["research", "lived_experience", "practice_knowledge"], few),
    ]
    assert gaps[0]["coverage"] == {"research": 1, "lived_experience": 1, "practice_knowledge": 1}


async def test_a_topic_that_lacks_nothing_is_listed_once_enough_ask_and_not_when_the_first_does(
    world: EvidenceWorld,
) -> None:
    above = await world.topic("Above")
    topic = await world.topic("Asked", parent=above)
    await world.handle(results({topic: 50}, 300))
    for item in (RESEARCH, ACCOUNT, PRACTICE):
        await world.publish(item, topics=[topic])
    await ask(world, topic, times=9)
    assert await questions_by_gap(world) == []
    await ask(world, topic)
    assert await questions_by_gap(world) == [{"at_least": 10}]


async def test_topics_without_a_priority_are_listed_for_what_they_lack_whether_or_not_somebody_asks(
    world: EvidenceWorld,
) -> None:
    topics = {name: await world.topic(name) for name in ("Whole", "Whole and asked", "Empty", "Empty and asked")}
    for item in (RESEARCH, ACCOUNT, PRACTICE):
        await world.publish(item, topics=[topics["Whole"], topics["Whole and asked"]])
    for name in ("Whole and asked", "Empty and asked"):
        await ask(world, topics[name], times=4)
    gaps: list[Any] = []
    path = "/v1/topics/gaps?limit=1"
    while path:
        page = await world.json(NOBODY, "GET", path)
        gaps += [(gap["topic"]["name"], gap["topic"]["priority"]) for gap in page["items"]]
        path = (page["next"] or "").removeprefix("http://testserver")
    assert gaps == [("Empty and asked", None), ("Empty", None)]


async def test_a_person_who_asks_many_questions_on_a_topic_counts_once(world: EvidenceWorld) -> None:
    loud, quiet, asker = await world.topic("Loud"), await world.topic("Quiet"), person(new_id())
    few: dict[str, int] = {"fewer_than": 10}
    country: dict[str, Any] = {"country": "GB-WLS"}
    await world.handle(results({quiet: 40}, 300))
    for topic, times in ((loud, 11), (quiet, 1)):
        body = {"question": WORDS, "urgency": "today", "topics": [topic], **country}
        for _ in range(times):
            await world.json(asker, "POST", "/v1/evidence-requests", body)
    assert await priorities_by_gap(world) == [("Quiet", 40, few), ("Loud", None, few)]
    await ask(world, loud, times=8, **country)
    assert await priorities_by_gap(world) == [("Quiet", 40, few), ("Loud", None, few)]
    assert ((await get_gap_map(world, loud))["questions"], (await get_gap_map(world, loud))["countries"]) == (few, [])
    await ask(world, loud, **country)
    assert await priorities_by_gap(world) == [("Loud", 50, {"at_least": 10}), ("Quiet", 40, few)]
    assert cells(await get_gap_map(world, loud), "countries") == {"GB-WLS": (0, 0, 0, {"at_least": 10})}


async def priorities_by_gap(world: EvidenceWorld) -> list[tuple[str, int | None, Any]]:
    """Return the gaps once the worker has included every question."""
    received = [event for event in await world.events() if isinstance(event, EvidenceRequestReceived)]
    await world.handle_all([(event, new_id()) for event in received])
    await apply_pending_mentions(world.database)
    gaps = (await world.json(NOBODY, "GET", "/v1/topics/gaps"))["items"]
    return [(gap["topic"]["name"], gap["topic"]["priority"], gap["questions"]) for gap in gaps]


async def test_a_person_whose_questions_nobody_could_answer_counts_once(world: EvidenceWorld) -> None:
    topic, asker = await world.topic(), person(new_id())
    body = {"question": WORDS, "urgency": "today", "topics": [topic]}
    for _ in range(11):
        request = (await world.json(asker, "POST", "/v1/evidence-requests", body))["id"]
        await world.json(EDITOR, "POST", f"/v1/evidence-requests/{request}/answer", {"answer": "Nobody knows yet."})
    assert (await get_gap_map(world, topic))["nothing_known"] == {"fewer_than": 10}


async def test_a_topic_that_lacks_nothing_is_a_gap_once_enough_people_ask(world: EvidenceWorld) -> None:
    topic, asker = await world.topic(), person(new_id())
    await world.handle(results({topic: 40}, 300))
    for item in (RESEARCH, ACCOUNT, PRACTICE):
        await world.publish(item, topics=[topic])
    body = {"question": WORDS, "urgency": "today", "topics": [topic]}
    for _ in range(11):
        await world.json(asker, "POST", "/v1/evidence-requests", body)
    await ask(world, topic, times=8)
    assert await questions_by_gap(world) == []
    await ask(world, topic)
    assert await questions_by_gap(world) == [{"at_least": 10}]
