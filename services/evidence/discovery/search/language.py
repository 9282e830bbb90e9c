"""Words as they are indexed and asked for: English by its stems, Welsh by its radical forms too.

Welsh changes the first consonant of a word by what stands before it: gofal, ei ofal, fy ngofal are one word. Every word
of a Welsh text is kept under each form that it can be a mutation of, and a question is looked up under all of its own.
Rules: P. W. Thomas, Gramadeg y Gymraeg (1996), on soft, nasal and aspirate mutation and on h before vowels.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import product

from tantivy import Filter, PreTokenizedString, TextAnalyzer, TextAnalyzerBuilder, Token, Tokenizer

WORD = r"[^\W_]+(?:['\u2019][^\W_]+)*"
"""An apostrophe belongs to its word: "carer's" is one, at one place in a phrase. See `joined`."""
LONGEST_WORD = 60
WELSH = "cy:"
"""Before each Welsh form in the index, so that the English `fear` does not find the `bear` it could be in Welsh."""

GAP = "\u00b7"
"""Keeps the place of a word that is not indexed, so that phrases stay what they are."""
MOST_STEMS = 200_000

_words = re.compile(WORD)
_runs = re.compile(r"[^\W_]+")
_ASCII_WORDS = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128))
_apostrophe = re.compile(r"'(?<=[^\W_]')(?:[sS](?![^\W_])|(?=[^\W_]))")
_LETTER_APOSTROPHE = "\u02bc"
_leaning = re.compile(r"(?<=\w)'(?:n|r|m|i|u|w|th|ch)$")
_MUTATED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ngh", ("c",)),
    ("mh", ("p",)),
    ("nh", ("t",)),
    ("ng", ("g",)),
    ("ph", ("p",)),
    ("th", ("t",)),
    ("ch", ("c",)),
    ("dd", ("d",)),
    ("ff", ()),
    ("ll", ()),
    ("rh", ()),
    ("b", ("p",)),
    ("d", ("t",)),
    ("g", ("c",)),
    ("f", ("b", "m")),
    ("m", ("b",)),
    ("n", ("d",)),
    ("l", ("ll", "gl")),
    ("r", ("rh", "gr")),
)
_VOWELS = frozenset("aeiouwy")
_WELSH_STOPWORDS = frozenset(
    re.findall(
        r"\w+",
        """a ac ag ar am at bod bu chi dan dros efo ei eich ein eu er fe fel fod fy gan gyda hi hon hwn hyn i iddo iddi
        iddyn mae maen mewn mi na nac neu ni nid o oedd oes os pan pob roedd rhwng sut sy sydd trwy un wedi wrth y ydy
        ydyw yn yna yng ym yr yw""",
    )
)
_ASKING = frozenset(
    re.findall(
        r"\w+",
        """why what who whom whose how when which where do does did can could should would make makes made making
        i me my we our you your he his she her they them own
        beth pwy pam ble faint sawl cael caiff dw rwy rwyf rydw rydyn""",
    )
)
"""Words of questions rather than of what is asked for."""


def english() -> TextAnalyzer:
    """Stems without stop words."""
    return _analyzer(Filter.stopword("english"), Filter.stemmer("english"))


def stems() -> TextAnalyzer:
    """For what `stemmed` made of a text."""
    return TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.custom_stopword([GAP])).build()


def plain() -> TextAnalyzer:
    """Words as they are written, in lower case and without accents."""
    return _analyzer()


def joined(text: str) -> str:
    """What the analyzers take: without the English possessive, and every other apostrophe in a word a letter of it.

    Their tokenizer parts words wherever no letter or digit stands, which costs half of what a pattern would.
    """
    straight = text.replace("\u2019", "'")
    return _apostrophe.sub(_part_of_word, straight) if "'" in straight else text


def _part_of_word(found: re.Match[str]) -> str:
    return _LETTER_APOSTROPHE if found[0] == "'" else ""


def _analyzer(*more: Filter) -> TextAnalyzer:
    words = TextAnalyzerBuilder(Tokenizer.simple())
    for each in (Filter.remove_long(LONGEST_WORD), Filter.lowercase(), Filter.ascii_fold(), *more):
        words = words.filter(each)
    return words.build()


_english = english()
_plain = plain()


def names(text: str) -> list[str]:
    """The words of names as they are indexed: Will and An are names too, and no name is a form of another."""
    return _plain.analyze(joined(text))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str | None:
    """Of one English word; None for a stop word."""
    return next(iter(_english.analyze(joined(word))), None)


class _Stems(dict[str, str]):
    """What stands in the index for each word. A language has few of them beside the words of a library."""

    def __missing__(self, word: str) -> str:
        if len(self) >= MOST_STEMS:
            self.clear()
        found = self[word] = next(iter(_english.analyze(word)), GAP)
        return found


_stem_of = _Stems().__getitem__


def stemmed(text: str) -> str:
    """Each word by its stem, a stop word by a gap.

    To look a stem up costs a fifth of what it costs the index to find it anew for each word.
    """
    whole = joined(text)
    words = whole.translate(_ASCII_WORDS).split() if whole.isascii() else _runs.findall(whole)
    return " ".join(map(_stem_of, words))


@lru_cache(maxsize=100_000)
def radicals(word: str) -> tuple[str, ...]:
    """The word in lower case without accents, and every Welsh word that it can be a mutation of."""
    word = folded(word)
    forms = [word]
    if len(word) < 2 or not word[0].isalpha():
        return (word,)
    for begins, radical in _MUTATED:
        if word.startswith(begins):
            rest = word[len(begins) :]
            forms += [each + rest for each in radical if rest]
            break
    if word[0] in _VOWELS:
        forms.append(f"g{word}")
    elif word[0] == "h" and word[1] in _VOWELS:
        forms.append(word[1:])
    return tuple(forms)


def folded(word: str) -> str:
    """In lower case without accents, and without the little Welsh word that leans on it: teulu'r, sy'n, a'm."""
    plain = unicodedata.normalize("NFKD", word.lower())
    straight = "".join(letter for letter in plain if not unicodedata.combining(letter)).replace("\u2019", "'")
    return _leaning.sub("", straight)


@lru_cache(maxsize=100_000)
def welsh_terms(word: str) -> tuple[str, ...]:
    return tuple(f"{WELSH}{form}" for form in radicals(word))


@lru_cache(maxsize=100_000)
def terms(word: str) -> tuple[str, ...]:
    """Under what a question looks for this word; nothing for a word that says nothing in either language."""
    if len(word) > LONGEST_WORD:
        return ()
    found = stem(word)
    if found is None or says_nothing_in_welsh(word):
        return () if found is None else (found,)
    return (found, *welsh_terms(word))


def says_nothing_in_welsh(word: str) -> bool:
    return folded(word) in _WELSH_STOPWORDS


def says_little(word: str) -> bool:
    """Whether the word only holds a question together. It is still found in a phrase."""
    return folded(word) in _WELSH_STOPWORDS or folded(word) in _ASKING


def is_welsh(language: str) -> bool:
    return language == "cy" or language.startswith("cy-")


def words(text: str) -> list[str]:
    return _words.findall(text)


def places(text: str) -> list[tuple[str, int, int]]:
    """Each word, and where it begins and ends."""
    return [(found[0], found.start(), found.end()) for found in _words.finditer(text)]


def tokens(text: str) -> PreTokenizedString:
    """A Welsh text as it is indexed: each word by its English stem, for names and borrowed words, and its radicals."""
    found: list[Token] = []
    for position, (word, begin, end) in enumerate(places(text)):
        if len(word) <= LONGEST_WORD:
            found += [Token(term, position, begin, end) for term in terms(word)]
    return PreTokenizedString(text, found)


def phrases(text: str, most: int = 16) -> list[list[tuple[int, str]]]:
    """The ways in which a phrase can stand in the index: its English stems, and the forms of its Welsh words."""
    given = words(text)
    stems = [(place, stem(word)) for place, word in enumerate(given)]
    kept = [(place, each) for place, each in stems if each is not None]
    ways = [kept] if kept else []
    forms = [
        [(place, form) for form in welsh_terms(word)]
        for place, word in enumerate(given)
        if stem(word) is not None and not says_nothing_in_welsh(word)
    ]
    for number, way in enumerate(product(*forms) if forms else ()):
        if number == most:
            break
        ways.append(list(way))
    return ways
