"""The words of a text as they are compared: what looks alike counts as the same, and what nobody sees does not count.

So a copy is recognised in another typing, and in the cheaper disguises: letters of other alphabets that look like ours
(`look_alikes.py`, from Unicode's own table), digits and signs for letters (`h3r m0th3r`), soft hyphens and characters
without width, letters spaced out or words run together.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

from services.evidence.library.items.words.look_alikes import LOOK_ALIKES

_WORDS = re.compile(r"[^\W_]+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_DIGITS = str.maketrans("01i3457@$", "olleastas")
_ASCII = "".join(
    letter.lower() if letter.isalnum() or ord(letter) in _DIGITS else " " for letter in map(chr, range(128))
).translate(_DIGITS)
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u17b4\u17b5")
"""Letters without a shape (Default_Ignorable_Code_Point), beside marks and format characters."""
_LETTERS = {character: letter for letter, characters in LOOK_ALIKES.items() for character in characters}
MIN_STREAM_WORDS = 12
"""So many single letters in a row are no sentence."""
MAX_WORD_CHARACTERS = 30
"""A longer one is several, run together."""


def words_of(text: str) -> list[str]:
    """Return the words, in lower case and without accents."""
    if text.isascii():
        return text.translate(_ASCII).split()
    return _WORDS.findall(_plain(text).translate(_DIGITS))


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _NOT_ASCII.sub(lambda match: _letter(match[0]), unicodedata.normalize("NFKD", folded))


@lru_cache(maxsize=10_000)
def _letter(character: str) -> str:
    """Return the letter that it looks like, nothing for a character that only changes others or is not seen."""
    if character in _INVISIBLE or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return ""
    return _LETTERS.get(character, character)


def letters_of(words: Sequence[str]) -> str:
    """Return the letters of the words without what separates them."""
    return "".join(words)


def hidden_streams(words: Sequence[str]) -> list[str]:
    """Return the letters that are spaced out, and those of words run together: there, no words can be compared."""
    lengths = list(map(len, words))
    if lengths.count(1) < MIN_STREAM_WORDS and max(lengths) < MAX_WORD_CHARACTERS:
        return []
    runs = (list(run) for is_hidden, run in groupby(words, key=_is_hidden) if is_hidden)
    return [letters_of(run) for run in runs if len(run) >= MIN_STREAM_WORDS or len(run[0]) > 1]


def _is_hidden(word: str) -> bool:
    return len(word) == 1 or len(word) >= MAX_WORD_CHARACTERS
