"""Blocking keys: only works that share one are compared. A key is useful only as long as few works have it."""

from collections.abc import Iterator
from hashlib import blake2b

from services.evidence.library.works.duplicates.works import Work, content_words

MAX_BLOCK_WORKS = 50
"""A key that more works share ("Editorial") is ignored: their other keys find what is to be found."""
START_WORDS, END_WORDS, LONGEST_WORDS = 4, 4, 3


def keys_of(work: Work) -> list[int]:
    """Return at most eight numbers of 64 bits, the same on every machine and at all times."""
    digests = {blake2b(key.encode(), digest_size=8).digest() for key in _keys(work)}
    return sorted(int.from_bytes(digest, "big", signed=True) for digest in digests)


def _keys(work: Work) -> Iterator[str]:
    words = content_words(work.words)
    if words:
        yield f"start {' '.join(words[:START_WORDS])}"
    if len(words) > START_WORDS:
        yield f"end {' '.join(words[-END_WORDS:])}"
        # The sort is stable: of words of one length, the first in the alphabet come first.
        longest = sorted(sorted(set(words)), key=len, reverse=True)[:LONGEST_WORDS]
        yield f"long {' '.join(sorted(longest))}"
    if work.page and work.volume and work.year:
        yield f"place {work.volume} {work.page} {work.year}"
    if work.first_author is None:
        return
    first_author = work.first_author.key
    if work.page and (work.volume or work.year):
        yield f"page {first_author} {work.page}"
    if work.year and words:
        # Two years, so that a work of the year before or after shares one.
        yield f"begin {first_author} {words[0]} {work.year}"
        yield f"begin {first_author} {words[0]} {work.year + 1}"
