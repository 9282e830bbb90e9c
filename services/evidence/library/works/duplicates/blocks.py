"""Which works are compared at all: those that share a key. A key says something only as long as few works have it."""

from collections.abc import Iterator
from hashlib import blake2b

from services.evidence.library.works.duplicates.works import Work, telling

MOST_ALIKE = 50
"""A key that more works share ("Editorial") is passed over: their other keys find what is to be found."""
WORDS_OF_START, WORDS_OF_END, LONGEST_WORDS = 4, 4, 3


def keys_of(work: Work) -> list[int]:
    """At most eight numbers of 64 bits, the same wherever and whenever they are made."""
    return sorted({_number(key) for key in _texts(work)})


def _texts(work: Work) -> Iterator[str]:
    words = telling(work.words)
    if words:
        yield f"start {' '.join(words[:WORDS_OF_START])}"
    if len(words) > WORDS_OF_START:
        yield f"end {' '.join(words[-WORDS_OF_END:])}"
        yield f"long {' '.join(sorted(sorted(set(words), key=lambda word: (-len(word), word))[:LONGEST_WORDS]))}"
    if work.page and work.volume and work.year:
        yield f"place {work.volume} {work.page} {work.year}"
    if work.first is None:
        return
    first = work.first.key
    if work.page and (work.volume or work.year):
        yield f"page {first} {work.page}"
    if work.year and words:
        # Two years, so that a work of the year before or after shares one.
        yield f"begin {first} {words[0]} {work.year}"
        yield f"begin {first} {words[0]} {work.year + 1}"


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
