"""What is looked for after words were taken back, what is not, and what a killed worker loses."""

import asyncio
import sys

import pytest
from sqlalchemy import text

from services.evidence.publications.quotations import commands
from services.evidence.publications.quotations.jobs import scan_batch
from tests.evidence.publications.guides.guide_factories import (
    change_guide,
    get_guide,
    list_flags,
    publish_guide,
    publish_papers,
    statement,
    submit_and_publish,
)
from tests.evidence.publications.learning.learning_factories import publish_piece
from tests.evidence.publications.quotations.quotations import (
    OTHER_CARER,
    QUOTE,
    WORDS,
    held_back,
    paper,
    published_account,
    scan_all,
    withdraw,
)
from tests.evidence.publications.requests.request_factories import PATH as REQUESTS
from tests.evidence.publications.requests.request_factories import REWORDED, ask, do
from tests.evidence.world import ACCOUNT, EvidenceWorld, until
from tests.support.callers import CARER, EDITOR, NOBODY

COPIED = (
    "Teams that offered a break before it was asked for had fewer emergencies in the winter that followed the study."
)
CHILD = """
import asyncio, sys
from services.evidence.publications.quotations.jobs import scan_quotations
from shared.persistence.database import Database

database = Database(sys.argv[1], "evidence", secret=sys.argv[2])
asyncio.run(scan_quotations(database, asyncio.Event()))
"""


async def test_what_an_erased_edition_said_is_held_back_while_the_account_stays(world: EvidenceWorld) -> None:
    account = await published_account(world)
    quoting, request = await world.publish(paper(1, summary=QUOTE), EDITOR), await ask(world)
    await do(world, request, "answer", {"answer": QUOTE, "items": [account]})
    await do(world, request, "publish", {"question": REWORDED})
    await world.reword(f"/v1/evidence/{account}", account="I rested.")
    await scan_all(world)
    assert await held_back(world) == []
    assert (await world.call(CARER, "DELETE", f"/v1/evidence/{account}/versions/1", If_Match="*")).status_code == 204
    await scan_all(world)
    assert await held_back(world) == [quoting]
    assert (await world.json(NOBODY, "GET", f"{REQUESTS}/{request}"))["answer"] is None


async def test_what_was_here_before_the_account_and_stock_phrases_are_not_held_back(world: EvidenceWorld) -> None:
    """Else whoever copies a text into an account, and takes that back, would take it from everybody."""
    before = await world.publish(paper(1, summary=QUOTE), EDITOR)
    (study,) = await publish_papers(world, "Of forms")
    guide = await publish_guide(world, statement(study, conditions=QUOTE))
    piece = await publish_piece(world, text=QUOTE)
    account = await published_account(world)
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{before}", {"setting": "home"}, If_Match="*")
    stock = await world.publish(paper(2, summary="When I asked, the form was eleven pages long."), EDITOR)
    await change_guide(world, guide["id"], {"title": "Shorter forms"})
    await submit_and_publish(world, guide["id"])
    await withdraw(world, account)
    assert await held_back(world) == await list_flags(world) == []
    for path in (f"/v1/evidence/{before}", f"/v1/evidence/{stock}"):
        assert (await world.call(NOBODY, "GET", path)).status_code == 200
    assert (await get_guide(world, guide))["statements"][0]["held_back"] is False
    assert (await world.json(NOBODY, "GET", f"/v1/learning/{piece['id']}"))["is_held_back"] is False


async def test_a_copy_that_somebody_wrote_later_into_what_they_gave_before_takes_nothing(world: EvidenceWorld) -> None:
    """Their draft, or their account, is older than the text that they copy; the copy is not."""
    draft = await world.draft({**ACCOUNT, "account": "I rested."})
    holiday = await world.publish({**ACCOUNT, "title": "A week by the sea", "account": "I went to the sea."})
    copied = await world.publish(paper(1, summary=QUOTE), EDITOR)
    await world.json(CARER, "PATCH", f"/v1/evidence/{draft}", {"account": WORDS}, If_Match="*")
    await world.json(EDITOR, "POST", f"/v1/evidence/{draft}/publish")
    await world.reword(f"/v1/evidence/{holiday}", account=QUOTE)
    for account in (draft, holiday):
        await withdraw(world, account)
    assert await held_back(world) == []
    assert (await world.call(NOBODY, "GET", f"/v1/evidence/{copied}")).status_code == 200


async def test_a_copy_that_waits_for_an_editor_takes_nothing(world: EvidenceWorld) -> None:
    first, second = await published_account(world), await world.publish({**ACCOUNT, "account": QUOTE}, OTHER_CARER)
    copied = await world.publish(paper(1, summary=COPIED), EDITOR)
    await withdraw(world, first)
    assert await held_back(world) == [second]
    await world.json(OTHER_CARER, "PATCH", f"/v1/evidence/{second}", {"account": COPIED}, If_Match="*")
    await world.json(OTHER_CARER, "POST", f"/v1/evidence/{second}/withdraw")
    await scan_all(world)
    assert await held_back(world) == []
    assert (await world.call(NOBODY, "GET", f"/v1/evidence/{copied}")).status_code == 200


async def test_nor_is_anything_for_words_that_nobody_was_ever_shown(world: EvidenceWorld) -> None:
    draft = await world.draft({**ACCOUNT, "account": WORDS})
    await world.publish(paper(1, summary=QUOTE), EDITOR)
    await withdraw(world, draft)
    assert (await held_back(world), await world.rows("SELECT * FROM quotation_scans")) == ([], [])


async def test_a_worker_killed_in_the_middle_loses_nothing(
    world: EvidenceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await published_account(world)
    items = [await world.publish(paper(number, summary=QUOTE), EDITOR) for number in range(3)]
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    monkeypatch.setattr(commands, "STAGES", (commands.STAGES[0]._replace(rows=2), *commands.STAGES[1:]))
    await until(lambda: scan_batch(world.database))
    async with world.database.engine.begin() as connection:
        await connection.execute(text("SELECT 1 FROM items WHERE id = :id FOR UPDATE"), {"id": items[-1]})
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHILD, world.database.url, world.database.secret
        )
        await until(lambda: world.rows("SELECT 1 FROM pg_locks WHERE NOT granted"))
        child.kill()
        assert await child.wait() == -9
    await until(lambda: scan_batch(world.database))
    await scan_all(world)
    assert sorted(await held_back(world)) == sorted(items)
    assert await world.rows("SELECT * FROM quotation_scans") == []


async def test_one_reading_of_the_library_serves_all_that_was_taken_back(world: EvidenceWorld) -> None:
    account = await published_account(world)
    other = await world.publish(
        {**ACCOUNT, "title": "Meals", "account": WORDS.replace("form", "wait for a meal")}, OTHER_CARER
    )
    quoting = await world.publish(paper(1, summary=QUOTE.replace("form", "wait for a meal")), EDITOR)
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    await world.json(OTHER_CARER, "POST", f"/v1/evidence/{other}/withdraw")
    batches = 0
    while await world.rows("SELECT 1 FROM quotation_scans"):
        batches += await scan_batch(world.database)
    assert await held_back(world) == [quoting]
    assert batches <= 2 * len(commands.STAGES)


async def test_what_was_on_its_way_in_when_the_account_was_withdrawn_is_held_back_too(world: EvidenceWorld) -> None:
    account, study = await published_account(world), await world.publish(paper(1), EDITOR)
    async with world.database.engine.begin() as connection:
        await connection.execute(
            text("UPDATE items SET summary = :quote WHERE id = :id"), {"quote": QUOTE, "id": study}
        )
        await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
        assert await scan_batch(world.database) is False
    await scan_all(world)
    assert await held_back(world) == [study]
