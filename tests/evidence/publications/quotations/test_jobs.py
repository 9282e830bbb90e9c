"""What quoted an account before it was withdrawn, without citing it, is held back like what cites it."""

import asyncio
import sys
from typing import Any

import pytest
from sqlalchemy import text

from services.evidence.publications.quotations import commands
from services.evidence.publications.quotations.jobs import scan_batch
from shared.callers import person
from shared.persistence.tables import new_id
from tests.evidence.library.renditions.renditions import add as add_rendition
from tests.evidence.publications.guides.guide_factories import (
    change_guide,
    decide,
    get_guide,
    list_flags,
    publish_guide,
    publish_papers,
    statement,
    submit_and_publish,
)
from tests.evidence.publications.learning.learning_factories import publish_piece
from tests.evidence.publications.requests.request_factories import PATH as REQUESTS
from tests.evidence.publications.requests.request_factories import REWORDED, ask, do
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld, until
from tests.support.callers import CARER, EDITOR, NOBODY

OTHER_CARER = person(new_id())
WORDS = (
    "For four years I did not sleep through. When the sitter came on Thursdays I walked and saw a friend. Nobody had "
    "told me that I could ask for one, and when I asked, the form was eleven pages long and wanted to know what my "
    "mother could still do, not what I could not do any more."
)
EXCERPT = "nobody had told me that I could ask for one, and when I asked, the form was eleven pages long"
QUOTE = f"A carer told the team: “{EXCERPT}”. Her team has used a shorter form ever since that conversation."
CHILD = """
import asyncio, sys
from services.evidence.publications.quotations.jobs import scan_quotations
from shared.persistence.database import Database

database = Database(sys.argv[1], "evidence", secret=sys.argv[2])
asyncio.run(scan_quotations(database, asyncio.Event()))
"""


async def scan_all(world: EvidenceWorld) -> None:
    while await scan_batch(world.database):
        pass


async def published_account(world: EvidenceWorld) -> str:
    return await world.publish({**ACCOUNT, "account": WORDS})


async def withdraw(world: EvidenceWorld, account: str) -> None:
    """Withdrawn by its person; then the worker looks through the library."""
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    await scan_all(world)


async def held_back(world: EvidenceWorld) -> list[str]:
    items = (await world.json(EDITOR, "GET", "/v1/evidence?status=draft&held_back=true"))["items"]
    return [item["id"] for item in items]


def paper(number: int = 1, **more: Any) -> dict[str, Any]:
    identifiers = [{"scheme": "doi", "value": f"10.5555/quotes.{number}"}]
    return {**RESEARCH, "title": f"Forms for breaks, study {number}", "identifiers": identifiers, **more}


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
    for kept in ({"country": "GB"}, {"title": "Shorter forms"}):
        await world.json(EDITOR, "PATCH", path, kept, If_Match="*")
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


async def test_a_statement_that_quoted_an_account_is_held_back_whatever_else_it_cites(world: EvidenceWorld) -> None:
    account = await published_account(world)
    (study,) = await publish_papers(world, "Of forms")
    guide = await publish_guide(world, statement(study, conditions=QUOTE), statement(study))
    path = f"/v1/guides/{guide['id']}"
    request = await ask(world)
    await do(world, request, "answer", {"answer": "See the guide.", "guides": [guide["id"]]})
    await do(world, request, "publish", {"question": REWORDED})
    await withdraw(world, account)
    public = await get_guide(world, guide)
    assert ("eleven" in str(public), [said["held_back"] for said in public["statements"]]) == (False, [True, False])
    assert [flag["item_id"] for flag in public["statements"][0]["flags"]] == [account]
    assert [cited["item_id"] for cited in public["statements"][0]["citations"]] == [study]
    events = [event for event in await world.events() if event.event_type.startswith("evidence.guide-flags-changed")]
    await world.handle_all([(event, new_id()) for event in events])
    assert (await world.json(NOBODY, "GET", f"{REQUESTS}/{request}"))["is_held_back"] is True
    (flag,) = await list_flags(world)
    assert (flag["reason"], flag["held_back"], flag["statement_id"]) == (
        "withdrawn",
        True,
        guide["statements"][0]["id"],
    )
    refused = await world.problem(
        EDITOR,
        "POST",
        f"{path}/statements/{flag['statement_id']}/citations/{account}/resolve",
        {"decision": "keep", "because": "It is only a sentence."},
        If_Match=await world.tag(path),
    )
    assert refused["status"] == 409
    await decide(world, flag, decision="remove")
    assert (await world.problem(EDITOR, "POST", f"{path}/submit"))["errors"][0]["pointer"] == "/statements/0/conditions"
    statements = (await world.json(EDITOR, "GET", f"{path}/draft"))["statements"]
    clean = [{**statement(study), "id": said["id"]} for said in statements]
    await change_guide(world, guide["id"], {"statements": clean})
    await submit_and_publish(world, guide["id"])
    assert [said["held_back"] for said in (await get_guide(world, guide))["statements"]] == [False, False]
    assert await list_flags(world) == []
    assert "eleven" not in (await world.call(NOBODY, "GET", f"{path}/versions/1")).text


async def test_the_summary_of_a_guide_that_quoted_an_account_is_held_back(world: EvidenceWorld) -> None:
    account, practice = await published_account(world), await world.publish(PRACTICE)
    guide = await publish_guide(world, statement(practice), summary=QUOTE)
    await withdraw(world, account)
    for address in (f"/v1/guides/{guide['id']}", "/v1/guides", f"/v1/guides/{guide['id']}/versions"):
        assert "eleven" not in (await world.call(NOBODY, "GET", address)).text
    assert [flag["item_id"] for flag in await list_flags(world)] == [account]


@pytest.mark.parametrize("place", ["text", "title", "question", "video"])
async def test_a_learning_piece_that_quoted_an_account_is_held_back(world: EvidenceWorld, place: str) -> None:
    account, practice = await published_account(world), await world.publish(PRACTICE)
    more: dict[str, Any] = {place: QUOTE if place == "text" else EXCERPT}
    piece = await publish_piece(world, items=[{"id": practice}])
    path = f"/v1/learning/{piece['id']}"
    if place == "question":
        questions = [{**question, "why": QUOTE} for question in (await world.json(EDITOR, "GET", path))["questions"]]
        more = {
            "questions": [
                {name: question[name] for name in ("ask", "options", "right", "why")} for question in questions
            ]
        }
    if place == "video":
        more = {"media": [{"title": EXCERPT, "url": "https://example.org/video", "seconds": 60}]}
    await world.json(EDITOR, "PATCH", path, more, If_Match=await world.tag(path))
    await withdraw(world, account)
    public = await world.call(NOBODY, "GET", path)
    assert (public.json()["is_held_back"], "eleven" in public.text) == (True, False)
    assert "eleven" not in (await world.call(NOBODY, "GET", "/v1/learning")).text
    flagged = (await world.json(EDITOR, "GET", "/v1/learning?is_flagged=true"))["items"]
    assert [summary["id"] for summary in flagged] == [piece["id"]]
    clean = {name: piece[name] for name in ("title", "text")}
    clean |= {
        "media": [],
        "questions": [{name: q[name] for name in ("ask", "options", "right", "why")} for q in piece["questions"]],
    }
    if place != "title":
        still = await world.call(EDITOR, "PATCH", path, {"items": [{"id": practice}]}, If_Match=await world.tag(path))
        assert still.status_code == 422
    await world.json(EDITOR, "PATCH", path, {**clean, "items": [{"id": practice}]}, If_Match=await world.tag(path))
    assert (await world.json(NOBODY, "GET", path))["is_held_back"] is False


async def test_an_answer_that_quoted_an_account_is_held_back_until_an_editor_revises_it(world: EvidenceWorld) -> None:
    account, practice = await published_account(world), await world.publish(PRACTICE)
    request = await ask(world)
    await do(world, request, "answer", {"answer": QUOTE, "items": [practice]})
    await do(world, request, "publish", {"question": REWORDED})
    path = f"{REQUESTS}/{request}"
    await withdraw(world, account)
    public = await world.json(NOBODY, "GET", path)
    assert (public["answer"], public["is_held_back"]) == (None, True)
    queue = await world.json(EDITOR, "GET", f"{REQUESTS}/queue?in_doubt=true")
    assert [waiting["id"] for waiting in queue["items"]] == [request]
    body = {"turn": 1, "because": "She has taken it back."}
    for decision in ({"decision": "keep"}, {"decision": "revise", "answer": QUOTE}):
        refused = await world.call(
            EDITOR, "POST", f"{path}/decisions", {**body, **decision}, If_Match=await world.tag(path)
        )
        assert refused.status_code in (409, 422)
    revised = {**body, "decision": "revise", "answer": "Use a short form.", "public_answer": "Use a short form."}
    await world.json(EDITOR, "POST", f"{path}/decisions", revised, If_Match=await world.tag(path))
    public = await world.json(NOBODY, "GET", path)
    assert (public["answer"], [source["id"] for source in public["cites"]]) == ("Use a short form.", [practice])


async def test_a_question_in_the_words_of_an_account_is_not_public_any_more(world: EvidenceWorld) -> None:
    account, practice = await published_account(world), await world.publish(PRACTICE)
    request = await ask(world)
    await do(world, request, "answer", {"answer": "Use a short form.", "items": [practice]})
    await do(world, request, "publish", {"question": EXCERPT})
    await withdraw(world, account)
    assert (await world.call(NOBODY, "GET", f"{REQUESTS}/{request}")).status_code == 404
    queue = await world.json(EDITOR, "GET", f"{REQUESTS}/queue?in_doubt=true")
    assert [waiting["id"] for waiting in queue["items"]] == [request]


async def test_a_rendition_that_quoted_an_account_is_withheld_until_an_editor_changes_it(world: EvidenceWorld) -> None:
    account, original = await published_account(world), f"/v1/evidence/{await world.publish(PRACTICE)}"
    rendition = await add_rendition(world, original, content=QUOTE)
    await withdraw(world, account)
    assert (await world.call(NOBODY, "GET", rendition)).status_code == 404
    assert (await world.json(NOBODY, "GET", f"{original}/renditions"))["items"] == []
    (waiting,) = (await world.json(EDITOR, "GET", "/v1/evidence/renditions/outdated"))["items"]
    assert (waiting["id"], waiting["withheld"]) == (rendition.rpartition("/")[2], True)
    assert (await world.call(EDITOR, "PATCH", rendition, {"made_by": "provider"}, If_Match="*")).status_code == 422
    await world.json(EDITOR, "PATCH", rendition, {"content": "A short form."}, If_Match="*")
    assert (await world.json(NOBODY, "GET", rendition))["withheld"] is False


async def test_a_topic_that_is_called_by_words_of_an_account_loses_the_name(world: EvidenceWorld) -> None:
    account = await published_account(world)
    topic = await world.topic(EXCERPT)
    synonyms = {"name": "Forms", "synonyms": [f"So {EXCERPT}", "Papers"]}
    other = (await world.json(EDITOR, "POST", "/v1/topics", synonyms))["id"]
    await withdraw(world, account)
    assert "eleven" not in (await world.call(NOBODY, "GET", "/v1/topics")).text
    assert (await world.json(NOBODY, "GET", f"/v1/topics/{topic}"))["name"].startswith("Held back")
    assert (await world.json(NOBODY, "GET", f"/v1/topics/{other}"))["synonyms"] == ["Papers"]


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


async def test_nor_is_anything_for_words_that_nobody_was_ever_shown(world: EvidenceWorld) -> None:
    draft = await world.draft({**ACCOUNT, "account": WORDS})
    await world.publish(paper(1, summary=QUOTE), EDITOR)
    await withdraw(world, draft)
    assert (await held_back(world), await world.rows("SELECT * FROM quotation_scans")) == ([], [])


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
    await world.json(EDITOR, "POST", f"{quoting}/withdraw")
    await world.handle_all([(event, new_id()) for event in await world.events()])
    assert await world.rows("SELECT * FROM renditions") == []


async def test_an_item_that_was_merged_is_a_draft_when_the_merge_is_undone(world: EvidenceWorld) -> None:
    account = await published_account(world)
    into, item = await world.publish(paper(1), EDITOR), await world.publish(paper(2, summary=QUOTE), EDITOR)
    merge = (await world.json(EDITOR, "POST", "/v1/merges", {"items": [item], "into": into}))["id"]
    await withdraw(world, account)
    await world.undo_merge(merge)
    assert (await world.call(NOBODY, "GET", f"/v1/evidence/{item}")).status_code == 404
    assert item in await held_back(world)


async def test_a_worker_killed_in_the_middle_loses_nothing(
    world: EvidenceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await published_account(world)
    items = [await world.publish(paper(number, summary=QUOTE), EDITOR) for number in range(3)]
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    monkeypatch.setattr(commands, "STAGES", (commands.STAGES[0]._replace(rows=2), *commands.STAGES[1:]))
    assert await scan_batch(world.database)
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
    while await scan_batch(world.database):
        batches += 1
    assert await held_back(world) == [quoting]
    assert batches <= 2 * len(commands.STAGES)
