"""The words of a question by which the library is searched for it: ordinary ones, and no names."""

import re
from typing import Final

MIN_LETTERS: Final = 4
MAX_WORDS: Final = 8
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_TITLED: Final = re.compile(r"\b(?:mr|mrs|ms|miss|mx|dr)\b\.?\s+\w+(?:['\u2019]s)?", re.IGNORECASE)
_COMMON_WORDS: Final = """
about after again also been before being best between both cannot could doing does done down each every from give
good have having help helps here into just know like made make many more most much must need needs only other over
people please really should some somebody someone such take than that their them then there these they thing this
those through very want wants ways well were what when where which while whom whose will with without work would
your yours
"""
_COMMON: Final = frozenset(_COMMON_WORDS.split())


def search_words(question: str) -> str:
    """Return the telling words of a question, the first ones first.

    Left out is what may name somebody: what begins with a capital or follows a title such as Mrs, and numbers.
    """
    words = (match[0] for match in _WORD.finditer(_TITLED.sub(" ", question)))
    telling = [word for word in words if len(word) >= MIN_LETTERS and word.islower() and word not in _COMMON]
    return " ".join(list(dict.fromkeys(telling))[:MAX_WORDS])
