import pytest
from pydantic import TypeAdapter, ValidationError

from services.evidence.publications.guides.words import Plain

plain: TypeAdapter[str] = TypeAdapter(Plain)


@pytest.mark.parametrize("words", ["<b>Bold</b>", "a < script>", "</p>", "<!-- -->", "<IMG SRC=x>", "<?php"])
def test_markup_is_no_plain_word(words: str) -> None:
    with pytest.raises(ValidationError, match="markup"):
        plain.validate_python(words)


@pytest.mark.parametrize("words", ["Where p < 0.05", "for <5 people", "a <- b", "1 < 2 > 0"])
def test_a_comparison_is_no_markup(words: str) -> None:
    assert plain.validate_python(words) == words
