"""Nothing is left of an account in any table when its person withdraws it."""

from typing import Any

from shared.events.contracts.evidence import EvidenceWithdrawn
from tests.evidence.library.transferability.judgements import parts
from tests.evidence.world import ACCOUNT, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

UNHEARD_OF = "Quillfeather"
RENDITION: dict[str, Any] = {
    "kind": "easy_read",
    "title": f"{UNHEARD_OF}, in Easy Read",
    "content": f"{UNHEARD_OF} slept.",
    "made_on": "2024-03-01",
    "made_by": "other",
}
JUDGEMENT: dict[str, Any] = {
    "target": {"country": "GB-ENG"},
    "parts": parts(),
    "needs": f"What {UNHEARD_OF} had.",
    "judged_by": "unpaid_carer",
    "judged_on": "2024-03-01",
}


async def holders(world: EvidenceWorld) -> list[str]:
    """The tables in which the word stands anywhere."""
    tables = await world.rows(
        "SELECT table_name AS name FROM information_schema.tables"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    )
    names: list[str] = []
    for table in sorted(table["name"] for table in tables):
        (counted,) = await world.rows(
            f'SELECT count(*) AS rows FROM "{table}" AS t WHERE t::text LIKE :word',  # noqa: S608  names of our own tables
            word=f"%{UNHEARD_OF}%",
        )
        if counted["rows"]:
            names.append(table)
    return names


async def test_of_an_account_that_is_taken_back_no_word_is_left_in_any_table(world: EvidenceWorld) -> None:
    named = {"to_publish": True, "attribution": "first_name", "name": UNHEARD_OF}
    item = f"/v1/evidence/{await world.publish(ACCOUNT, account=f'{UNHEARD_OF} told it.', consent=named)}"
    await world.reword(item, title=f"{UNHEARD_OF}, told better")
    await world.propose(item, summary=f"What {UNHEARD_OF} told.")
    await world.answer(
        await world.propose(item, CARER, role=UNHEARD_OF), EDITOR, "decline", reason=f"Who is {UNHEARD_OF}?"
    )
    await world.json(EDITOR, "POST", f"{item}/renditions", RENDITION)
    await world.json(EDITOR, "POST", f"{item}/transferability", JUDGEMENT)
    assert {"item_editions", "items", "proposals", "renditions", "transfer_judgements"} <= set(await holders(world))
    await world.json(CARER, "POST", f"{item}/withdraw")
    for path in ("", "/versions", "/versions/1", "/renditions", "/transferability"):
        gone = await world.call(NOBODY, "GET", item + path)
        assert (gone.status_code, UNHEARD_OF in gone.text) == (410, False)
    (withdrawn,) = [event for event in await world.events() if isinstance(event, EvidenceWithdrawn)]
    await world.handle(withdrawn)
    assert await holders(world) == []
