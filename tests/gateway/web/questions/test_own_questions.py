import asyncio
from typing import Any

from tests.evidence.publications.requests.request_factories import answer_request, do
from tests.evidence.world import PRACTICE
from tests.gateway.web.questions.front_line import FrontLine, hidden, location, text_of

QUESTION = "Which breaks help the family that I visit on Tuesdays?"
ANSWER = "Begin with one hour at home."


async def ask(front_line: FrontLine, question: str = QUESTION) -> str:
    """Ask on the page. Returns the id of the question."""
    await front_line.sign_in()
    response = await front_line.post("/questions/ask", key=question, question=question, urgency="today")
    return location(response).split("/")[2]


async def answer(front_line: FrontLine, request: str) -> None:
    await answer_request(front_line.world, request, await front_line.world.publish(PRACTICE), text=ANSWER)


async def column(front_line: FrontLine, name: str) -> list[Any]:
    return [row[name] for row in await front_line.world.rows(f"SELECT {name} FROM evidence_requests")]  # noqa: S608  ours


async def test_somebody_sees_the_state_of_their_questions_in_plain_words_and_what_is_new(
    front_line: FrontLine,
) -> None:
    request = await ask(front_line)
    waiting = await front_line.text("/questions/mine")
    assert QUESTION in waiting
    assert "We have your question. We aim to answer by" in waiting
    await do(front_line.world, request, "assign")
    assert "Somebody is looking for the answer" in await front_line.text("/questions/mine")
    await answer(front_line, request)
    answered = await front_line.text("/questions/mine")
    assert "New" in answered.split("Answered")[1]
    assert "Did you use it?" in answered
    assert "New" not in (await front_line.text("/questions/mine")).split("Answered")[1]
    page = await front_line.text(f"/questions/{request}")
    for shown in (QUESTION, ANSWER, PRACTICE["title"], "Say what happened"):
        assert shown in page


async def test_nobody_else_sees_a_question_nor_what_can_be_done_with_it(front_line: FrontLine) -> None:
    request = await ask(front_line)
    await front_line.sign_in("carer")
    for path in ("", "/asked", "/use", "/reopen", "/withdraw"):
        response = await front_line.get(f"/questions/{request}{path}")
        assert response.status_code == 404, path
        assert "Tuesdays" not in response.text
    assert "You have not asked a question yet" in await front_line.text("/questions/mine")
    front_line.sign_out()
    assert location(await front_line.get("/questions/mine")) == "/sign-in?next=%2Fquestions%2Fmine"


async def test_whether_an_answer_was_used_and_what_happened_is_recorded(front_line: FrontLine) -> None:
    request = await ask(front_line)
    await answer(front_line, request)
    path = f"/questions/{request}/use"
    missing = await front_line.post(path, key="k", what_happened="She slept.")
    assert missing.status_code == 422
    assert text_of(missing).count("Say whether you used the answer") == 2
    assert "She slept." in missing.text
    key = hidden(await front_line.get(path), "key")
    presses = await asyncio.gather(
        *(front_line.post(path, key=key, used="yes", what_happened="She slept.") for _ in range(2))
    )
    assert {location(press) for press in presses} == {f"/questions/{request}?done=use"}
    page = await front_line.text(f"/questions/{request}?done=use")
    assert "Thank you" in page
    assert "She slept." in page
    assert await column(front_line, "used") == ["yes"]


async def test_what_happened_is_there_after_a_session_has_ended(front_line: FrontLine) -> None:
    request = await ask(front_line)
    await answer(front_line, request)
    path = f"/questions/{request}/use"
    front_line.sign_out()
    response = await front_line.post(path, key="k", used="no", what_happened="They moved away.")
    assert location(response) == f"/sign-in?next=%2Fquestions%2F{request}%2Fuse"
    await front_line.sign_in()
    form = await front_line.get(path)
    assert "They moved away." in form.text
    await front_line.post(path, key=hidden(form, "key"), used="no", what_happened="They moved away.")
    assert await column(front_line, "what_happened") == ["They moved away."]
    other = await ask(front_line, "What about the family that I visit on Fridays?")
    await answer(front_line, other)
    assert "They moved away." not in (await front_line.get(f"/questions/{other}/use")).text


async def test_a_further_question_reopens_it(front_line: FrontLine) -> None:
    request = await ask(front_line)
    path = f"/questions/{request}/reopen"
    early = await front_line.post(path, key="k", question="And what about the nights?")
    assert early.status_code == 422
    assert "This can be done once it is answered" in text_of(early)
    await answer(front_line, request)
    assert text_of(await front_line.post(path, key="k", question="")).count("Write your question") == 2
    key = hidden(await front_line.get(path), "key")
    presses = [await front_line.post(path, key=key, question="And what about the nights?") for _ in range(2)]
    assert {location(press) for press in presses} == {f"/questions/{request}/asked"}
    page = await front_line.text(f"/questions/{request}")
    assert page.count("And what about the nights?") == 1
    assert await column(front_line, "status") == ["open"]


async def test_a_question_is_withdrawn_after_its_author_has_read_what_that_does(front_line: FrontLine) -> None:
    request = await ask(front_line)
    path = f"/questions/{request}/withdraw"
    assert "You cannot undo this" in await front_line.text(path)
    assert await column(front_line, "status") == ["open"]
    for key in ("a", "a", "b"):
        assert location(await front_line.post(path, key=key)) == "/questions/mine?done=withdrawn"
    page = await front_line.text("/questions/mine?done=withdrawn")
    assert "The question is withdrawn" in page
    assert "Tuesdays" not in page
    assert "Tuesdays" not in await front_line.text(f"/questions/{request}")
