from collections.abc import Sequence
from typing import Any

from tests.evidence.publications.requests.doubts.test_api import handle_all
from tests.evidence.publications.requests.request_factories import OTHER, PATH, WORDS, answer_request, ask, do
from tests.evidence.world import PRACTICE, EvidenceWorld
from tests.support.callers import CARER, NOBODY

BREAKS = "Which breaks help a carer who lives with the person?"
NIGHTS = "What helps when somebody cannot sleep at night?"
ANSWER = "Begin with replacement care of one hour."


async def publish(world: EvidenceWorld, question: str, item: str) -> str:
    request = await ask(world, question="Is there something that we could try here, please?")
    await answer_request(world, request, item, text=ANSWER)
    await do(world, request, "publish", {"question": question})
    return request


async def search(world: EvidenceWorld, question: str) -> list[str]:
    page: Any = await world.json(NOBODY, "POST", f"{PATH}/search", {"question": question})
    return [row["question"] for row in page["items"]]


async def words(world: EvidenceWorld, q: str) -> Sequence[str]:
    page: Any = await world.json(NOBODY, "GET", f"{PATH}?q={q}")
    return [row["question"] for row in page["items"]]


async def test_answered_questions_are_found_by_all_of_some_words_of_them_and_of_their_answers(
    world: EvidenceWorld,
) -> None:
    item = await world.publish(PRACTICE)
    await publish(world, BREAKS, item)
    await publish(world, NIGHTS, item)
    assert await words(world, "break+carers") == [BREAKS]
    assert await words(world, "replacement") == [NIGHTS, BREAKS]
    assert await words(world, "break+night") == []
    assert await words(world, "break+or+night") == [NIGHTS, BREAKS]
    assert await words(world, '"') == []


async def test_questions_like_one_that_is_typed_are_found_the_most_similar_first(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    await publish(world, BREAKS, item)
    await publish(world, NIGHTS, item)
    typed = "My neighbour is a carer who never sleeps at night: which break would help her? & | ! :* \\"
    assert await search(world, typed) == [NIGHTS, BREAKS]
    assert await search(world, "Which carers need breaks?") == [BREAKS]
    assert await search(world, "Carers?") == []
    assert await search(world, "the, and: of!") == []
    assert await search(world, "?") == []


async def test_a_question_that_is_not_published_is_not_found_nor_are_the_words_of_its_asker(
    world: EvidenceWorld,
) -> None:
    request = await ask(world)
    await answer_request(world, request)
    assert await search(world, WORDS) == []
    assert (await world.json(OTHER, "POST", f"{PATH}/search", {"question": WORDS}))["items"] == []


async def test_words_of_an_answer_in_doubt_find_nothing(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    await publish(world, BREAKS, item)
    await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    await handle_all(world)
    assert await words(world, "replacement") == []
    assert await words(world, "breaks") == [BREAKS]
