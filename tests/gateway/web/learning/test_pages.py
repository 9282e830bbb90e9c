import re
from typing import Any

from lxml import html

from services.evidence.publications.learning.content import EXAMPLE
from tests.evidence.world import PRACTICE
from tests.gateway.web.questions.front_line import ACCEPT, FrontLine, location, text_of
from tests.support.callers import EDITOR

RIGHT, ERRORS = ("0", "1", "1"), ("1", "1", "1")


async def publish(front_line: FrontLine, title: str = EXAMPLE["title"], words: int = 20, **more: Any) -> str:
    """Publish a piece; returns its id."""
    item = await front_line.world.publish(PRACTICE)
    body = {**EXAMPLE, "title": title, "items": [{"id": item}], "text": "word " * words, **more}
    piece: Any = await front_line.world.json(EDITOR, "POST", "/v1/learning", body)
    await front_line.world.json(EDITOR, "POST", f"/v1/learning/{piece['id']}/publish")
    return piece["id"]


def answers(options: tuple[str, ...]) -> dict[str, str]:
    return {f"answer-{number}": option for number, option in enumerate(options, 1)}


async def finish(front_line: FrontLine) -> str:
    """Finish a piece. Returns the path of its record."""
    piece = await publish(front_line)
    await front_line.sign_in()
    return location(await front_line.post(f"/learning/{piece}", edition="1", **answers(RIGHT))).partition("?")[0]


async def test_pieces_are_chosen_by_the_minutes_that_somebody_has(front_line: FrontLine) -> None:
    await publish(front_line, "A short one")
    await publish(front_line, "A long one", 1400)
    assert "A long one" in await front_line.text("/learning")
    for query in ("max_minutes=3", "max_minutes=5"):
        page = await front_line.text(f"/learning?{query}")
        assert ("A short one" in page, "A long one" in page) == (True, False)
    assert "A long one" in await front_line.text("/learning?max_minutes=10")
    refused = await front_line.get("/learning?max_minutes=many")
    assert refused.status_code == 422
    assert "Choose how many minutes you have from the list" in text_of(refused)


async def test_everybody_reads_a_piece_with_its_sources_but_not_which_answers_are_right(
    front_line: FrontLine,
) -> None:
    piece = await publish(front_line)
    page = await front_line.text(f"/learning/{piece}")
    for shown in (EXAMPLE["point"], EXAMPLE["questions"][0]["ask"], PRACTICE["title"], "1 minute"):
        assert shown in page
    assert EXAMPLE["questions"][0]["why"] not in page


async def test_who_answers_wrongly_reads_why_and_tries_again(front_line: FrontLine) -> None:
    piece = await publish(front_line)
    await front_line.sign_in()
    missing = await front_line.post(f"/learning/{piece}", edition="1", **{"answer-1": "0", "answer-2": "7"})
    assert missing.status_code == 422
    assert text_of(missing).count("Choose an answer to question 2") == 2
    assert text_of(missing).count("Choose an answer to question 3") == 2
    assert "Choose an answer to question 1" not in text_of(missing)
    assert missing.text.count('href="#answer-2"') == 1
    again = await front_line.post(f"/learning/{piece}", edition="1", **answers(ERRORS))
    assert again.status_code == 422
    assert text_of(again).count(f"Not quite. {EXAMPLE['questions'][0]['why']}") == 2
    assert f"Right. {EXAMPLE['questions'][1]['why']}" in text_of(again)
    assert "You have not finished any learning yet" in await front_line.text("/learning/record")


async def test_who_finishes_has_a_record_once_however_often_they_press(front_line: FrontLine) -> None:
    piece = await publish(front_line)
    await front_line.sign_in()
    presses = [await front_line.post(f"/learning/{piece}", edition="1", **answers(RIGHT)) for _ in range(2)]
    first, second = (location(press) for press in presses)
    assert first == second
    assert "You have finished" in await front_line.text(first)
    record = await front_line.text("/learning/record")
    assert record.count(EXAMPLE["title"]) == 1
    assert "1 piece , 1 minute" in record.replace("piece,", "piece ,")


async def test_answers_are_there_after_somebody_has_signed_in(front_line: FrontLine) -> None:
    piece = await publish(front_line)
    response = await front_line.post(f"/learning/{piece}", edition="1", **answers(RIGHT))
    assert location(response) == f"/sign-in?next=%2Flearning%2F{piece}"
    await front_line.sign_in()
    assert (await front_line.get(f"/learning/{piece}")).text.count(" checked") == 3


async def test_a_piece_that_has_changed_is_read_again(front_line: FrontLine) -> None:
    piece = await publish(front_line)
    await front_line.sign_in()
    changed = await front_line.post(f"/learning/{piece}", edition="7", **answers(RIGHT))
    assert changed.status_code == 422
    assert "Read it again" in text_of(changed)
    assert location(await front_line.post(f"/learning/{piece}", edition="x", **answers(RIGHT))).startswith("/learning/")


async def test_a_certificate_is_made_checked_and_revoked(front_line: FrontLine) -> None:
    record = await finish(front_line)
    assert location(await front_line.post(f"{record}/certify")) == record
    page = (await front_line.get(record)).text
    check = page.split('href="/learning/certificates/')[1].split('"')[0]
    front_line.sign_out()
    shown = await front_line.text(f"/learning/certificates/{check}")
    assert EXAMPLE["title"] in shown
    assert location(await front_line.get(f"/v1/learning/certificates/{check}")) == f"/learning/certificates/{check}"
    await front_line.sign_in()
    assert location(await front_line.post(f"{record}/revoke")) == f"{record}?done=revoked"
    assert (await front_line.get(f"/learning/certificates/{check}")).status_code == 410


async def test_a_record_is_its_owners_alone_and_erased_when_they_say_so(front_line: FrontLine) -> None:
    record = await finish(front_line)
    await front_line.sign_in("carer")
    for path in (record, f"{record}/erase"):
        assert (await front_line.get(path)).status_code == 404
    await front_line.sign_in()
    assert "You cannot undo this" in await front_line.text(f"{record}/erase")
    for _ in range(2):
        assert location(await front_line.post(f"{record}/erase")) == "/learning/record?done=erased"
    assert (await front_line.get(record)).status_code == 404


async def test_addresses_of_the_api_lead_browsers_to_pages(front_line: FrontLine) -> None:
    id = "01900000-0000-7000-8000-000000000000"
    for path, page in (
        ("/v1/learning?max_minutes=3", "/learning?max_minutes=3"),
        (f"/v1/learning/{id}", f"/learning/{id}"),
        ("/v1/learning/completions", "/learning/record"),
        (f"/v1/learning/completions/{id}", f"/learning/record/{id}"),
    ):
        assert location(await front_line.gateway.http.get(path, headers=ACCEPT)) == page


async def test_the_right_answer_stands_where_its_author_did_not_put_it_and_always_there(front_line: FrontLine) -> None:
    questions = [{**EXAMPLE["questions"][0], "options": ["Right", "Wrong", "Worse", "Worst"]}] * 3
    orders: set[str] = set()
    for number in range(4):
        piece = await publish(front_line, f"Piece {number}", questions=questions)
        pages = [(await front_line.get(f"/learning/{piece}")).text for _ in range(2)]
        shown = [re.findall(r'name="answer-(\d)" type="radio" value="(\d)"', page) for page in pages]
        assert shown[0] == shown[1], "the order is the same each time"
        by_question = ["".join(value for name, value in shown[0] if name == question) for question in "123"]
        assert all(sorted(order) == list("0123") for order in by_question), "each option is sent as its author wrote it"
        orders |= set(by_question)
    assert len(orders) > 4
    assert {order[0] for order in orders} > {"0"}


async def test_a_piece_on_a_welsh_page_says_its_language(front_line: FrontLine) -> None:
    piece = await publish(front_line)
    front_line.gateway.http.cookies.set("impact_preferences", "language=cy")
    page: Any = html.fromstring((await front_line.get(f"/learning/{piece}")).text)
    first = EXAMPLE["questions"][0]
    for text in (f"1. {first['ask']}", first["options"][0]):
        assert [span.get("lang") for span in page.iter("span") if span.text == text] == ["en"], text
    assert [link.get("lang") for link in page.iter("a") if link.text == PRACTICE["title"]] == ["en"]
