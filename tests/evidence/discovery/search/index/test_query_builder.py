"""Queries by phrase, by field and by name."""

import pytest

from tests.evidence.discovery.search.searches import found_ids
from tests.evidence.world import RESEARCH, EvidenceWorld

BY_FIELD = [
    ('"night care"', True),
    ('"care night"', False),
    ("title:night", True),
    ("title:okoro", False),
    ("author:okoro", True),
    ("author:night", False),
    ('in:"invented studies"', True),
    ("year:2021", True),
    ("year:2019-2021", True),
    ("year:2019-2020", False),
    ("doi:https://doi.org/10.5555/ABC.1", True),
    ("10.5555/abc.1", True),
    ("doi:10.5555/abc", False),
    ("night -okoro", False),
    ("night -hospital", True),
    ("night kind:journal_article design:quantitative", True),
    ("night kind:book", False),
    ("night title:the", True),
    ('night title:"of the"', True),
    ("night in:the", True),
]


async def test_phrases_and_fields(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH, title="Paying for night care")
    await world.indexed()
    for q, finds in BY_FIELD:
        assert await found_ids(world, q) == ([item] if finds else []), q


NAMES = [
    ("author:Will", True),
    ("author:an", True),
    ('author:"An Will"', True),
    ('author:"Will, An"', False),
    ("author:o\u2019the", True),
    ("author:Who-Being", True),
    ("author:no", True),
    ("author:M\u00fcller", True),
    ("author:muller", True),
    ("author:mullers", False),
    ("author:be", False),
    ("night -author:will", False),
    ("night -author:be", True),
]


@pytest.mark.parametrize("language", ["en", "cy"])
async def test_a_name_is_found_whatever_the_word(world: EvidenceWorld, language: str) -> None:
    authors = ["Ng, An", "Will, Jo", "O'The, No", "M\u00fcller, A. B.", "Who-Being, Yr"]
    item = await world.publish(RESEARCH, title="Paying for night care", authors=authors, language=language)
    await world.indexed()
    for q, finds in NAMES:
        assert await found_ids(world, q) == ([item] if finds else []), q
