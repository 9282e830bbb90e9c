from typing import Any
from uuid import UUID

import pytest

from services.evidence.line_of_sight import rules
from shared.events.contracts.engagement import (
    OutcomeRecorded,
    ProjectStarted,
    ResponseReceived,
    ResultsPublished,
    SurveyOpened,
)
from shared.events.contracts.evidence import EvidencePublished, TopicCreated
from shared.persistence.tables import new_id
from tests.evidence.line_of_sight.example_thread import ExampleThread
from tests.evidence.world import ACCOUNT, PRACTICE, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY


async def a_thread(world: EvidenceWorld, responses: int = 10, attending: int = 12) -> ExampleThread:
    topic = await world.topic("Breaks")
    item = await world.publish(ACCOUNT, topics=[topic])
    thread = ExampleThread(UUID(topic), UUID(item), responses, attending)
    for event in thread.events:
        await world.handle(event)
    return thread


async def seen_from(world: EvidenceWorld, ref: str) -> tuple[dict[str, Any], Any]:
    """The nodes by kind, and the whole answer."""
    response = await world.json(NOBODY, "GET", f"/v1/line-of-sight?from={ref}")
    return {node["kind"]: node for node in response["nodes"]}, response


async def test_the_whole_thread_is_seen_from_a_piece_of_evidence(world: EvidenceWorld) -> None:
    thread = await a_thread(world)
    nodes, thread_view = await seen_from(world, f"evidence:{thread.item}")
    assert thread_view["from"] == thread_view["nodes"][0]["ref"] == f"evidence:{thread.item}"
    assert thread_view["truncated"] is False
    assert nodes["evidence"]["way_of_knowing"] == "lived_experience"
    assert nodes["evidence"]["facts"] == {"title": ACCOUNT["title"], "language": "en"}
    (topic,) = [node for node in thread_view["nodes"] if node["ref"] == f"topic:{thread.topic}"]
    assert topic["facts"] == {"name": "Breaks", "priority": 80}
    assert nodes["survey"]["people"] == {"at_least": 10}
    assert all(nodes["survey"]["facts"][moment].endswith("Z") for moment in ("opened_at", "closed_at"))
    assert (nodes["assembly"]["people"], nodes["assembly"]["paid"]) == ({"at_least": 10}, None)
    assert nodes["project"]["facts"] == {"model": "facilitator"}
    assert nodes["outcome"]["facts"] == {"measure": "carers_with_a_break", "direction": "better"}
    assert nodes["outcome"]["people"] == {"at_least": 40}
    assert {
        (link["from"].split(":")[0], link["relation"], link["to"].split(":")[0]) for link in thread_view["links"]
    } == {
        ("topic", "contains", "topic"),
        ("survey", "asks_about", "topic"),
        ("survey", "prioritises", "topic"),
        ("topic", "answered_by", "evidence"),
        ("topic", "discussed_at", "assembly"),
        ("topic", "pursued_by", "project"),
        ("evidence", "applied_by", "project"),
        ("assembly", "led_to", "project"),
        ("project", "achieved", "outcome"),
    }


@pytest.mark.parametrize("kind", ["survey", "topic", "evidence", "assembly", "project", "outcome"])
async def test_from_every_point_both_ends_of_the_thread_are_seen(world: EvidenceWorld, kind: str) -> None:
    thread = await a_thread(world)
    start = thread.item if kind == "evidence" else getattr(thread, kind)
    nodes, _ = await seen_from(world, f"{kind}:{start}")
    assert set(nodes) >= {"survey", "topic", "project", "outcome"}


async def test_numbers_of_people_that_are_too_small_are_not_told(world: EvidenceWorld) -> None:
    thread = await a_thread(world, responses=4, attending=1)
    nodes, _ = await seen_from(world, f"evidence:{thread.item}")
    assert nodes["survey"]["people"] == {"fewer_than": 10}
    assert nodes["assembly"]["people"] == {"fewer_than": 10}


async def test_staff_read_the_numbers_of_today(world: EvidenceWorld) -> None:
    thread = await a_thread(world, responses=4, attending=1)
    response = await world.json(EDITOR, "GET", f"/v1/line-of-sight?from=evidence:{thread.item}")
    nodes = {node["kind"]: node for node in response["nodes"]}
    assert (nodes["survey"]["people"], nodes["assembly"]["people"], nodes["outcome"]["people"]) == (4, 1, 40)
    assert nodes["assembly"]["paid"] == {"pence": 24_690, "currency": "GBP"}


async def test_how_many_have_answered_is_not_told_before_the_results(world: EvidenceWorld) -> None:
    survey, topic = new_id(), new_id()
    await world.handle(SurveyOpened(survey_id=survey, topic_ids=(topic,)))
    for _ in range(20):
        await world.handle(ResponseReceived(response_id=new_id(), survey_id=survey))
    nodes, _ = await seen_from(world, f"survey:{survey}")
    assert nodes["survey"]["people"] is None
    await world.handle(ResultsPublished(survey_id=survey, respondents=15, priorities=()))
    nodes, _ = await seen_from(world, f"survey:{survey}")
    assert nodes["survey"]["people"] == {"at_least": 15}, "what the results show, although 20 answered"


async def test_what_else_is_known_of_the_topic_is_not_on_the_thread_of_an_item(world: EvidenceWorld) -> None:
    thread = await a_thread(world)
    other = new_id()
    await world.handle(EvidencePublished(item_id=other, way_of_knowing="research", topic_ids=(thread.topic,)))
    refs = {node["ref"] for node in (await seen_from(world, f"evidence:{thread.item}"))[1]["nodes"]}
    assert f"evidence:{other}" not in refs
    refs = {node["ref"] for node in (await seen_from(world, f"topic:{thread.topic}"))[1]["nodes"]}
    assert f"evidence:{other}" in refs


async def test_a_thread_that_is_too_long_is_cut_and_says_so(world: EvidenceWorld) -> None:
    topic = new_id()
    await world.handle(TopicCreated(topic_id=topic, name="Wide"))
    events = [
        (EvidencePublished(item_id=new_id(), way_of_knowing="research", topic_ids=(topic,)), new_id())
        for _ in range(rules.MAX_NODES + 20)
    ]
    await world.handle_all(events)
    _, thread_view = await seen_from(world, f"topic:{topic}")
    assert thread_view["truncated"] is True
    assert len(thread_view["nodes"]) == rules.MAX_NODES


async def test_where_a_thread_is_cut_the_voices_before_it_stay(world: EvidenceWorld) -> None:
    topic, item = new_id(), new_id()
    await world.handle(EvidencePublished(item_id=item, way_of_knowing="research", topic_ids=(topic,)))
    voices = [(SurveyOpened(survey_id=new_id(), topic_ids=(topic,)), new_id()) for _ in range(60)]
    applying = [
        (ProjectStarted(project_id=new_id(), topic_id=new_id(), model="network", applies=(item,)), new_id())
        for _ in range(rules.MAX_NODES + 20)
    ]
    await world.handle_all([*voices, *applying])
    response = await world.json(NOBODY, "GET", f"/v1/line-of-sight?from=evidence:{item}")
    kinds = [node["kind"] for node in response["nodes"]]
    assert (response["truncated"], len(kinds)) == (True, rules.MAX_NODES)
    assert (kinds.count("topic"), kinds.count("survey")) == (1, 60)


async def test_a_circle_of_links_ends(world: EvidenceWorld) -> None:
    first, second = new_id(), new_id()
    await world.handle(TopicCreated(topic_id=first, name="One", parent_id=second))
    await world.handle(TopicCreated(topic_id=second, name="Other", parent_id=first))
    assert len((await seen_from(world, f"topic:{first}"))[1]["nodes"]) == 2


async def test_drafts_and_unknown_things_are_not_seen(world: EvidenceWorld) -> None:
    draft = await world.draft(PRACTICE)
    assert (await world.call(NOBODY, "GET", f"/v1/line-of-sight?from=evidence:{draft}")).status_code == 404
    problem = await world.problem(NOBODY, "GET", "/v1/line-of-sight?from=person:1")
    assert "from=evidence:{id}" in problem["detail"]
    assert problem["errors"] == [{"pointer": "?from", "detail": problem["detail"]}]


async def test_a_contributor_sees_what_followed_from_each_contribution(world: EvidenceWorld) -> None:
    thread = await a_thread(world)
    await world.publish(PRACTICE, EDITOR)
    draft = await world.draft(PRACTICE)
    worse = OutcomeRecorded(
        project_id=thread.project, outcome_id=new_id(), measure="waiting", direction="worse", people_affected=2
    )
    await world.handle(worse)
    page = await world.json(CARER, "GET", "/v1/contributions")
    assert [contribution["item"]["id"] for contribution in page["items"]] == [draft, str(thread.item)]
    assert page["items"][0]["impact"] == {
        "projects": 0,
        "outcomes": 0,
        "better": 0,
        "people": {"fewer_than": 10},
        "guides": [],
        "learning": [],
        "project_ids": [],
        "requests": {"fewer_than": 10},
        "paid_claims": {"fewer_than": 10},
        "paid": {"pence": 0, "currency": "GBP"},
    }
    followed = page["items"][1]["impact"]
    assert (followed["projects"], followed["outcomes"], followed["better"]) == (1, 2, 1)
    assert followed["people"] == {"at_least": 40}, "the two of the other outcome could be told by subtraction"
    # Two people were paid, and so few are not told.
    assert (followed["paid_claims"], followed["paid"]["pence"]) == ({"fewer_than": 10}, 0)
    assert page["items"][1]["line_of_sight"] == f"/v1/line-of-sight?from=evidence:{thread.item}"
    assert (await world.call(NOBODY, "GET", "/v1/contributions")).status_code == 401
