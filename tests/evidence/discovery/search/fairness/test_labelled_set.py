import re
from collections import Counter
from typing import Any

import pytest

from services.evidence.library.items.descriptions import WAYS, description_adapter
from tests.evidence.discovery.search.fairness.labelled_set import LabelledItem, load_items, load_needs, load_questions

NEEDS = load_needs()
ITEMS = load_items()
QUESTIONS = load_questions()
PRIORITIES = {
    "prevention and wellbeing",
    "carers' health and wellbeing",
    "supporting people who work in care",
    "people who do not qualify today",
}
TEXT_FIELDS = {
    "research": ("summary",),
    "lived_experience": ("account",),
    "practice_knowledge": ("what_was_done", "what_happened", "what_it_needs"),
}
WORDS = {"research": (150, 220), "lived_experience": (60, 180), "practice_knowledge": (80, 160)}
WELSH_WORDS = frozenset(
    [
        "ac",
        "ar",
        "bob",
        "dim",
        "ddim",
        "fel",
        "felly",
        "gyda",
        "heb",
        "mae",
        "mewn",
        "oedd",
        "pan",
        "roedd",
        "sy",
        "sydd",
        "wedi",
        "yn",
        "yr",
    ]
)


def name_of(item: LabelledItem) -> str:
    return f"{item.need}-{item.evidence['way_of_knowing']}"


def text_of(evidence: dict[str, Any]) -> str:
    return " ".join(evidence.get(field, "") for field in TEXT_FIELDS[evidence["way_of_knowing"]])


def reads_as_welsh(evidence: dict[str, Any]) -> bool:
    words = re.findall(r"\w+", text_of(evidence).casefold())
    return sum(word in WELSH_WORDS for word in words) > len(words) / 12


def test_there_are_fifty_needs_in_the_order_of_their_ids() -> None:
    assert [need.id for need in NEEDS] == [f"n{number:02}" for number in range(1, 51)]


def test_even_needs_are_unseen() -> None:
    assert {need.id: need.half for need in NEEDS} == {
        need.id: "unseen" if int(need.id[1:]) % 2 == 0 else "seen" for need in NEEDS
    }


def test_eight_questions_are_asked_in_welsh_four_in_each_half() -> None:
    assert Counter((need.language, need.half) for need in NEEDS) == {
        ("cy", "seen"): 4,
        ("cy", "unseen"): 4,
        ("en", "seen"): 21,
        ("en", "unseen"): 21,
    }


def test_every_need_has_a_priority_of_the_product_and_every_priority_has_eight_needs_or_more() -> None:
    counts = Counter(need.priority for need in NEEDS)
    assert set(counts) == PRIORITIES
    assert min(counts.values()) >= 8


def test_every_need_is_described_in_words_of_its_own() -> None:
    assert len({need.situation for need in NEEDS}) == len(NEEDS)
    assert all(need.who and 20 <= len(need.situation.split()) <= 70 for need in NEEDS)


def test_every_need_has_one_short_question_of_its_own() -> None:
    texts = [question.question.strip() for question in QUESTIONS]
    assert [question.need for question in QUESTIONS] == [need.id for need in NEEDS]
    assert [text for text in texts if not 0 < len(text) <= 120] == []
    assert len({text.casefold() for text in texts}) == len(QUESTIONS)


def test_every_need_is_answered_once_in_each_way_of_knowing() -> None:
    assert [(item.need, item.evidence["way_of_knowing"]) for item in ITEMS] == [
        (need.id, way) for need in NEEDS for way in WAYS
    ]


@pytest.mark.parametrize("item", ITEMS, ids=name_of)
def test_every_item_is_what_the_service_takes(item: LabelledItem) -> None:
    description = description_adapter.validate_python(item.evidence)
    stored = description.model_dump(mode="json", by_alias=True, exclude_unset=True)
    assert {field: stored[field] for field in item.evidence.keys() - {"consent"}} == {
        field: value for field, value in item.evidence.items() if field != "consent"
    }


def test_every_account_may_be_published() -> None:
    accounts = [item.evidence for item in ITEMS if item.evidence["way_of_knowing"] == "lived_experience"]
    assert [account["consent"] for account in accounts] == [{"to_publish": True, "attribution": "anonymous"}] * 50


def test_titles_and_texts_are_unique() -> None:
    assert len({item.evidence["title"].casefold() for item in ITEMS}) == len(ITEMS)
    assert len({text_of(item.evidence) for item in ITEMS}) == len(ITEMS)


def test_every_text_has_the_length_of_its_kind() -> None:
    lengths = {name_of(item): len(text_of(item.evidence).split()) for item in ITEMS}
    bounds = {name_of(item): WORDS[item.evidence["way_of_knowing"]] for item in ITEMS}
    assert {name: words for name, words in lengths.items() if not bounds[name][0] <= words <= bounds[name][1]} == {}


def test_four_accounts_and_three_pieces_of_practice_knowledge_are_in_welsh() -> None:
    languages = Counter((item.evidence["way_of_knowing"], item.evidence["language"]) for item in ITEMS)
    assert languages == {
        ("research", "en"): 50,
        ("lived_experience", "en"): 46,
        ("lived_experience", "cy"): 4,
        ("practice_knowledge", "en"): 47,
        ("practice_knowledge", "cy"): 3,
    }


def test_the_language_of_every_item_is_that_of_its_text() -> None:
    assert {name_of(item) for item in ITEMS if reads_as_welsh(item.evidence)} == {
        name_of(item) for item in ITEMS if item.evidence["language"] == "cy"
    }


def test_no_item_carries_an_identifier_a_person_or_an_address() -> None:
    """Everything is invented: nothing in it may point at a work, a person or a site that exists."""
    fields = {field for item in ITEMS for field in item.evidence}
    assert not fields & {"authors", "editors", "identifiers", "url", "credit", "published_in"}
    assert not [item for item in ITEMS if re.search(r"https?:|www\.\w|@|\b10\.\d{4}", text_of(item.evidence))]


def test_no_sentence_is_used_twice() -> None:
    sentences = Counter(
        sentence.strip().casefold()
        for item in ITEMS
        for sentence in re.split(r"[.!?:;](?:\s|$)", text_of(item.evidence))
        if len(sentence.split()) > 5
    )
    assert [sentence for sentence, count in sentences.items() if count > 1] == []
