"""Plain text, as people write it in guides, learning pieces and evidence requests: no markup."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_MARKUP = re.compile(r"<\s*[/!?a-zA-Z]")


def reject_markup(text: str) -> str:
    """Return the text. Raises ValueError, whose message is shown to whoever sent it, where it contains a tag."""
    if _MARKUP.search(text):
        raise ValueError("Write plain words: this has markup such as <b> in it")
    return text


PlainText = Annotated[str, StringConstraints(max_length=4_000, strip_whitespace=True), AfterValidator(reject_markup)]
Sentence = Annotated[
    str, StringConstraints(min_length=1, max_length=600, strip_whitespace=True), AfterValidator(reject_markup)
]
Title = Annotated[
    str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True), AfterValidator(reject_markup)
]
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")]
