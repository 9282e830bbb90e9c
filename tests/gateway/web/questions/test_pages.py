import re

from tests.evidence.publications.requests.request_factories import PATH, answer_request, ask, do
from tests.evidence.world import PRACTICE, RESEARCH
from tests.gateway.web.questions.front_line import ACCEPT, FrontLine, location, text_of
from tests.support.callers import CARER, EDITOR

ASKED = "How do I get Mrs Sample of Mill Lane to take a break at last?"
PUBLIC = "Which breaks help a carer who lives with the person?"
ANSWER = "Begin with one hour at home."


async def publish(front_line: FrontLine, public: str = PUBLIC, asked: str = ASKED, **more: object) -> tuple[str, str]:
    """Publish an answer. Returns the ids of the question and of what its answer cites."""
    item = await front_line.world.publish(PRACTICE)
    request = await ask(front_line.world, question=asked, **more)
    await answer_request(front_line.world, request, item, text=ANSWER)
    await do(front_line.world, request, "publish", {"question": public})
    return request, item


async def test_answered_questions_are_listed_and_found_by_words_and_topic(front_line: FrontLine) -> None:
    topic, other = await front_line.world.topic("Breaks"), await front_line.world.topic("Nights")
    await publish(front_line, topics=[topic])
    page = await front_line.text("/questions")
    assert PUBLIC in page
    assert ANSWER in page
    assert "people have had an answer" in page
    for query in ("q=break", f"topic={topic}", f"q=hour&topic={topic}"):
        assert PUBLIC in await front_line.text(f"/questions?{query}"), query
    for query in ("q=money", f"topic={other}"):
        assert "Nobody has asked this yet" in await front_line.text(f"/questions?{query}"), query


async def test_answered_questions_are_found_by_where_their_evidence_is_from(front_line: FrontLine) -> None:
    placed = await front_line.world.publish(PRACTICE | {"country": "GB-NIR", "setting": "home care"})
    unplaced = await front_line.world.publish(RESEARCH, EDITOR)
    for number, item in enumerate((placed, unplaced)):
        request = await ask(front_line.world, question=f"My own number {number} here, of many words?")
        await answer_request(front_line.world, request, item, text=ANSWER)
        await do(front_line.world, request, "publish", {"question": f"Question number {number} of the front line?"})
    folded = (await front_line.get("/questions")).text
    assert '<details class="impact-fold">' in folded
    for query in ("country=GB-NIR", "country=GB", "setting=home+care", "country=GB-NIR&setting=home+care&q=line"):
        response = await front_line.get(f"/questions?{query}")
        text = text_of(response)
        assert ("Question number 0" in text, "Question number 1" in text) == (True, False), query
        assert ("1 more does not name a" in text) == ("&" not in query), query
        assert '<details class="impact-fold" open>' in response.text, query
    elsewhere = await front_line.text("/questions?country=FR")
    assert "No answer rests on evidence from there yet" in elsewhere
    assert "1 more does not name a country." in elsewhere
    refused = await front_line.get("/questions?country=Narnia&setting=" + "x" * 121)
    assert refused.status_code == 422
    assert "We do not recognise this country. Choose one from the list" in text_of(refused)
    moved = await front_line.gateway.http.get(f"{PATH}?country=GB-NIR&setting=home+care", headers=ACCEPT)
    assert location(moved) == "/questions?country=GB-NIR&setting=home+care"


async def test_an_editor_reads_exact_numbers_of_what_became_of_answers(front_line: FrontLine) -> None:
    await publish(front_line)
    await front_line.sign_in("evidence-editor")
    page = await front_line.text("/questions")
    assert "Used by 0 Not used by 0" in page


async def test_the_next_questions_are_a_link_away(front_line: FrontLine) -> None:
    for number in range(21):
        await publish(front_line, f"Question number {number:02} of the front line?", f"My own number {number:02} here.")
    first = await front_line.get("/questions?q=line")
    path = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert path.startswith("/questions?")
    assert "Question number 00" not in first.text
    assert "Question number 00" in await front_line.text(path)


async def test_everybody_reads_a_published_answer_with_its_sources_and_nobody_who_asked(front_line: FrontLine) -> None:
    request, item = await publish(front_line)
    response = await front_line.get(f"/questions/{request}")
    assert response.status_code == 200
    for shown in (PUBLIC, ANSWER, PRACTICE["title"], f'href="/evidence/{item}"'):
        assert shown in response.text
    for secret in ("Mrs Sample", "Mill Lane"):
        assert secret not in response.text


async def test_a_question_that_is_not_published_is_a_page_that_is_not_there(front_line: FrontLine) -> None:
    request = await ask(front_line.world)
    assert (await front_line.get(f"/questions/{request}")).status_code == 404


async def test_an_answer_that_is_held_back_says_so_first(front_line: FrontLine) -> None:
    request, item = await publish(front_line)
    await front_line.world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    page = await front_line.text(f"/questions/{request}")
    assert ANSWER not in page
    assert "This has been withdrawn. Do not rely on it." in page
    assert page.index("Warning") < page.index("What this answer is based on")
    assert ANSWER not in await front_line.text("/questions")


async def test_addresses_of_the_api_lead_browsers_to_pages(front_line: FrontLine) -> None:
    request, _ = await publish(front_line)
    for path, page in (
        (f"{PATH}?q=break", "/questions?q=break"),
        (f"{PATH}/mine", "/questions/mine"),
        (f"{PATH}/{request}", f"/questions/{request}"),
    ):
        assert location(await front_line.gateway.http.get(path, headers=ACCEPT)) == page


async def test_a_published_answer_on_a_welsh_page_says_its_language(front_line: FrontLine) -> None:
    topic = await front_line.world.topic("Breaks")
    request, _ = await publish(front_line, topics=[topic])
    front_line.gateway.http.cookies.set("impact_preferences", "language=cy")
    for path in (f"/questions/{request}", "/questions"):
        page = (await front_line.get(path)).text
        for text in (PUBLIC, ANSWER):
            assert f'lang="en">{text}<' in page, (path, text)
        assert re.search(r'lang="en"[^>]*>Breaks<', page), path
    assert f'lang="en">{PRACTICE["title"]}<' in (await front_line.get(f"/questions/{request}")).text
