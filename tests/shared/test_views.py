import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.views import MAX_BYTES_PER_CHARACTER, Body, Day, TextLimit

LIMIT = TextLimit(10)
FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}\N{ZERO WIDTH JOINER}\N{BOY}"
FLAG = "\N{REGIONAL INDICATOR SYMBOL LETTER G}\N{REGIONAL INDICATOR SYMBOL LETTER B}"
SEEN_AS_ONE = [
    *("x", FAMILY, FLAG, "e\N{COMBINING ACUTE ACCENT}", "\N{HANGUL CHOSEONG KIYEOK}\N{HANGUL JUNGSEONG A}", "\r\n"),
    "\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}",
    "\N{DEVANAGARI LETTER KA}\N{DEVANAGARI SIGN VIRAMA}\N{DEVANAGARI LETTER SSA}\N{DEVANAGARI VOWEL SIGN I}",
]


@pytest.mark.parametrize("sign", SEEN_AS_ONE, ids=ascii)
def test_what_is_seen_as_one_sign_counts_as_one(sign: str) -> None:
    assert LIMIT(sign * 10) == sign * 10
    with pytest.raises(ValueError, match=r"^Use at most 10 characters\.$"):
        LIMIT(sign * 11)


@given(st.lists(st.sampled_from(SEEN_AS_ONE), max_size=20))
def test_signs_are_counted_whatever_stands_beside_them(signs: list[str]) -> None:
    text = " ".join(signs)
    assert (LIMIT.refusal_of(text) is None) == (2 * len(signs) - 1 <= LIMIT.characters)


@pytest.mark.parametrize("mark", ["\N{COMBINING ACUTE ACCENT}", "\N{ZERO WIDTH JOINER}"], ids=ascii)
def test_marks_without_end_are_refused(mark: str) -> None:
    text = "a" + mark * (LIMIT.characters * MAX_BYTES_PER_CHARACTER)
    assert "put together of many signs" in (LIMIT.refusal_of(text) or "")


@pytest.mark.parametrize("sign", [FLAG[0], FLAG, FAMILY, "a\N{ZERO WIDTH JOINER}", *SEEN_AS_ONE], ids=ascii)
def test_no_text_takes_long_to_count(sign: str) -> None:
    limit = TextLimit(2_000)
    text = (sign * 64_000)[: limit.characters * MAX_BYTES_PER_CHARACTER // 4]
    started_at = time.perf_counter()
    limit.refusal_of(text)
    assert time.perf_counter() - started_at < 0.1


class Visit(Body):
    on: Day | None = None


@pytest.mark.parametrize("day", ["2026-11-30", date(2026, 11, 30)])
def test_a_day_is_read(day: object) -> None:
    assert Visit.model_validate({"on": day}).on == date(2026, 11, 30)
    assert Visit(on=None).on is None


@pytest.mark.parametrize(
    "day",
    [
        1796083200,
        1796083200.0,
        "1796083200",
        "1796083200000",
        0,
        True,
        "2026-11-30T00:00:00Z",
        "20261130",
        "",
        "2026-11-3\N{ARABIC-INDIC DIGIT ZERO}",
    ],
    ids=ascii,
)
def test_what_might_be_some_day_is_refused_with_how_to_write_it(day: object) -> None:
    with pytest.raises(ValidationError, match="as in 2026-11-30"):
        Visit.model_validate({"on": day})
