"""Words that wait for an answer are replaced by name, never silently."""

from tests.evidence.library.proposals.test_api import ANOTHER_EDITOR, LIST, SOMEONE_ELSE, ids, shown
from tests.evidence.world import ACCOUNT, EvidenceWorld
from tests.support.callers import CARER, EDITOR


async def test_a_second_proposal_of_a_side_is_refused_and_leads_to_the_first(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    for caller in (EDITOR, CARER):
        first = await world.propose(item, caller, account="Once.")
        refused = await world.call(caller, "PATCH", item, {"account": "Twice.", "country": None}, If_Match="*")
        assert (refused.status_code, refused.headers["location"]) == (409, first)
        assert first in refused.json()["detail"]
        assert (await world.json(caller, "GET", first))["status"] == "waiting"
    metadata = {"account": "Twice.", "country": "GB-WLS"}
    assert (await world.call(EDITOR, "PATCH", item, metadata, If_Match="*")).status_code == 409
    assert (await shown(world, item))["country"] is None


async def test_whoever_proposed_words_replaces_them_as_they_were_read(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    for caller, other_side in ((EDITOR, CARER), (CARER, EDITOR)):
        older = await world.propose(item, caller, account="Once.")
        path, words = f"{older}/replace", {"account": "Twice."}
        assert (await world.call(caller, "POST", path, words)).status_code == 428
        assert (await world.call(caller, "POST", path, words, If_Match='"7"')).status_code == 412
        replaced = await world.call(caller, "POST", path, words, If_Match=await world.tag(older, caller))
        newer = replaced.headers["location"]
        assert (replaced.status_code, newer) == (201, f"{LIST}/{replaced.json()['id']}")
        assert (await world.json(other_side, "GET", older))["status"] == "replaced"
        assert await ids(world, caller, status="waiting", item=item.rpartition("/")[2]) == [newer.rpartition("/")[2]]
        assert (await world.call(other_side, "POST", f"{older}/accept", If_Match='"2"')).status_code == 409
        assert (await world.call(caller, "POST", path, words, If_Match='"2"')).status_code == 409
        await world.answer(newer, other_side, "decline")


async def test_nobody_else_replaces_a_proposal_and_nothing_takes_its_place(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    proposal = await world.propose(item, account="Once.")
    path, tag = f"{proposal}/replace", await world.tag(proposal)
    for caller, status, title in (
        (ANOTHER_EDITOR, 403, "Only whoever made this proposal can replace it"),
        (CARER, 403, "This is for the other side to answer"),
        (SOMEONE_ELSE, 404, "There is no such proposal"),
    ):
        refused = await world.problem(caller, "POST", path, {"account": "Twice."}, If_Match=tag)
        assert (refused["status"], refused["title"]) == (status, title)
    for words in ({"account": ACCOUNT["account"]}, {"country": "GB-WLS"}):
        refused = await world.problem(EDITOR, "POST", path, words, If_Match=tag)
        assert (refused["status"], refused["title"]) == (422, "This proposes no other words")
    assert (await shown(world, item))["country"] is None
    assert (await world.json(EDITOR, "GET", proposal))["status"] == "waiting"


async def test_two_editors_do_not_replace_each_others_proposals_unseen(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    first = await world.propose(item, account="An editor's words.")
    problem = await world.problem(ANOTHER_EDITOR, "PATCH", item, {"account": "Another's."}, If_Match="*")
    assert (problem["status"], problem["title"]) == (409, "Other words are waiting for an answer already")
    assert first.rpartition("/")[2] in problem["detail"]
    withdrawn = await world.answer(first, ANOTHER_EDITOR, "withdraw")
    assert (withdrawn["status"], withdrawn["changes"]) == ("withdrawn", [])
    await world.propose(item, ANOTHER_EDITOR, account="Another's.")
