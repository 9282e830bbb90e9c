"""Only the person changes the words of their account; an editor proposes, and the person says yes or no."""

from typing import Any

import pytest

from shared.callers import Caller, Role, person
from shared.events.contracts.evidence import EvidenceChanged
from shared.persistence.tables import new_id
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

SOMEONE_ELSE = person(new_id())
ANOTHER_EDITOR = person(new_id(), Role.EVIDENCE_EDITOR)
ACTING = {"to_publish": True, "given_by": "someone_acting_for_them", "basis": "the_persons_agreement"}
NAMED = PRACTICE | {"credit": {"attribution": "person", "name": "Jo Example"}}
LIST = "/v1/evidence/proposals"


async def ids(world: EvidenceWorld, caller: Caller, **filters: str) -> list[str]:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return [proposal["id"] for proposal in (await world.json(caller, "GET", f"{LIST}?{query}"))["items"]]


async def shown(world: EvidenceWorld, item: str) -> dict[str, Any]:
    return await world.json(NOBODY, "GET", item)


async def events_of_change(world: EvidenceWorld) -> list[int]:
    return [event.edition for event in await world.events() if isinstance(event, EvidenceChanged)]


async def test_an_editors_other_words_wait_for_the_person_and_change_nothing(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    tag = (await world.call(EDITOR, "GET", item)).headers["etag"]
    words = {"account": "Other words.", "title": ACCOUNT["title"], "role": "daughter"}
    response = await world.call(EDITOR, "PATCH", item, words, If_Match=tag)
    proposal = response.json()
    assert response.status_code == 202
    assert response.headers["location"] == f"{LIST}/{proposal['id']}"
    assert (proposal["proposed_by"], proposal["waiting_for"], proposal["status"]) == (
        "editor",
        "contributor",
        "waiting",
    )
    assert proposal["changes"] == [
        {"field": "account", "before": ACCOUNT["account"], "after": "Other words."},
        {"field": "role", "before": None, "after": "daughter"},
    ]
    view = await shown(world, item)
    assert (view["account"], view["role"], view["edition"]) == (ACCOUNT["account"], None, 1)
    assert (await world.call(EDITOR, "GET", item)).headers["etag"] == tag
    (contribution,) = (await world.json(CARER, "GET", "/v1/contributions"))["items"]
    assert (contribution["proposals_waiting"], contribution["last_change"]) == (1, None)


async def test_the_person_accepts_and_the_editions_say_whose_change_it_is(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    answered = await world.answer(await world.propose(item, account="Other words."))
    assert (answered["status"], answered["edition"], answered["waiting_for"]) == ("accepted", 2, None)
    assert (answered["fields"], answered["changes"]) == (["account"], [])
    await world.json(EDITOR, "PATCH", item, {"country": "GB-WLS"}, If_Match="*")
    view = await shown(world, item)
    assert (view["account"], view["edition"], view["attributed_to"]) == ("Other words.", 3, "Mary")
    assert (await world.json(NOBODY, "GET", f"{item}/versions/1"))["account"] == ACCOUNT["account"]
    versions = (await world.json(NOBODY, "GET", f"{item}/versions"))["items"]
    assert [(v["edition"], v["changed_by"], v["agreed"], v["changed"]) for v in versions] == [
        (3, "editor", False, ["country"]),
        (2, "editor", True, ["account"]),
        (1, None, None, []),
    ]
    assert await events_of_change(world) == [2, 3]
    (contribution,) = (await world.json(CARER, "GET", "/v1/contributions"))["items"]
    assert contribution["proposals_waiting"] == 0
    last = {"edition": 3, "changed_by": "editor", "agreed": False, "fields": ["country"]}
    assert contribution["last_change"] == last


async def test_the_person_declines_and_nothing_changes(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    proposal = await world.propose(item, account="Other words.")
    answered = await world.answer(proposal, CARER, "decline", reason="That is not how I say it.")
    assert (answered["status"], answered["reason"]) == ("declined", "That is not how I say it.")
    assert answered["changes"][0]["after"] == "Other words."
    assert (await shown(world, item))["edition"] == 1
    assert await events_of_change(world) == []


async def test_what_is_the_librarys_an_editor_changes_at_once_whatever_becomes_of_the_words(
    world: EvidenceWorld,
) -> None:
    item, topic = f"/v1/evidence/{await world.publish(ACCOUNT)}", await world.topic()
    metadata: dict[str, Any] = {"topics": [topic], "country": "GB-WLS", "setting": "own home", "language": "cy"}
    await world.answer(await world.propose(item, **metadata, account="Other words."), CARER, "decline")
    view = await shown(world, item)
    assert {name: view[name] for name in metadata} == metadata
    assert (view["account"], view["edition"]) == (ACCOUNT["account"], 2)


async def test_an_editor_may_still_show_less_of_a_person_at_once(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    await world.propose(item, consent={"attribution": "anonymous"}, account="Other words.")
    assert (await shown(world, item))["attributed_to"] is None


async def test_the_words_of_a_draft_are_the_persons_too(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.draft(ACCOUNT)}"
    await world.answer(await world.propose(item, account="Other words."))
    view = await world.json(CARER, "GET", item)
    assert (view["account"], view["edition"], view["status"]) == ("Other words.", 1, "draft")
    assert (await world.json(CARER, "PATCH", item, {"account": "My own."}, If_Match="*"))["account"] == "My own."


async def test_a_persons_own_other_words_wait_for_an_editor_while_the_published_ones_stay(
    world: EvidenceWorld,
) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    proposal = await world.propose(item, CARER, account="I slept, and I was myself again.")
    assert (await shown(world, item))["account"] == ACCOUNT["account"]
    assert await ids(world, EDITOR, waiting_for="editor") == [proposal.rpartition("/")[2]]
    refused = await world.problem(CARER, "POST", f"{proposal}/accept", If_Match='"1"')
    assert (refused["status"], refused["title"]) == (403, "This is for the other side to answer")
    await world.answer(proposal, EDITOR)
    view = await shown(world, item)
    assert (view["account"], view["edition"]) == ("I slept, and I was myself again.", 2)
    versions = (await world.json(NOBODY, "GET", f"{item}/versions"))["items"]
    assert (versions[0]["changed_by"], versions[0]["agreed"], versions[0]["changed"]) == (
        "contributor",
        True,
        ["account"],
    )


async def test_a_correction_that_waits_keeps_nobody_from_withdrawing_at_once(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    proposals = [
        await world.propose(item, CARER, account="Not at Mill Lane."),
        await world.propose(item, account="At Mill Lane."),
    ]
    await world.json(CARER, "POST", f"{item}/withdraw")
    assert "Mill Lane" not in str(await world.rows("SELECT * FROM proposals"))
    for proposal, caller in zip(proposals, (EDITOR, CARER), strict=True):
        answered = await world.problem(caller, "POST", f"{proposal}/accept", If_Match='"1"')
        assert answered["status"] == 410
        view = await world.json(caller, "GET", proposal)
        assert (view["status"], view["changes"]) == ("withdrawn", [])
    assert await ids(world, EDITOR, status="waiting") == []


async def test_only_words_are_a_persons_to_correct_and_the_rest_is_told_where(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    for patch in ({"country": "GB-WLS"}, {"account": "Mine.", "setting": "own home"}, {"consent": {"name": "Maria"}}):
        problem = await world.problem(CARER, "PATCH", item, patch, If_Match="*")
        assert (problem["status"], "/consent" in problem["detail"]) == (403, True)
    same = await world.call(CARER, "PATCH", item, {"account": ACCOUNT["account"]}, If_Match="*")
    assert (same.status_code, same.json()["edition"]) == (200, 1)
    assert await ids(world, EDITOR) == []


async def test_practice_under_a_persons_name_is_in_their_words_and_other_practice_is_edited(
    world: EvidenceWorld,
) -> None:
    named, unnamed = f"/v1/evidence/{await world.publish(NAMED)}", f"/v1/evidence/{await world.publish(PRACTICE)}"
    await world.reword(named, what_happened="Half of them did.")
    assert (await shown(world, named))["what_happened"] == "Half of them did."
    changed = await world.call(EDITOR, "PATCH", unnamed, {"what_happened": "Half of them did."}, If_Match="*")
    assert (changed.status_code, changed.json()["edition"]) == (200, 2)
    await world.answer(await world.propose(unnamed, CARER, what_happened="All of them did."), EDITOR)
    assert (await shown(world, unnamed))["what_happened"] == "All of them did."


async def test_research_and_an_account_that_an_editor_recorded_are_changed_as_before(world: EvidenceWorld) -> None:
    work, own = await world.publish(RESEARCH), await world.publish(ACCOUNT, EDITOR, consent=ACTING)
    for item in (work, own):
        changed = await world.call(EDITOR, "PATCH", f"/v1/evidence/{item}", {"title": "Clearer"}, If_Match="*")
        assert (changed.status_code, changed.json()["title"]) == (200, "Clearer")
    assert (await world.call(CARER, "PATCH", f"/v1/evidence/{work}", {"title": "x"}, If_Match="*")).status_code == 403
    assert (await world.call(ANOTHER_EDITOR, "PATCH", f"/v1/evidence/{own}", {"title": "x"}, If_Match="*")).is_success
    assert await ids(world, EDITOR, waiting_for="contributor")


async def test_a_proposal_is_seen_and_answered_by_those_alone_whom_it_concerns(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    proposal = await world.propose(item, account="Other words.")
    for caller, status in ((NOBODY, 401), (SOMEONE_ELSE, 404)):
        assert (await world.call(caller, "GET", proposal)).status_code == status
        for verb in ("accept", "decline", "withdraw"):
            assert (await world.call(caller, "POST", f"{proposal}/{verb}", If_Match='"1"')).status_code == status
    for editor in (EDITOR, ANOTHER_EDITOR):
        for verb in ("accept", "decline"):
            assert (await world.call(editor, "POST", f"{proposal}/{verb}", If_Match='"1"')).status_code == 403
    assert (await world.call(CARER, "POST", f"{proposal}/withdraw", If_Match='"1"')).status_code == 403
    assert await ids(world, SOMEONE_ELSE) == []
    assert str(CARER.id) not in (await world.call(EDITOR, "GET", proposal)).text


async def test_nobody_agrees_to_what_they_have_not_read(world: EvidenceWorld) -> None:
    proposal = await world.propose(f"/v1/evidence/{await world.publish(ACCOUNT)}", account="Other words.")
    for tag, status in ((None, 428), ("*", 428), ('"7"', 412)):
        headers = {} if tag is None else {"If_Match": tag}
        for verb in ("accept", "decline"):
            assert (await world.call(CARER, "POST", f"{proposal}/{verb}", **headers)).status_code == status


@pytest.mark.parametrize("first", ["accept", "decline"])
async def test_a_proposal_is_answered_once(world: EvidenceWorld, first: str) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    proposal = await world.propose(item, account="Other words.")
    await world.answer(proposal, CARER, first)
    tag = (await world.call(CARER, "GET", proposal)).headers["etag"]
    for verb in ("accept", "decline"):
        problem = await world.problem(CARER, "POST", f"{proposal}/{verb}", If_Match=tag)
        assert (problem["status"], problem["title"]) == (409, "This proposal has been answered already")


async def test_words_that_changed_since_are_not_overwritten(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.draft(ACCOUNT)}"
    proposal = await world.propose(item, account="Other words.", summary="A summary.")
    await world.json(CARER, "PATCH", item, {"account": "My own, later."}, If_Match="*")
    assert (await world.json(CARER, "GET", proposal))["outdated"] is True
    problem = await world.problem(CARER, "POST", f"{proposal}/accept", If_Match='"1"')
    assert (problem["status"], problem["title"]) == (409, "The words have changed since this was proposed")
    assert "account" in problem["detail"]
    assert (await world.json(CARER, "GET", item))["account"] == "My own, later."
    await world.answer(proposal, CARER, "decline")


async def test_both_sides_may_propose_and_the_later_answer_overwrites_nothing(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    from_editor = await world.propose(item, account="An editor's words.", role="daughter")
    from_person = await world.propose(item, CARER, account="My own words.")
    await world.answer(from_person, EDITOR)
    assert (await world.call(CARER, "POST", f"{from_editor}/accept", If_Match='"1"')).status_code == 409
    assert (await shown(world, item))["account"] == "My own words."


async def test_the_list_is_filtered_and_paged(world: EvidenceWorld) -> None:
    items = [f"/v1/evidence/{await world.publish(ACCOUNT, title=f'Week {number}')}" for number in range(3)]
    made = [(await world.propose(item, title="Other")).rpartition("/")[2] for item in items]
    own = (await world.propose(items[0], CARER, title="Own")).rpartition("/")[2]
    assert await ids(world, CARER) == await ids(world, EDITOR) == [own, *reversed(made)]
    assert await ids(world, CARER, waiting_for="contributor") == made[::-1]
    assert await ids(world, CARER, item=items[1].rpartition("/")[2]) == [made[1]]
    await world.answer(f"{LIST}/{made[2]}", CARER, "decline")
    assert await ids(world, CARER, status="declined") == [made[2]]
    assert await ids(world, CARER, waiting_for="editor", status="declined") == []
    first = await world.json(CARER, "GET", f"{LIST}?limit=3&count=true")
    rest = await world.json(CARER, "GET", first["next"].removeprefix("http://testserver"))
    assert ([proposal["id"] for proposal in rest["items"]], first["total"]) == ([made[0]], 4)
    for query in ("status=open", "waiting_for=me", "items=x"):
        assert (await world.call(CARER, "GET", f"{LIST}?{query}")).status_code == 422


async def test_words_that_are_no_words_are_refused_when_they_are_proposed(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    problem = await world.problem(EDITOR, "PATCH", item, {"account": ""}, If_Match="*")
    assert (problem["status"], problem["errors"][0]["pointer"]) == (422, "/account")
    other_way = dict.fromkeys(("account", "speaks_as", "consent")) | RESEARCH
    assert (await world.problem(EDITOR, "PATCH", item, other_way, If_Match="*"))["status"] in (409, 422)
    assert await ids(world, EDITOR) == []


async def test_the_trail_says_who_proposed_and_who_agreed_and_no_word(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    proposal = await world.propose(item, account="Quillfeather's words.")
    await world.answer(proposal)
    entries = await world.rows(
        "SELECT actor, action, after ->> 'status' AS status FROM audit_entries WHERE kind = 'Proposal' ORDER BY id"
    )
    assert [tuple(entry.values()) for entry in entries] == [
        (EDITOR.id, "created", "waiting"),
        (CARER.id, "changed", "accepted"),
    ]
    assert "Quillfeather" not in str(await world.rows("SELECT * FROM audit_entries"))
    assert "Quillfeather" not in str([event.model_dump() for event in await world.events()])


async def test_a_partner_that_brought_an_account_answers_for_whom_it_acts(world: EvidenceWorld) -> None:
    partner = Caller(new_id(), "client", scopes=frozenset({"evidence:write"}))
    item = f"/v1/evidence/{await world.publish(ACCOUNT, partner, consent=ACTING)}"
    await world.answer(await world.propose(item, account="Other words."), partner)
    assert (await shown(world, item))["account"] == "Other words."


async def test_what_a_proposal_said_is_in_no_answer_that_is_given_again(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    proposal = await world.propose(item, account="Quillfeather's words.")
    headers = {"If_Match": '"1"', "Idempotency_Key": '"once"'}
    assert "Quillfeather" in (await world.call(CARER, "POST", f"{proposal}/decline", **headers)).text
    await world.json(CARER, "POST", f"{item}/withdraw")
    again = await world.call(CARER, "POST", f"{proposal}/decline", **headers)
    assert (again.status_code, "Quillfeather" in again.text) == (410, False)
