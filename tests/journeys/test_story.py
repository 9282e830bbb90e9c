"""The whole story on a running platform, with the embedded event log and with Kafka."""

from html import escape
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from deploy.cli.personas import PERSONAS
from deploy.demo.client import RequestRefused, poll_until
from deploy.story import assembly, chapters
from deploy.story.evidence import import_file
from deploy.story.narration import ANYONE, SilentNarrator
from deploy.story.people import StoryFacts, people_of
from deploy.story.voices import GROUPS
from gateway.identity.personas import BY_KEY
from shared import clock
from tests.support.platform import Platform
from tests.support.prerequisites import DATA, require_path

RIS = DATA / "evidence" / "asreview" / "tests" / "demo_data"
StoryRun = tuple[Platform, StoryFacts, dict[str, str]]


class LinkRecorder(SilentNarrator):
    """Collects the addresses of the story, and who can open each."""

    def __init__(self) -> None:
        self.links: list[tuple[str, str]] = []

    def report(self, text: str, link: str | None = None, *, reader: str = ANYONE) -> None:
        del text
        if link is not None:
            self.links.append((link, reader))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def narrator(platform: Platform) -> LinkRecorder:
    del platform  # a new one for each
    return LinkRecorder()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def story(platform: Platform, narrator: LinkRecorder) -> StoryRun:
    """Run the story once on this platform. Returns the platform, the facts and the personas' tokens."""
    tokens = {persona: platform.impact("token", persona) for persona in PERSONAS}
    async with aiohttp.ClientSession() as http:
        people = await people_of(http, platform.url, tokens)
        facts = await chapters.run_story(people, narrator)
    return platform, facts, tokens


async def test_every_address_opens_for_whom_it_names_and_without_a_session_for_anyone(
    story: StoryRun, narrator: LinkRecorder
) -> None:
    platform, _, tokens = story
    readers = {reader for _, reader in narrator.links}
    assert readers == {ANYONE, "carer", "approver", "finance", "second-finance", "evidence-editor"}
    async with aiohttp.ClientSession(platform.url) as http:
        for link, reader in narrator.links:
            async with http.get(link) as response:
                assert response.status == (200 if reader == ANYONE else 401), link
            if reader != ANYONE:
                async with http.get(link, headers={"Authorization": f"Bearer {tokens[reader]}"}) as response:
                    assert response.status == 200, (link, reader)


async def test_every_persona_can_open_the_places_to_start_with(story: StoryRun) -> None:
    platform, _, tokens = story
    async with aiohttp.ClientSession(platform.url) as http:
        async with http.get("/docs") as response:
            reference = await response.text()
        for persona in BY_KEY.values():
            headers = {"Authorization": f"Bearer {tokens[persona.key]}"}
            async with http.get("/welcome", headers=headers) as response:
                page = await response.text()
            for link, _ in persona.links:
                assert escape(link) in page
                async with http.get(link, headers=headers) as response:
                    assert response.status == 200, (persona.key, link, await response.text())
            for work in persona.api_work:
                assert escape(work.path) in page
                assert f'id="{work.section}"' in reference
                async with http.get(work.path, headers=headers) as response:
                    assert response.status == 200, (persona.key, work.path, await response.text())


def test_the_demo_library_is_below_the_story_unless_the_demo_is_empty(story: StoryRun) -> None:
    platform, facts, _ = story
    says = {"kafka": "The demo library is there.", "embedded": "The demo library is left out here."}
    assert platform.impact("plant") == says[platform.events]
    surveys = facts.priority["priority_basis"]["surveys"]
    assert len(surveys) == (2 if platform.events == "kafka" else 1)


def test_an_import_accounts_for_every_record(story: StoryRun) -> None:
    import_job = story[1].import_job
    assert import_job["status"] == "done"
    assert import_job["read"] == import_job["created"] + import_job["matched"] + import_job["rejected"] > 0
    assert import_job["rejected"] == 1, (
        "the demonstration file has one record without a title, to show what happens then"
    )


def test_one_search_finds_all_ways_of_knowing_and_says_what_each_contributes(story: StoryRun) -> None:
    _, facts, _ = story
    matches = {
        contribution["way_of_knowing"]: contribution["matches"] for contribution in facts.search_page["contributions"]
    }
    assert set(matches) == {"research", "lived_experience", "practice_knowledge"}
    assert min(matches.values()) >= 1
    assert {facts.account, facts.practice} <= {item["id"] for item in facts.search_page["items"]}


def test_every_answer_counts_once_and_small_groups_are_not_shown(story: StoryRun) -> None:
    results = story[1].results
    step = results["rounded_to"]
    shown = {group: size - size % step for group, size in GROUPS.items() if size >= step}
    rows = {row["group"]: row["answered"]["at_least"] for row in results["groups"]["by_group"]}
    assert rows == shown == {**rows, "policy_makers": 140}
    assert results["groups"]["hidden_groups"] == ["others"]
    assert results["respondents"] == {"at_least": sum(shown.values())} == {"at_least": 2120}
    assert results["unnamed_voices"] == {"at_least": 2120}, (
        "of those shown: of 2,165 it would tell what was rounded away"
    )
    assert results["priorities"]


def test_the_priority_in_evidence_is_what_the_survey_said(story: StoryRun) -> None:
    _, facts, _ = story
    scores = {priority["topic_id"]: priority["score"] for priority in facts.results["priorities"]}
    surveys = facts.priority["priority_basis"]["surveys"]
    voice = next(v for v in surveys if v["survey_id"] == facts.survey)
    assert (voice["score"], voice["respondents"]) == (scores[facts.topic], 2120)
    assert facts.priority["priority"] == scores[facts.topic] or len(surveys) > 1, "the demo library has another survey"


def test_the_carer_was_paid_what_was_claimed_and_the_ledger_balances(story: StoryRun) -> None:
    _, facts, _ = story
    assert facts.claim["status"] == "paid"
    assert facts.claim["total"]["pence"] == sum(line["amount"]["pence"] for line in facts.claim["lines"])
    assert [step["role"] for step in facts.claim["history"]].count("approver") == 1
    assert facts.proof["balances"]
    assert facts.proof["agrees"]


def test_what_is_known_became_a_guide_an_answer_and_a_record_of_learning(story: StoryRun) -> None:
    _, facts, _ = story
    assert facts.request["used"] == "yes"
    assert {cited["id"] for turn in facts.request["turns"] for cited in turn["cites"]} >= {facts.guide, facts.account}
    assert facts.learning["finished"]
    assert facts.learning["completion"]["is_current"]
    kinds = {node["kind"] for node in facts.thread["nodes"]}
    assert {"guide", "request", "learning"} <= kinds
    assert [guide["id"] for guide in facts.contribution["impact"]["guides"]] == [facts.guide]


def test_the_line_of_sight_is_the_same_thread_from_both_ends(story: StoryRun) -> None:
    _, facts, _ = story
    nodes: dict[str, dict[str, Any]] = {node["ref"]: node for node in facts.thread["nodes"]}
    assert nodes[f"survey:{facts.survey}"]["people"] == {"at_least": 2120}
    assembly_ref = f"assembly:{facts.assembly['id']}"
    assert nodes[assembly_ref]["paid"] is None
    [for_staff] = [node for node in facts.staff_thread["nodes"] if node["ref"] == assembly_ref]
    assert for_staff["paid"] == facts.claim["total"]
    assert nodes[f"assembly:{facts.assembly['id']}"]["people"] == {"fewer_than": 20}
    assert f"project:{facts.project}" in nodes
    assert facts.contribution["impact"]["outcomes"] == 1


async def test_the_line_of_sight_from_the_project_is_the_same_thread(story: StoryRun) -> None:
    platform, facts, _ = story
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{platform.url}/v1/line-of-sight?from=project:{facts.project}") as response,
    ):
        thread = await response.json()
    learned = f"learning:{facts.learning['completion']['piece_id']}"  # beside the project, not on the way to it
    assert {node["ref"] for node in thread["nodes"]} >= {node["ref"] for node in facts.thread["nodes"]} - {learned}


async def test_a_reference_file_from_elsewhere_is_imported_twice_and_creates_once(story: StoryRun) -> None:
    require_path(RIS)
    platform, facts, tokens = story
    async with aiohttp.ClientSession() as http:
        people = await people_of(http, platform.url, tokens)
        counts: list[dict[str, Any]] = []
        for _ in range(2):
            second_import_facts = StoryFacts()
            await import_file(people.evidence_editor, second_import_facts, RIS / "proquest.ris", facts.topic)
            counts.append(second_import_facts.import_job)
    first, second = counts
    assert first["read"] == second["read"] == first["created"] + first["matched"] + first["rejected"]
    assert (second["created"], second["matched"]) == (0, first["created"] + first["matched"])


async def test_an_assembly_that_exceeds_the_scheme_stays_closed_and_says_why(story: StoryRun) -> None:
    platform, facts, tokens = story
    async with aiohttp.ClientSession() as http:
        people = await people_of(http, platform.url, tokens)
        scheme = next(
            s for s in (await people.engagement_officer.get("/v1/schemes"))["items"] if s["code"] == "participation"
        )
        unaffordable = {"pence": scheme["available"]["pence"] + 1, "currency": "GBP"}
        planned = await people.engagement_officer.post(
            "/v1/assemblies",
            assembly.plan(facts.topic, assembly.meeting_times(clock.now())) | {"expected_cost": unaffordable},
        )
        path = f"/v1/assemblies/{planned['id']}"
        refused_assembly = await poll_until(
            "the refusal",
            lambda: people.nobody.get(path),
            lambda assembly_view: assembly_view["status"] != "awaiting_funding",
        )
        assert refused_assembly["status"] == "refused"
        assert "participation" in refused_assembly["refusal"] or "£" in refused_assembly["refusal"]
        with pytest.raises(RequestRefused) as closed:
            await people.carer.post(f"{path}/registrations", {"access_needs": []})
        assert closed.value.status == 409
        after = next(
            s for s in (await people.engagement_officer.get("/v1/schemes"))["items"] if s["code"] == "participation"
        )
    assert after["available"] == scheme["available"]


async def test_nobody_has_two_roles_in_one_payment(story: StoryRun) -> None:
    platform, facts, tokens = story
    async with aiohttp.ClientSession() as http:
        people = await people_of(http, platform.url, tokens)
        for person in (people.carer, people.finance, people.funding_officer, people.nobody):
            with pytest.raises(RequestRefused) as error:
                await person.post(
                    f"/v1/claims/{facts.claim['id']}/decisions",
                    {"decision": "approved"},
                    idempotent=True,
                    headers={"If-Match": "*"},
                )
            assert error.value.status in (401, 403)


def test_the_audit_trail_is_intact_in_every_service(story: StoryRun) -> None:
    lines = story[0].impact("audit", "verify").splitlines()
    assert len(lines) == 4
    assert all(line.endswith("the chain is intact") for line in lines)
