import random
import time

import pytest

from services.evidence.publications.requests.overlaps import repeats

OWN = "Which breaks help Mrs Sample's daughter in Mill Lane? She has not slept since her mother fell in the spring."


@pytest.mark.parametrize(
    "text",
    [
        OWN,
        "Which break helps the daughter of Mrs Sample in Mill Lane?",
        "What breaks would help Mrs S's daughter in Mill Lane?",
        "In Mill Lane, which breaks help a daughter?",
        "People ask us a lot. She hasn't slept since her mother fell in the spring. What then?",
        "Somebody had not slept since the mother fell in spring.",
        "\u00ad".join("Which breaks help the daughter of Mrs Sample in Mill Lane?"),
        OWN.translate(str.maketrans("aeo", "\u0430\u0435\u043e")),
        OWN.translate(str.maketrans("aeo", "430")),
    ],
)
def test_a_thin_disguise_is_noticed(text: str) -> None:
    assert repeats(text, OWN)


@pytest.mark.parametrize(
    "text",
    [
        "Which breaks help a carer who lives with the person?",
        "Which ways of planning a break help carers who seldom leave home?",
        "Breaks planned together with the person are taken more often. Begin with one hour at home.",
        "Does it help families to speak of breaks early?",
        "",
    ],
)
def test_other_words_for_the_same_question_are_no_repeat(text: str) -> None:
    assert not repeats(text, OWN)


def test_the_longest_texts_are_compared_in_less_than_a_second() -> None:
    chance = random.Random(1)
    vocabulary = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=5)) for _ in range(60)]
    own, text = (
        ". ".join(" ".join(chance.choices(vocabulary, k=12)) for _ in range(sentences)) for sentences in (70, 280)
    )
    began = time.perf_counter()
    assert not repeats(text, own)
    assert time.perf_counter() - began < 1
