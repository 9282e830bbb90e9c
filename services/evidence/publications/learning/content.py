"""The content of a learning piece, and how long it takes to read."""

import math
import re
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from services.evidence.library.field_types import Address
from services.evidence.publications.guides.documents.plain_text import (
    LanguageTag,
    PlainText,
    Sentence,
    Title,
    reject_markup,
)
from shared.views import Body

QUESTION_COUNT = 3
MAX_MINUTES = 10
WORDS_PER_MINUTE = 175
"""Most adults read English of this kind at 175 to 300 words a minute; this is for the slowest of them.

Brysbaert M, "How many words do we read per minute? A review and meta-analysis of reading rate", Journal of Memory and
Language 2019, 109: 104047, doi:10.1016/j.jml.2019.104047.
"""
_WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")

LessonText = Annotated[str, StringConstraints(max_length=20_000, strip_whitespace=True), AfterValidator(reject_markup)]

EXAMPLE: dict[str, Any] = {
    "title": "Asking about a break on the first visit",
    "point": "Carers take breaks that are offered early.",
    "text": "Most carers do not ask for a break. Those who were offered one on the first visit...",
    "questions": [
        {
            "ask": "When is the best time to offer a break?",
            "options": ["On the first visit", "Once somebody is worn out"],
            "right": 0,
            "why": "Whoever is offered one early takes it before a crisis.",
        },
        {
            "ask": "Who usually begins to speak of a break?",
            "options": ["The carer", "Nobody"],
            "right": 1,
            "why": "Most carers do not ask, so it is for you to begin.",
        },
        {
            "ask": "What helps a carer to say yes?",
            "options": ["A leaflet", "Somebody they trust who stays at home"],
            "right": 1,
            "why": "Carers say that they go when they can trust whoever stays.",
        },
    ],
    "items": [{"id": "01980000-0000-7000-8000-000000000003"}],
    "guides": [],
}


class LearningQuestion(Body):
    """A question about the point of the piece. `right` is the index of the right option, from 0."""

    model_config = ConfigDict(frozen=True)

    ask: Sentence
    options: list[Sentence] = Field(min_length=2, max_length=6)
    right: int = Field(ge=0, le=5)
    why: PlainText = Field(min_length=1, description="Why it is right. Shown to whoever has answered.")

    @model_validator(mode="after")
    def _check_options(self) -> "LearningQuestion":
        if self.right >= len(self.options):
            raise ValueError("Give in `right` the index of an option: the first is 0")
        if len({option.casefold() for option in self.options}) < len(self.options):
            raise ValueError("Two options are the same: change one of them")
        return self


class LearningMedium(Body):
    """Something to watch or listen to that belongs to the piece, and how long it runs."""

    model_config = ConfigDict(frozen=True)

    title: Title
    url: Address
    seconds: int = Field(ge=1, le=60 * MAX_MINUTES, description="How long it runs.")


class SourceLink(Body):
    """An item or guide that the piece is based on. Without `edition`, its current edition."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    edition: int | None = Field(default=None, ge=1)


class LearningContent(Body):
    """A learning piece as its author writes it. It may be incomplete until it is published."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    title: Title
    point: Sentence = Field(description="The one thing to take away.")
    text: LessonText = ""
    language: LanguageTag = "en"
    media: list[LearningMedium] = Field(default=[], max_length=5)
    minutes: int | None = Field(
        default=None,
        ge=1,
        le=MAX_MINUTES,
        description="What reading takes, with what there is to watch or listen to. It is counted here: leave it out. "
        "Another number than the one that is counted is refused.",
    )
    questions: list[LearningQuestion] = Field(default=[], max_length=QUESTION_COUNT)
    items: list[SourceLink] = Field(default=[], max_length=20)
    guides: list[SourceLink] = Field(default=[], max_length=20)


def count_words(content: LearningContent) -> int:
    """Count the words of all that is read: the text, the questions with their options, and the explanations."""
    texts = [content.title, content.point, content.text, *(medium.title for medium in content.media)]
    for question in content.questions:
        texts += [question.ask, *question.options, question.why]
    return sum(len(_WORD.findall(text)) for text in texts)


def minutes_to_read(content: LearningContent) -> int:
    """Return whole minutes at WORDS_PER_MINUTE, with the time that media run, at least one."""
    # In whole numbers, so that no rounding adds a minute.
    sixtieths = 60 * count_words(content) + WORDS_PER_MINUTE * sum(medium.seconds for medium in content.media)
    return max(1, math.ceil(sixtieths / (60 * WORDS_PER_MINUTE)))
