"""The whole thread through a running platform, on the embedded log and on a real Kafka."""

from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from deploy.cli.personas import PERSONAS
from deploy.story import assembly, chapters
from deploy.story.client import Refused, follows
from deploy.story.evidence import import_file
from deploy.story.narration import Silent
from deploy.story.people import Facts, people_of
from deploy.story.voices import GROUPS
from tests.support.platform import Platform
from tests.support.prerequisites import DATA, require_path

RIS = DATA / "evidence" / "asreview" / "tests" / "demo_data"
Lived = tuple[Platform, Facts, dict[str, str]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lived(platform: Platform) -> Lived:
    """The story has happened once on this platform."""
    tokens = {persona: platform.impact("token", persona) for persona in PERSONAS}
    async with aiohttp.ClientSession() as http:
        people = await people_of(http, platform.url, tokens)
        facts = await chapters.live(people, Silent())
    return platform, facts, tokens


def test_an_import_accounts_for_every_record(lived: Lived) -> None:
    imported = lived[1].imported
    assert imported["status"] == "done"
    assert imported["read"] == imported["created"] + imported["matched"] + imported["rejected"] > 0
    assert imported["rejected"] == 1, "the demonstration file has one record without a title, to show what happens then"


def test_one_search_finds_all_ways_of_knowing_and_says_what_each_contributes(lived: Lived) -> None:
    _, facts, _ = lived
    found = {part["way_of_knowing"]: part["matches"] for part in facts.found["contributions"]}
    assert set(found) == {"research", "lived_experience", "practice_knowledge"}
    assert min(found.values()) >= 1
    assert {facts.account, facts.practice} <= {item["id"] for item in facts.found["items"]}


def test_every_answer_counts_once_and_small_groups_are_not_shown(lived: Lived) -> None:
    results = lived[1].results
    assert results["respondents"] == sum(GROUPS.values()) == 2165
    told = str(results["groups"])
    assert "others" not in told or "'others': 3" not in told
    assert results["priorities"]


def test_the_priority_in_evidence_is_what_the_survey_said(lived: Lived) -> None:
    _, facts, _ = lived
    said = {priority["topic_id"]: priority["score"] for priority in facts.results["priorities"]}
    assert facts.priority["priority"] == said[facts.topic]
    voice = next(v for v in facts.priority["reached"]["voices"] if v["survey_id"] == facts.survey)
    assert voice["respondents"] == 2165


def test_the_carer_was_paid_what_was_claimed_and_the_ledger_balances(lived: Lived) -> None:
    _, facts, _ = lived
    assert facts.claim["status"] == "paid"
    assert facts.claim["total"]["pence"] == sum(line["amount"]["pence"] for line in facts.claim["lines"])
    assert [step["role"] for step in facts.claim["history"]].count("approver") == 1
    assert facts.proof["balances"]
    assert facts.proof["agrees"]


def test_what_is_known_became_a_guide_an_answer_and_a_record_of_learning(lived: Lived) -> None:
    _, facts, _ = lived
    assert facts.request["used"] == "yes"
    assert {cited["id"] for turn in facts.request["turns"] for cited in turn["cites"]} >= {facts.guide, facts.account}
    assert facts.learning["finished"]
    assert facts.learning["completion"]["is_current"]
    kinds = {node["kind"] for node in facts.thread["nodes"]}
    assert {"guide", "request", "learning"} <= kinds
    assert [guide["id"] for guide in facts.contribution["impact"]["guides"]] == [facts.guide]


def test_the_line_of_sight_is_the_same_thread_from_both_ends(lived: Lived) -> None:
    _, facts, _ = lived
    nodes: dict[str, dict[str, Any]] = {node["ref"]: node for node in facts.thread["nodes"]}
    assert nodes[f"survey:{facts.survey}"]["people"] == 2165
    assert nodes[f"assembly:{facts.assembly['id']}"]["paid"] == facts.claim["total"]
    assert nodes[f"assembly:{facts.assembly['id']}"]["people"] == {"fewer_than": 5}
    assert f"project:{facts.project}" in nodes
    assert facts.contribution["impact"]["outcomes"] == 1


async def test_walked_back_from_the_project_the_same_thread_is_seen(lived: Lived) -> None:
    platform, facts, _ = lived
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{platform.url}/v1/line-of-sight?from=project:{facts.project}") as answer,
    ):
        back = await answer.json()
    learned = f"learning:{facts.learning['completion']['piece_id']}"  # beside the project, not on the way to it
    assert {node["ref"] for node in back["nodes"]} >= {node["ref"] for node in facts.thread["nodes"]} - {learned}


async def test_a_reference_file_from_elsewhere_is_imported_twice_and_creates_once(lived: Lived) -> None:
    require_path(RIS)
    platform, facts, tokens = lived
    async with aiohttp.ClientSession() as http:
        people = await people_of(http, platform.url, tokens)
        counts: list[dict[str, Any]] = []
        for _ in range(2):
            again = Facts()
            await import_file(people.evidence_editor, again, RIS / "proquest.ris", facts.topic)
            counts.append(again.imported)
    first, second = counts
    assert first["read"] == second["read"] == first["created"] + first["matched"] + first["rejected"]
    assert (second["created"], second["matched"]) == (0, first["created"] + first["matched"])


async def test_an_assembly_that_the_scheme_cannot_carry_stays_closed_and_says_why(lived: Lived) -> None:
    platform, facts, tokens = lived
    async with aiohttp.ClientSession() as http:
        people = await people_of(http, platform.url, tokens)
        scheme = next(s for s in (await people.nobody.get("/v1/schemes"))["items"] if s["code"] == "participation")
        wanted = {"pence": scheme["available"]["pence"] + 1, "currency": "GBP"}
        planned = await people.engagement_officer.post(
            "/v1/assemblies", assembly.plan(facts.topic) | {"expected_cost": wanted}
        )
        path = f"/v1/assemblies/{planned['id']}"
        refused = await follows(
            "the refusal", lambda: people.nobody.get(path), lambda seen: seen["status"] != "awaiting_funding"
        )
        assert refused["status"] == "refused"
        assert "participation" in refused["refusal"] or "£" in refused["refusal"]
        with pytest.raises(Refused) as closed:
            await people.carer.post(f"{path}/registrations", {"access_needs": []})
        assert closed.value.status == 409
        after = next(s for s in (await people.nobody.get("/v1/schemes"))["items"] if s["code"] == "participation")
    assert after["available"] == scheme["available"]


async def test_nobody_takes_two_parts_in_one_payment(lived: Lived) -> None:
    platform, facts, tokens = lived
    async with aiohttp.ClientSession() as http:
        people = await people_of(http, platform.url, tokens)
        for who in (people.carer, people.finance, people.funding_officer, people.nobody):
            with pytest.raises(Refused) as refused:
                await who.post(f"/v1/claims/{facts.claim['id']}/decisions", {"decision": "approved"}, paying=True)
            assert refused.value.status in (401, 403)


def test_the_trail_of_who_did_what_holds_in_every_service(lived: Lived) -> None:
    told = lived[0].impact("audit", "verify").splitlines()
    assert len(told) == 4
    assert all(line.endswith("the chain is intact") for line in told)
