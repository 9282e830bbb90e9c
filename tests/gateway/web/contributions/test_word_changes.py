from hypothesis import given
from hypothesis import strategies as st

from gateway.web.contributions.word_changes import Comparison, compare, text_of


def marked(comparison: Comparison) -> tuple[str, str]:
    """Return both texts with what differs in brackets."""
    return (
        "".join(f"[{piece.text}]" if piece.changed else piece.text for piece in comparison.before),
        "".join(f"[{piece.text}]" if piece.changed else piece.text for piece in comparison.after),
    )


def test_what_differs_is_marked_by_whole_words() -> None:
    assert marked(compare("I slept well at last", "I slept at home at last")) == (
        "I slept [well] at last",
        "I slept [at home] at last",
    )
    assert marked(compare("", "New")) == ("", "[New]")


@given(st.text(), st.text())
def test_no_word_is_lost(before: str, after: str) -> None:
    comparison = compare(before, after)
    assert "".join(piece.text for piece in comparison.before) == before
    assert "".join(piece.text for piece in comparison.after) == after


def test_long_texts_are_shown_without_marks() -> None:
    before, after = "word " * 3000, "text " * 3000
    assert marked(compare(before, after)) == (before, after)


def test_a_value_of_any_field_is_a_text() -> None:
    assert [text_of(value) for value in (None, "x", {"from": "2020", "to": None})] == ["", "x", "2020 to"]
