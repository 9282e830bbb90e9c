"""An item that quoted an account before it was withdrawn becomes a draft until it no longer does."""

from shared.persistence.tables import new_id
from tests.evidence.library.renditions.renditions import add as add_rendition
from tests.evidence.publications.learning.learning_factories import publish_piece
from tests.evidence.publications.quotations.quotations import (
    OTHER_CARER,
    QUOTE,
    WORDS,
    held_back,
    paper,
    published_account,
    withdraw,
)
from tests.evidence.world import ACCOUNT, EvidenceWorld
from tests.support.callers import EDITOR, NOBODY


async def test_an_item_that_quoted_an_account_is_held_back_until_it_no_longer_does(world: EvidenceWorld) -> None:
    account = await published_account(world)
    quoting, plain = await world.publish(paper(1, summary=QUOTE), EDITOR), await world.publish(paper(2), EDITOR)
    path = f"/v1/evidence/{quoting}"
    await withdraw(world, account)
    assert (await world.call(NOBODY, "GET", path)).status_code == 404
    assert [item["id"] for item in (await world.json(NOBODY, "GET", "/v1/evidence"))["items"]] == [plain]
    assert await held_back(world) == [quoting]
    seen = await world.json(EDITOR, "GET", path)
    assert (seen["status"], seen["held_back_at"] is None) == ("draft", False)
    await world.indexed()
    assert [hit["id"] for hit in (await world.search("forms"))["items"]] == [plain]
    for patch in ({"country": "GB"}, {"title": "Shorter forms"}):
        await world.json(EDITOR, "PATCH", path, patch, If_Match="*")
        assert (await world.call(EDITOR, "POST", f"{path}/publish")).status_code == 409
    await world.json(EDITOR, "PATCH", path, {"summary": "A shorter form."}, If_Match="*")
    published = await world.json(EDITOR, "POST", f"{path}/publish")
    assert (published["status"], published["held_back_at"], await held_back(world)) == ("published", None, [])
    assert (await world.json(NOBODY, "GET", path))["summary"] == "A shorter form."


async def test_what_came_from_a_file_and_a_draft_are_held_back_too(world: EvidenceWorld) -> None:
    account = await published_account(world)
    record = f"TY  - JOUR\nTI  - Forms\nAU  - Okoro, A.\nPY  - 2020\nDO  - 10.5555/file\nAB  - {QUOTE}\nER  - \n"
    await world.import_file(record.encode(), publish="true")
    await world.import_file(record.replace("file", "draft").replace("Forms", "Short forms").encode())
    imported = {row["title"]: str(row["id"]) for row in await world.rows("SELECT id, title FROM items")}
    other = await world.publish({**ACCOUNT, "title": "Ours", "account": f"My friend says: {WORDS}"}, OTHER_CARER)
    await withdraw(world, account)
    assert sorted(await held_back(world)) == sorted([imported["Forms"], imported["Short forms"], other])
    for item in await held_back(world):
        assert (await world.call(EDITOR, "POST", f"/v1/evidence/{item}/publish")).status_code == 409
    own = await world.json(OTHER_CARER, "GET", f"/v1/evidence/{other}")
    assert own["held_back_at"] is not None


async def test_an_earlier_edition_that_quoted_an_account_is_read_by_nobody(world: EvidenceWorld) -> None:
    account, quoting = await published_account(world), await world.publish(paper(1), EDITOR)
    path = f"/v1/evidence/{quoting}"
    for summary in (QUOTE, "A shorter form."):
        await world.json(EDITOR, "PATCH", path, {"summary": summary}, If_Match="*")
    piece = await publish_piece(world, items=[{"id": quoting, "edition": 2}])
    await withdraw(world, account)
    assert [(await world.call(NOBODY, "GET", f"{path}/versions/{n}")).status_code for n in (1, 2, 3)] == [200, 410, 200]
    assert (await world.json(NOBODY, "GET", f"/v1/learning/{piece['id']}"))["is_held_back"] is True
    assert "eleven" not in (await world.call(EDITOR, "GET", f"{path}/versions")).text
    assert await held_back(world) == []


async def test_what_an_item_is_held_back_for_costs_it_no_rendition(world: EvidenceWorld) -> None:
    account, quoting = (
        await published_account(world),
        f"/v1/evidence/{await world.publish(paper(1, summary=QUOTE), EDITOR)}",
    )
    rendition = await add_rendition(world, quoting, content="Short forms help.")
    await withdraw(world, account)
    await world.handle_all([(event, new_id()) for event in await world.events()])
    await world.json(EDITOR, "PATCH", quoting, {"summary": "A shorter form."}, If_Match="*")
    await world.json(EDITOR, "POST", f"{quoting}/publish")
    assert (await world.json(NOBODY, "GET", rendition))["content"] == "Short forms help."


async def test_an_item_that_is_withdrawn_while_it_is_held_back_loses_its_renditions(world: EvidenceWorld) -> None:
    account, quoting = await published_account(world), await world.publish(paper(1, summary=QUOTE), EDITOR)
    await add_rendition(world, f"/v1/evidence/{quoting}", content="Short forms help.")
    await withdraw(world, account)
    events = await world.events()
    await world.handle_all([(event, new_id()) for event in events])
    await world.json(EDITOR, "POST", f"/v1/evidence/{quoting}/withdraw")
    await world.handle_all([(event, new_id()) for event in (await world.events())[len(events) :]])
    assert await world.rows("SELECT * FROM renditions") == []


async def test_an_item_that_was_merged_is_a_draft_when_the_merge_is_undone(world: EvidenceWorld) -> None:
    account = await published_account(world)
    into, item = await world.publish(paper(1), EDITOR), await world.publish(paper(2, summary=QUOTE), EDITOR)
    merge = (await world.json(EDITOR, "POST", "/v1/merges", {"items": [item], "into": into}))["id"]
    await withdraw(world, account)
    await world.undo_merge(merge)
    assert (await world.call(NOBODY, "GET", f"/v1/evidence/{item}")).status_code == 404
    assert item in await held_back(world)


async def test_no_import_publishes_what_is_held_back(world: EvidenceWorld) -> None:
    account = await published_account(world)
    record = f"TY  - JOUR\nTI  - Forms\nAU  - Okoro, A.\nPY  - 2020\nDO  - 10.5555/file\nAB  - {QUOTE}\nER  - \n"
    await world.import_file(record.encode(), publish="true")
    await withdraw(world, account)
    [item] = await held_back(world)
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"summary": "A shorter form."}, If_Match="*")
    await world.import_file(record.replace(QUOTE, "Short forms help.").encode(), publish="true")
    assert await held_back(world) == [item]
    assert (await world.json(EDITOR, "GET", f"/v1/evidence/{item}"))["status"] == "draft"
