import pytest
from pydantic import TypeAdapter, ValidationError

from services.evidence.publications.guides.documents.plain_text import PlainText

plain: TypeAdapter[str] = TypeAdapter(PlainText)


@pytest.mark.parametrize("text", ["<b>Bold</b>", "a < script>", "</p>", "<!-- -->", "<IMG SRC=x>", "<?php"])
def test_markup_is_no_plain_word(text: str) -> None:
    with pytest.raises(ValidationError, match="markup"):
        plain.validate_python(text)


@pytest.mark.parametrize("text", ["Where p < 0.05", "for <5 people", "a <- b", "1 < 2 > 0"])
def test_a_comparison_is_no_markup(text: str) -> None:
    assert plain.validate_python(text) == text
