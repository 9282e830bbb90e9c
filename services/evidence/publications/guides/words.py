"""The plain words that guides are written in."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_MARKUP = re.compile(r"<\s*[/!?a-zA-Z]")


def without_markup(given: str) -> str:
    """Raises ValueError, which a person can read."""
    if _MARKUP.search(given):
        raise ValueError("Write plain words: this has markup such as <b> in it")
    return given


Plain = Annotated[str, StringConstraints(max_length=4_000, strip_whitespace=True), AfterValidator(without_markup)]
Sentence = Annotated[
    str, StringConstraints(min_length=1, max_length=600, strip_whitespace=True), AfterValidator(without_markup)
]
Title = Annotated[
    str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True), AfterValidator(without_markup)
]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")]
