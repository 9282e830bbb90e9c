from datetime import time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import event as sqlalchemy_event

from shared import clock
from shared.callers import Caller, person
from shared.events.contracts.engagement import OutcomeRecorded, ProjectStarted
from shared.events.contracts.evidence import (
    EvidenceMerged,
    EvidencePublished,
    EvidenceRequestWithdrawn,
    EvidenceUnmerged,
    GuideWithdrawn,
)
from shared.events.contracts.funding import ClaimPaymentVoided
from shared.persistence.tables import new_id
from tests.evidence.line_of_sight.example_thread import ExampleThread
from tests.evidence.publications.guides.guide_factories import publish_guide, statement
from tests.evidence.publications.learning import learning_factories
from tests.evidence.publications.requests.request_factories import ASKER, OTHER, REWORDED, answer_request, ask, do
from tests.evidence.world import ACCOUNT, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

OPEN_MONTH = clock.in_england((clock.today() - timedelta(days=2)).replace(day=1), time(0, 0))
LAST_MONTH = OPEN_MONTH - timedelta(hours=12)
MONTH_BEFORE = OPEN_MONTH - timedelta(days=45)


async def a_thread(world: EvidenceWorld) -> ExampleThread:
    topic = await world.topic("Breaks")
    thread = ExampleThread(UUID(topic), UUID(await world.publish(ACCOUNT, topics=[topic])))
    for event in [*thread.events, *thread.into_practice]:
        await world.handle(event)
    return thread


Links = set[tuple[str, str, str]]


async def view_thread(world: EvidenceWorld, ref: str, by: Caller = NOBODY) -> tuple[dict[str, Any], Links]:
    """The nodes by their ref, and the links."""
    thread_view = await world.json(by, "GET", f"/v1/line-of-sight?from={ref}")
    links = {(link["from"], link["relation"], link["to"]) for link in thread_view["links"]}
    return {node["ref"]: node for node in thread_view["nodes"]}, links


async def test_guides_and_learning_are_on_the_thread(world: EvidenceWorld) -> None:
    thread = await a_thread(world)
    item, guide, piece = f"evidence:{thread.item}", f"guide:{thread.guide}", f"learning:{thread.piece}"
    nodes, links = await view_thread(world, item)
    assert {
        (item, "drawn_on_by", guide),
        (item, "taught_by", piece),
        (guide, "taught_by", piece),
    } <= links
    assert nodes[item]["facts"]["retraction"] == "correction"
    assert nodes[guide]["facts"] == {"edition": 1, "ways_of_knowing": ["lived_experience"]}
    assert nodes[piece]["people"] == {"at_least": 10}
    for start in (guide, piece):
        back, _ = await view_thread(world, start)
        assert {item, f"topic:{thread.topic}", f"survey:{thread.survey}"} <= back.keys()


async def test_a_piece_that_is_taught_no_longer_says_so(world: EvidenceWorld) -> None:
    piece = (await learning_factories.publish_piece(world))["id"]
    for event in await world.events():
        await world.handle(event)
    await world.json(EDITOR, "POST", f"/v1/learning/{piece}/withdraw")
    nodes, _ = await view_thread(world, f"learning:{piece}")
    assert nodes[f"learning:{piece}"]["facts"] == {"withdrawn": True}


async def test_whoever_learned_from_two_editions_of_a_piece_counts_once(world: EvidenceWorld) -> None:
    piece = (await learning_factories.publish_piece(world))["id"]
    learners = [person(new_id()) for _ in range(3)]
    for title in ("Ask early", "Ask on the first visit"):
        await world.json(EDITOR, "PATCH", f"/v1/learning/{piece}", {"title": title}, If_Match="*")
        for learner in learners:
            await learning_factories.finish_piece(world, piece, learner)
    for event in await world.events():
        await world.handle(event)
    nodes, _ = await view_thread(world, f"learning:{piece}")
    assert nodes[f"learning:{piece}"]["people"] == {"fewer_than": 10}


async def test_a_project_that_applies_a_guide_leads_back_to_what_the_guide_draws_on(world: EvidenceWorld) -> None:
    thread = await a_thread(world)
    project = new_id()
    started = ProjectStarted(
        project_id=project, topic_id=new_id(), model="network", applies=(), guide_ids=(thread.guide,)
    )
    await world.handle(started)
    nodes, links = await view_thread(world, f"project:{project}")
    assert f"evidence:{thread.item}" in nodes
    assert (f"guide:{thread.guide}", "applied_by", f"project:{project}") in links


async def test_a_new_edition_of_a_guide_no_longer_comes_from_what_it_no_longer_cites(world: EvidenceWorld) -> None:
    thread = await a_thread(world)
    other = new_id()
    await world.handle(thread.guide_published(other))
    _, links = await view_thread(world, f"guide:{thread.guide}")
    assert {link for link in links if link[1] == "drawn_on_by"} == {
        (f"evidence:{other}", "drawn_on_by", f"guide:{thread.guide}")
    }
    await world.handle(GuideWithdrawn(guide_id=thread.guide))
    nodes, _ = await view_thread(world, f"guide:{thread.guide}")
    assert nodes[f"guide:{thread.guide}"]["facts"]["withdrawn"] is True


async def test_what_leads_to_a_merged_item_is_seen_at_the_one_that_stands_for_both(world: EvidenceWorld) -> None:
    stays, absorbed, topics, projects = new_id(), new_id(), (new_id(), new_id()), (new_id(), new_id())
    for item, topic, project in zip((stays, absorbed), topics, projects, strict=True):
        await world.handle(EvidencePublished(item_id=item, way_of_knowing="research", topic_ids=(topic,)))
        await world.handle(ProjectStarted(project_id=project, topic_id=topic, model="network", applies=(item,)))
    apart = await view_thread(world, f"evidence:{stays}")
    await world.handle(EvidenceMerged(item_id=absorbed, into_id=stays))
    together, links = await view_thread(world, f"evidence:{stays}")
    assert f"evidence:{absorbed}" not in together
    assert {(f"evidence:{stays}", "applied_by", f"project:{project}") for project in projects} <= links
    assert {(f"topic:{topic}", "answered_by", f"evidence:{stays}") for topic in topics} <= links
    assert not [link for link in links if link[1] == "merged_into"]
    # Whoever comes from the absorbed item, or from either end of its thread, sees the same.
    assert await view_thread(world, f"evidence:{absorbed}") == (together, links)
    assert f"project:{projects[1]}" in (await view_thread(world, f"topic:{topics[1]}"))[0]
    assert f"topic:{topics[0]}" in (await view_thread(world, f"project:{projects[1]}"))[0]
    await world.handle(EvidenceUnmerged(item_id=absorbed, from_id=stays), 2)
    assert await view_thread(world, f"evidence:{stays}") == apart


async def test_a_question_is_on_the_public_thread_once_staff_made_it_public(world: EvidenceWorld) -> None:
    topic = await world.topic("Breaks")
    item = await world.publish(RESEARCH, topics=[topic])
    request = await ask(world, topics=[topic])
    await answer_request(world, request, item)
    for event in await world.events():
        await world.handle(event)
    ref = f"request:{request}"
    assert ref not in (await view_thread(world, f"topic:{topic}"))[0]
    assert ref not in (await view_thread(world, f"evidence:{item}", by=OTHER))[0]
    assert (await world.call(NOBODY, "GET", f"/v1/line-of-sight?from={ref}")).status_code == 404
    for reader in (ASKER, EDITOR):
        nodes, links = await view_thread(world, f"evidence:{item}", by=reader)
        assert nodes[ref]["facts"] == {"urgency": "this_week", "answered": True}
        assert {(ref, "asks_about", f"topic:{topic}"), (ref, "answered_by", f"evidence:{item}")} <= links
    await do(world, request, "publish", {"question": REWORDED})
    nodes, _ = await view_thread(world, ref)
    assert nodes[ref]["facts"]["question"] == REWORDED
    assert f"evidence:{item}" in nodes
    await world.handle(EvidenceRequestWithdrawn(request_id=UUID(request)))
    assert await world.rows("SELECT * FROM sight_nodes WHERE kind = 'request'") == []


async def test_whether_an_answer_was_used_is_shown_to_staff_alone_as_whoever_asked_says_it_today(
    world: EvidenceWorld,
) -> None:
    request = await ask(world)
    await answer_request(world, request, await world.publish(RESEARCH))
    await do(world, request, "publish", {"question": REWORDED})
    uses: list[Any] = []
    for used in ("yes", "no", "not_yet"):
        await do(world, request, "use", {"used": used}, by=ASKER)
        for event in await world.events():
            await world.handle(event)
        nodes, _ = await view_thread(world, f"request:{request}", by=EDITOR)
        uses.append(nodes[f"request:{request}"]["facts"].get("used"))
        nodes, _ = await view_thread(world, f"request:{request}")
        assert "used" not in nodes[f"request:{request}"]["facts"]
    assert uses == [True, False, None]


async def test_topics_of_an_item_change_without_losing_the_questions_that_it_answered(world: EvidenceWorld) -> None:
    thread = await a_thread(world)
    again = EvidencePublished(item_id=thread.twin, way_of_knowing="research", topic_ids=(new_id(),))
    await world.handle(again)
    rows = await world.rows("SELECT from_kind FROM sight_links WHERE to_id = :id", id=thread.twin)
    assert sorted(row["from_kind"] for row in rows) == ["request", "topic"]


async def test_a_contributor_sees_guides_projects_payments_questions_and_learning(world: EvidenceWorld) -> None:
    thread = await a_thread(world)
    for _ in range(4):
        await world.handle(thread.payment(1_000), at=LAST_MONTH)
    through_guide = new_id()
    await world.handle(
        ProjectStarted(
            project_id=through_guide, topic_id=thread.topic, model="network", applies=(), guide_ids=(thread.guide,)
        )
    )
    outcome = OutcomeRecorded(
        project_id=through_guide, outcome_id=new_id(), measure="waiting", direction="better", people_affected=19
    )
    await world.handle(outcome)
    (page,) = (await world.json(CARER, "GET", "/v1/contributions"))["items"]
    followed = page["impact"]
    assert followed["project_ids"] == sorted([str(thread.project), str(through_guide)])
    assert (followed["outcomes"], followed["better"], followed["people"]) == (2, 2, {"at_least": 50})
    # Asked of the twin that was merged into it.
    assert followed["requests"] == {"fewer_than": 10}
    # Of this month's payments nothing is told yet, not even how many there are, and four are too few.
    for _ in range(4):
        await world.handle(thread.payment(1_000))
    assert await paid_claims(world) == ({"fewer_than": 10}, 0)
    await world.handle(thread.payment(1_000), at=LAST_MONTH)
    assert await paid_claims(world) == ({"fewer_than": 10}, 5_000)
    for _ in range(5):
        await world.handle(thread.payment(1_000), at=LAST_MONTH)
    assert await paid_claims(world) == ({"at_least": 10}, 10_000)
    # Guides and pieces are named while they are published here, and these are not.
    assert (followed["guides"], followed["learning"]) == ([], [])


async def paid_claims(world: EvidenceWorld) -> tuple[Any, int]:
    """Return how many claims, and which sum, the contributor reads."""
    (page,) = (await world.json(CARER, "GET", "/v1/contributions"))["items"]
    return page["impact"]["paid_claims"], page["impact"]["paid"]["pence"]


async def test_money_is_public_in_sums_of_enough_people_once_the_month_is_closed(world: EvidenceWorld) -> None:
    thread = await a_thread(world)

    async def paid() -> Any:
        nodes, _ = await view_thread(world, f"assembly:{thread.assembly}")
        return nodes[f"assembly:{thread.assembly}"]["paid"]

    def pounds(number: int) -> dict[str, Any]:
        return {"pence": number * 100, "currency": "GBP"}

    for _ in range(4):
        await world.handle(thread.payment(10_000), at=MONTH_BEFORE)
    one_person = thread.payment(10_000).model_copy(update={"claim_id": new_id()})
    for _ in range(3):
        again = one_person.model_copy(update={"claim_id": new_id()})
        await world.handle(again, at=OPEN_MONTH)
    assert await paid() is None, "four people, and this month is not over"
    await world.handle(one_person, at=MONTH_BEFORE)
    assert await paid() == pounds(500)
    await world.handle(thread.payment(99_000), at=LAST_MONTH)
    assert await paid() == pounds(500), "one person's payment waits for others"


async def test_what_is_public_of_an_assembly_is_calculated_once_for_as_many_payments(world: EvidenceWorld) -> None:
    thread = await a_thread(world)
    for _ in range(5):
        await world.handle(thread.payment(10_000), at=LAST_MONTH)
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = world.database.engine.sync_engine
    sqlalchemy_event.listen(engine, "before_cursor_execute", count)
    try:
        first, second = [await view_thread(world, f"assembly:{thread.assembly}") for _ in range(2)]
    finally:
        sqlalchemy_event.remove(engine, "before_cursor_execute", count)
    assert first == second
    assert sum("date_trunc" in statement for statement in statements) == 1, "each payment is read once"


async def test_a_payment_that_did_not_take_place_counts_no_more_until_it_is_paid_again(world: EvidenceWorld) -> None:
    thread = await a_thread(world)
    claim = new_id()

    async def paid_pence() -> int:
        response = await world.json(EDITOR, "GET", f"/v1/line-of-sight?from=assembly:{thread.assembly}")
        [node] = [node for node in response["nodes"] if node["kind"] == "assembly"]
        return node["paid"]["pence"]

    before = await paid_pence()
    await world.handle(thread.payment(500, claim))
    assert await paid_pence() == before + 500
    await world.handle(ClaimPaymentVoided(claim_id=claim, assembly_id=thread.assembly, pence=500))
    assert await paid_pence() == before
    await world.handle(thread.payment(500, claim))
    assert await paid_pence() == before + 500


async def test_a_voided_payment_does_not_change_what_was_shown_of_the_month_before(world: EvidenceWorld) -> None:
    thread = await a_thread(world)
    claim = new_id()
    for payment in [*(thread.payment(10_000) for _ in range(4)), thread.payment(10_000, claim)]:
        await world.handle(payment, at=MONTH_BEFORE)
    await world.handle(ClaimPaymentVoided(claim_id=claim, assembly_id=thread.assembly, pence=10_000), at=LAST_MONTH)
    nodes, _ = await view_thread(world, f"assembly:{thread.assembly}")
    assert nodes[f"assembly:{thread.assembly}"]["paid"]["pence"] == 50_000


async def test_a_contributor_reads_which_guides_draw_on_what_they_gave(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    guide = await publish_guide(world, statement(item))
    for event in await world.events():
        await world.handle(event)
    (contribution,) = (await world.json(CARER, "GET", "/v1/contributions"))["items"]
    assert contribution["impact"]["guides"] == [{"id": guide["id"], "title": guide["title"], "language": "en"}]
    nodes, _ = await view_thread(world, f"evidence:{item}")
    assert nodes[f"guide:{guide['id']}"]["facts"]["title"] == guide["title"]
    await world.json(EDITOR, "POST", f"/v1/guides/{guide['id']}/withdraw")
    (contribution,) = (await world.json(CARER, "GET", "/v1/contributions"))["items"]
    assert contribution["impact"]["guides"] == []
