"""Two at once: nothing is applied twice, no word comes back, and none of the person's is overwritten."""

import asyncio

from tests.evidence.library.proposals.test_api import ANOTHER_EDITOR, shown
from tests.evidence.world import ACCOUNT, EvidenceWorld
from tests.support.callers import CARER, EDITOR

TAG = '"1"'


async def editions(world: EvidenceWorld) -> list[int]:
    return [row["edition"] for row in await world.rows("SELECT edition FROM item_editions ORDER BY edition")]


async def test_two_answers_at_once_are_one(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    proposal = await world.propose(item, account="Other words.")
    answers = await asyncio.gather(
        *(world.call(CARER, "POST", f"{proposal}/{verb}", If_Match=TAG) for verb in ("accept", "accept", "decline"))
    )
    assert sorted(response.status_code for response in answers) == [200, 409, 409]
    accepted = (await shown(world, item))["account"] == "Other words."
    assert await editions(world) == ([1] if accepted else [])


async def test_of_two_proposals_at_once_the_first_waits(world: EvidenceWorld) -> None:
    for editors in ((EDITOR, EDITOR), (EDITOR, ANOTHER_EDITOR)):
        item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
        answers = await asyncio.gather(
            *(world.call(editor, "PATCH", item, {"account": "Other words."}, If_Match="*") for editor in editors)
        )
        assert sorted(response.status_code for response in answers) == [202, 409]
        waiting = await world.rows(
            "SELECT 1 FROM proposals WHERE status = 'waiting' AND item_id = :id", id=item.rpartition("/")[2]
        )
        assert len(waiting) == 1


async def test_a_person_who_edits_a_draft_and_accepts_at_once_loses_neither_unseen(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.draft(ACCOUNT)}"
    proposal = await world.propose(item, account="Other words.")
    tag = (await world.call(CARER, "GET", item)).headers["etag"]
    edited, accepted = await asyncio.gather(
        world.call(CARER, "PATCH", item, {"account": "My own."}, If_Match=tag),
        world.call(CARER, "POST", f"{proposal}/accept", If_Match=TAG),
    )
    assert (edited.status_code, accepted.status_code) in ((200, 409), (412, 200))
    stands = (await world.json(CARER, "GET", item))["account"]
    assert stands == ("My own." if edited.is_success else "Other words.")


async def test_a_withdrawal_meets_an_answer_and_no_word_is_left(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    proposal = await world.propose(item, account="Quillfeather's words.")
    withdrawn, accepted = await asyncio.gather(
        world.call(CARER, "POST", f"{item}/withdraw"), world.call(CARER, "POST", f"{proposal}/accept", If_Match=TAG)
    )
    assert withdrawn.status_code == 200
    assert accepted.status_code in (200, 410)
    for table in ("items", "item_editions", "proposals", "edition_changes"):
        assert "uillfeather" not in str(await world.rows(f"SELECT * FROM {table}"))  # noqa: S608  our own tables
    assert await world.rows("SELECT 1 FROM proposals WHERE status = 'waiting'") == []


async def test_a_withdrawal_during_an_import_of_its_words_leaves_nothing_public(world: EvidenceWorld) -> None:
    words = "Potoroo nights were the worst of it, until somebody whom I trusted stayed and let me sleep."
    item = f"/v1/evidence/{await world.publish(ACCOUNT, account=words)}"
    await world.send(f"TY  - JOUR\nTI  - Nights\nAB  - {words}\nER  - \n".encode(), publish="true")
    await asyncio.gather(world.read_all(), world.call(CARER, "POST", f"{item}/withdraw"))
    assert "otoroo" not in str(await world.rows("SELECT * FROM items"))
