from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from shared import clock
from shared.callers import Caller
from shared.events.contracts.engagement import OutcomeRecorded, ProjectStarted
from shared.events.contracts.evidence import EvidencePublished, GuidePublished
from shared.persistence.tables import new_id
from tests.evidence.publications.requests.request_factories import ASKER, WORDS, answer_request, ask, do
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY


async def turnaround(world: EvidenceWorld, months: int = 12, caller: Caller = NOBODY) -> dict[str, Any]:
    statistics = await world.json(caller, "GET", f"/v1/statistics/turnaround?months={months}")
    return {urgency["urgency"]: urgency for urgency in statistics["urgencies"]}


async def requests(world: EvidenceWorld, urgency: str, *hours: float | None, asked_days_ago: int = 100) -> None:
    """Add requests, each answered after so many hours, or not at all."""
    async with world.database.transaction() as uow:
        for after in hours:
            asked = clock.now() - timedelta(days=asked_days_ago)
            await uow.session.execute(
                text(
                    "INSERT INTO evidence_requests (asker_id, status, urgency, urgency_rank, asked_at, due_at,"
                    " what_happened, first_answered_at)"
                    " VALUES (uuidv7(), :status, :urgency, 0, :asked, :asked, '', :answered)"
                ),
                {
                    "status": "open" if after is None else "answered",
                    "urgency": urgency,
                    "asked": asked,
                    "answered": None if after is None else asked + timedelta(hours=after),
                },
            )


async def test_turnaround_is_by_urgency_with_median_ninetieth_percentile_and_target(world: EvidenceWorld) -> None:
    await requests(world, "today", *range(1, 15), *[100] * 7)
    await requests(world, "this_week", 1, 1, 1, 1)
    today = (await turnaround(world))["today"]
    assert (today["median_hours"], today["ninetieth_percentile_hours"]) == (11, 100)
    assert (today["target_hours"], today["within_target"]) == (24, 0.65)
    assert today["answered"] == {"at_least": 20}


async def test_statistics_of_few_requests_are_not_disclosed(world: EvidenceWorld) -> None:
    await requests(world, "this_week", 1, 2, 3, 4)
    week = (await turnaround(world))["this_week"]
    assert (week["answered"], week["waiting"]) == ({"fewer_than": 10}, {"fewer_than": 10})
    assert (week["median_hours"], week["ninetieth_percentile_hours"], week["within_target"]) == (None, None, None)
    assert await turnaround(world, caller=CARER) == await turnaround(world)
    exact = await turnaround(world, caller=EDITOR)
    assert (exact["this_week"]["answered"], exact["this_week"]["waiting"]) == (4, 0)
    assert (exact["this_week"]["median_hours"], exact["this_week"]["within_target"]) == (2, 1)
    assert (exact["today"]["answered"], exact["today"]["within_target"]) == (0, None)


async def test_statistics_are_disclosed_from_the_threshold_on(world: EvidenceWorld, fewest_shown: int) -> None:
    step = 2 * fewest_shown
    await requests(world, "today", *[1.0] * (step - 1), *[None] * (step - 1))
    await requests(world, "this_week", *[1.0] * step, *[None] * step)
    statistics, few, enough = await turnaround(world), {"fewer_than": step}, {"at_least": step}
    for urgency, number, hours in (("today", few, None), ("this_week", enough, 1)):
        statistic = statistics[urgency]
        assert (statistic["answered"], statistic["waiting"], statistic["median_hours"]) == (number, number, hours)


async def test_nobody_finds_out_how_many_others_ask_by_asking_until_the_number_changes(world: EvidenceWorld) -> None:
    await requests(world, "today", *[None] * 3)
    for _ in range(12):
        await ask(world, urgency="today")
    assert (await turnaround(world))["today"]["waiting"] == {"fewer_than": 10}
    await requests(world, "today", *[None] * 6)
    assert (await turnaround(world))["today"]["waiting"] == {"at_least": 10}, (
        "nine others, and one who asked twelve times"
    )


async def test_what_waits_for_longer_than_the_target_was_not_answered_in_time(world: EvidenceWorld) -> None:
    await requests(world, "today", *[1] * 20, *[None] * 20)
    await requests(world, "today", None, asked_days_ago=0)
    today = (await turnaround(world))["today"]
    assert (today["within_target"], today["waiting"]) == (0.5, {"at_least": 20})


async def test_a_share_never_says_that_all_or_all_but_one_were_answered_in_time(world: EvidenceWorld) -> None:
    await requests(world, "today", *[1] * 20)
    await requests(world, "this_week", *[1] * 10)
    statistics = await turnaround(world)
    assert (statistics["today"]["within_target"], statistics["this_week"]["within_target"]) == (0.75, None)


async def test_only_requests_of_the_months_asked_for_count_and_none_taken_back_unanswered(world: EvidenceWorld) -> None:
    await requests(world, "today", *[1.0] * 10)
    await requests(world, "today", *[None] * 9)
    await requests(world, "today", *[9.0] * 13, asked_days_ago=400)
    await do(world, await ask(world, urgency="today"), "withdraw", by=ASKER)
    assert (await turnaround(world))["today"]["median_hours"] == 1
    assert (await turnaround(world))["today"]["waiting"] == {"fewer_than": 10}
    assert (await turnaround(world, months=24))["today"]["median_hours"] == 9


async def test_a_question_that_was_answered_and_then_taken_back_counts_as_answered(world: EvidenceWorld) -> None:
    await requests(world, "today", *[1.0] * 9)
    request = await ask(world, urgency="today")
    await answer_request(world, request)
    await do(world, request, "withdraw", by=ASKER)
    today = (await turnaround(world))["today"]
    assert (today["answered"], today["waiting"]) == ({"at_least": 10}, {"fewer_than": 10})


async def ways(world: EvidenceWorld) -> dict[str, Any]:
    statistics = await world.json(NOBODY, "GET", "/v1/statistics/ways-of-knowing")
    return {way["way_of_knowing"]: way for way in statistics["ways"]}


async def test_a_way_of_knowing_is_followed_from_the_shelf_to_a_change_in_practice(world: EvidenceWorld) -> None:
    study, account, unused = [await world.publish(item) for item in (RESEARCH, ACCOUNT, PRACTICE)]
    await world.publish(RESEARCH, title="Another study", identifiers=[])
    request = (await world.json(ASKER, "POST", "/v1/evidence-requests", {"question": WORDS, "urgency": "today"}))["id"]
    await answer_request(world, request, study)
    guide, applied, through_guide = new_id(), new_id(), new_id()
    for item, way in ((study, "research"), (account, "lived_experience")):
        await world.handle(EvidencePublished.model_validate({"item_id": item, "way_of_knowing": way, "topic_ids": ()}))
    cites = GuidePublished(
        guide_id=guide, edition=1, topic_ids=(), item_ids=(UUID(account),), ways_of_knowing=("lived_experience",)
    )
    await world.handle(cites)
    for project, items, guides in ((applied, (UUID(study),), ()), (through_guide, (), (guide,))):
        started = ProjectStarted(
            project_id=project, topic_id=new_id(), model="network", applies=items, guide_ids=guides
        )
        await world.handle(started)
    outcome = OutcomeRecorded(
        project_id=through_guide, outcome_id=new_id(), measure="waiting", direction="better", people_affected=9
    )
    await world.handle(outcome)
    by_way = await ways(world)
    assert [by_way[way]["published"] for way in by_way] == [2, 1, 1]
    research = by_way["research"]
    assert (research["used"], research["in_answers"], research["in_projects"], research["acted_upon"]) == (1, 1, 1, 0)
    assert (by_way["lived_experience"]["acted_upon"], by_way["practice_knowledge"]["used"]) == (1, 0)
    assert research["shares"] == {"published": 0.5, "shown": None, "opened": None, "used": 1.0, "acted_upon": 0.0}
    await world.json(EDITOR, "POST", f"/v1/evidence/{study}/withdraw")
    assert (await ways(world))["research"]["used"] == 0
    assert unused


async def test_a_way_of_knowing_that_is_buried_shows(world: EvidenceWorld) -> None:
    for item in (RESEARCH, ACCOUNT):
        await world.publish(item)
    counter = world.app.state.view_counter
    counter.count_shown(["research"] * 9 + ["lived_experience"])
    counter.count_opened("research")
    await counter.flush()
    by_way = await ways(world)
    assert by_way["lived_experience"]["shares"]["published"] == 0.5
    assert by_way["lived_experience"]["shares"]["shown"] == 0.1
    assert [by_way[way]["opened"] for way in by_way] == [1, 0, 0]


async def test_a_period_that_ends_before_a_year_has_passed_begins_with_the_first_day_there_is(
    world: EvidenceWorld,
) -> None:
    statistics = await world.json(NOBODY, "GET", "/v1/statistics/ways-of-knowing?to=0001-01-05")
    assert (statistics["first"], statistics["last"]) == ("0001-01-01", "0001-01-05")


@pytest.mark.parametrize("period", ["from=2026-02-02&to=2026-02-01", "from=2000-01-01"])
async def test_a_period_that_is_none_is_refused(world: EvidenceWorld, period: str) -> None:
    problem = await world.problem(NOBODY, "GET", f"/v1/statistics/ways-of-knowing?{period}")
    assert (problem["status"], problem["errors"][0]["pointer"]) == (422, "?from")


async def test_what_became_of_answers_is_a_figure_of_enough_people_each_once(
    world: EvidenceWorld, fewest_shown: int
) -> None:
    step = 2 * fewest_shown
    await requests(world, "today", *[1.0] * step, *[None] * 3)
    await requests(world, "today", *[1.0] * step, asked_days_ago=40)
    async with world.database.transaction() as uow:
        used = "UPDATE evidence_requests SET used = 'yes', what_happened = 'She slept.' WHERE first_answered_at < :at"
        await uow.session.execute(text(used), {"at": clock.now() - timedelta(days=60)})
        one_person = "UPDATE evidence_requests SET used = 'no', asker_id = :asker WHERE first_answered_at > :at"
        values = {"asker": ASKER.id, "at": clock.now() - timedelta(days=60)}
        await uow.session.execute(text(one_person), values)
    few, enough = {"fewer_than": step}, {"at_least": step}
    figures = await world.json(NOBODY, "GET", "/v1/statistics/use-of-answers")
    assert (figures["answered"], figures["used"], figures["with_outcome"]) == (enough, enough, enough)
    assert (figures["not_used"], figures["not_yet_used"]) == (few, few)
    recent = await world.json(NOBODY, "GET", "/v1/statistics/use-of-answers?months=2")
    assert recent["answered"] == recent["used"] == few
    exact = await world.json(EDITOR, "GET", "/v1/statistics/use-of-answers")
    assert (exact["answered"], exact["used"]) == (step + 1, step)
    assert (exact["not_used"], exact["not_yet_used"], exact["with_outcome"]) == (1, 0, step)
    assert await world.json(CARER, "GET", "/v1/statistics/use-of-answers") == figures
