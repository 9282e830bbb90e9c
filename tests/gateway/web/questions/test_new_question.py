import asyncio
import re

import pytest

from tests.gateway.web.questions.front_line import FrontLine, hidden, location, text_of
from tests.gateway.web.questions.test_pages import PUBLIC, publish

ALIKE = "Which breaks would help a carer whose husband wakes at night?"
FIELDS = {"question": ALIKE, "urgency": "this_week", "setting": "home care"}


async def count(front_line: FrontLine) -> int:
    return len(await front_line.world.rows("SELECT id FROM evidence_requests"))


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        ({"question": "", "urgency": "today"}, "Write your question", "question"),
        ({"question": "Breaks?", "urgency": "today"}, "Write a little more", "question"),
        ({"question": "x" * 5001, "urgency": "today"}, "5,000 characters", "question"),
        ({"question": ALIKE}, "Choose how soon", "urgency"),
        ({**FIELDS, "setting": "x" * 121}, "120 characters", "setting"),
    ],
)
async def test_what_is_missing_is_said_first_and_at_its_field(
    front_line: FrontLine, fields: dict[str, str], error: str, field: str
) -> None:
    response = await front_line.post("/questions/ask", key="k", **fields)
    assert response.status_code == 422
    assert "<title>Error:" in " ".join(response.text.split())
    assert f'href="#{field}"' in response.text
    assert f'id="{field}-error"' in response.text
    assert text_of(response).count(error) == 2
    assert fields["question"] in response.text
    assert await count(front_line) == 0


async def test_answered_questions_like_it_are_shown_before_it_is_sent(front_line: FrontLine) -> None:
    request, _ = await publish(front_line)
    await front_line.sign_in()
    similar = await front_line.post("/questions/ask", key="k", **FIELDS)
    assert similar.status_code == 200
    assert f'href="/questions/{request}"' in similar.text
    assert PUBLIC in text_of(similar)
    assert await count(front_line) == 1
    fields_sent = {name: hidden(similar, name) for name in ("key", *FIELDS)}
    assert fields_sent == {"key": "k", **FIELDS}
    changed = await front_line.post("/questions/ask", **fields_sent, change="yes")
    assert ALIKE in changed.text
    assert await count(front_line) == 1
    asked = location(await front_line.post("/questions/ask", **fields_sent, ask_anyway="yes"))
    page = await front_line.text(asked)
    assert "We have your question" in page
    assert re.search(r"We aim to answer by \d+ \w+ 20\d\d", page)
    assert await count(front_line) == 2


async def test_a_question_unlike_all_others_is_sent_at_once_and_two_presses_are_one(front_line: FrontLine) -> None:
    await front_line.sign_in()
    key = hidden(await front_line.get("/questions/ask"), "key")
    first, second = await asyncio.gather(*(front_line.post("/questions/ask", key=key, **FIELDS) for _ in range(2)))
    assert location(first) == location(second) == location(await front_line.post("/questions/ask", key=key, **FIELDS))
    assert await count(front_line) == 1
    other = await front_line.post("/questions/ask", key=key, **{**FIELDS, "question": "Who pays for a taxi to work?"})
    assert location(other) != location(first)
    assert await count(front_line) == 2


async def test_what_somebody_typed_is_there_after_they_have_signed_in(front_line: FrontLine) -> None:
    form = await front_line.get("/questions/ask?q=breaks+at+night")
    assert "breaks at night" in form.text
    response = await front_line.post("/questions/ask", key=hidden(form, "key"), ask_anyway="yes", **FIELDS)
    assert location(response) == "/sign-in?next=%2Fquestions%2Fask"
    assert await count(front_line) == 0
    await front_line.sign_in()
    form = await front_line.get("/questions/ask")
    assert "Your question is as you left it" in text_of(form)
    assert ALIKE in form.text
    assert re.search(r'value="this_week"\s+checked', form.text)
    fields_sent = {name: hidden(form, name) for name in ("key", "ask_anyway")}
    assert location(await front_line.post("/questions/ask", **fields_sent, **FIELDS)).endswith("/asked")
    assert ALIKE not in (await front_line.get("/questions/ask")).text
