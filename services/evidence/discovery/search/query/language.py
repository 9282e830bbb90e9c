"""Words as they are indexed and searched for: English words by their stems, Welsh words by their radical forms too.

Welsh changes the first consonant of a word according to the word before it: gofal, ei ofal and fy ngofal are one word.
Each word of a Welsh text is indexed under every form that it can be a mutation of, and each word of a query is looked
up under all of its own.
Rules: P. W. Thomas, Gramadeg y Gymraeg (1996), on soft, nasal and aspirate mutation and on h before vowels.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import product

from tantivy import Filter, PreTokenizedString, TextAnalyzer, TextAnalyzerBuilder, Token, Tokenizer

WORD = r"[^\W_]+(?:['\u2019][^\W_]+)*"
"""An apostrophe belongs to its word: "carer's" is one word, at one position of a phrase. See `join_apostrophes`."""
MAX_WORD_CHARACTERS = 60
WELSH_PREFIX = "cy:"
"""Prefix of each Welsh form in the index, so that the English `fear` does not match the `bear` it could be in Welsh."""

GAP = "\u00b7"
"""Holds the position of a word that is not indexed, so that the positions of a phrase stay what they are."""
MAX_CACHED_STEMS = 200_000

_words = re.compile(WORD)
_runs = re.compile(r"[^\W_]+")
_ASCII_WORDS = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128))
_apostrophe = re.compile(r"'(?<=[^\W_]')(?:[sS](?![^\W_])|(?=[^\W_]))")
_LETTER_APOSTROPHE = "\u02bc"
_enclitic = re.compile(r"(?<=\w)'(?:n|r|m|i|u|w|th|ch)$")
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
_QUESTION_WORDS = frozenset(
    re.findall(
        r"\w+",
        """why what who whom whose how when which where do does did can could should would make makes made making
        i me my we our you your he his she her they them own
        beth pwy pam ble faint sawl cael caiff dw rwy rwyf rydw rydyn""",
    )
)
"""Words of a question that do not tell its subject."""


def english_analyzer() -> TextAnalyzer:
    """Return the analyzer of English words: their stems, without stop words."""
    return _analyzer(Filter.stopword("english"), Filter.stemmer("english"))


def stems_analyzer() -> TextAnalyzer:
    """Return the analyzer of text that `stem_text` has stemmed already."""
    return TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.custom_stopword([GAP])).build()


def plain_analyzer() -> TextAnalyzer:
    """Return the analyzer of words as they are written, in lower case and without accents."""
    return _analyzer()


def join_apostrophes(text: str) -> str:
    """Return the text for the analyzers: the English possessive removed, other apostrophes within words made letters.

    The analyzers' tokenizer splits at everything but letters and digits, which costs half as much as a pattern would.
    """
    straight = text.replace("\u2019", "'")
    return _apostrophe.sub(_as_letter, straight) if "'" in straight else text


def _as_letter(match: re.Match[str]) -> str:
    return _LETTER_APOSTROPHE if match[0] == "'" else ""


def _analyzer(*more: Filter) -> TextAnalyzer:
    builder = TextAnalyzerBuilder(Tokenizer.simple())
    for token_filter in (Filter.remove_long(MAX_WORD_CHARACTERS), Filter.lowercase(), Filter.ascii_fold(), *more):
        builder = builder.filter(token_filter)
    return builder.build()


_english = english_analyzer()
_plain = plain_analyzer()


def name_terms(text: str) -> list[str]:
    """Return the terms of a person's name: no stop words (Will and An are names too) and no stems."""
    return _plain.analyze(join_apostrophes(text))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str | None:
    """Return the stem of an English word; None for a stop word."""
    return next(iter(_english.analyze(join_apostrophes(word))), None)


class _StemCache(dict[str, str]):
    """The indexed form of each word. A language has few words, which occur many times in a library."""

    def __missing__(self, word: str) -> str:
        if len(self) >= MAX_CACHED_STEMS:
            self.clear()
        stemmed = self[word] = next(iter(_english.analyze(word)), GAP)
        return stemmed


_cached_stem = _StemCache().__getitem__


def stem_text(text: str) -> str:
    """Return the text with each word replaced by its stem, and each stop word by a gap.

    Looking a stem up costs a fifth of what it costs the index to compute it for each occurrence.
    """
    joined = join_apostrophes(text)
    words = joined.translate(_ASCII_WORDS).split() if joined.isascii() else _runs.findall(joined)
    return " ".join(map(_cached_stem, words))


@lru_cache(maxsize=100_000)
def radicals(word: str) -> tuple[str, ...]:
    """Return the word in lower case without accents, and every Welsh word that it can be a mutation of."""
    word = fold(word)
    forms = [word]
    if len(word) < 2 or not word[0].isalpha():
        return (word,)
    for mutated, radical_consonants in _MUTATED:
        if word.startswith(mutated):
            rest = word[len(mutated) :]
            forms += [consonant + rest for consonant in radical_consonants if rest]
            break
    if word[0] in _VOWELS:
        forms.append(f"g{word}")
    elif word[0] == "h" and word[1] in _VOWELS:
        forms.append(word[1:])
    return tuple(forms)


def fold(word: str) -> str:
    """Return the word in lower case, without accents and without a Welsh enclitic: teulu'r, sy'n, a'm."""
    decomposed = unicodedata.normalize("NFKD", word.lower())
    straight = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).replace("\u2019", "'")
    return _enclitic.sub("", straight)


@lru_cache(maxsize=100_000)
def welsh_terms(word: str) -> tuple[str, ...]:
    """Return the terms of the index under which the Welsh forms of a word stand."""
    return tuple(f"{WELSH_PREFIX}{form}" for form in radicals(word))


@lru_cache(maxsize=100_000)
def terms(word: str) -> tuple[str, ...]:
    """Return the terms of the index that match a word of a query; none for a stop word of English."""
    if len(word) > MAX_WORD_CHARACTERS:
        return ()
    stemmed = stem(word)
    if stemmed is None or is_welsh_stop_word(word):
        return () if stemmed is None else (stemmed,)
    return (stemmed, *welsh_terms(word))


def is_welsh_stop_word(word: str) -> bool:
    """Return whether the word is too common in Welsh to be indexed."""
    return fold(word) in _WELSH_STOPWORDS


def is_function_word(word: str) -> bool:
    """Return whether the word does not tell the subject of a question. It still counts within a phrase."""
    return fold(word) in _WELSH_STOPWORDS or fold(word) in _QUESTION_WORDS


def is_welsh(language: str) -> bool:
    """Return whether a language tag (BCP 47) is Welsh."""
    return language == "cy" or language.startswith("cy-")


def split_words(text: str) -> list[str]:
    """Return the words of a text, in their order."""
    return _words.findall(text)


def word_spans(text: str) -> list[tuple[str, int, int]]:
    """Return each word with its start and end offset."""
    return [(match[0], match.start(), match.end()) for match in _words.finditer(text)]


def welsh_tokens(text: str) -> PreTokenizedString:
    """Tokenize a Welsh text: each word as its English stem, for names and borrowed words, and as its radicals."""
    tokens: list[Token] = []
    for position, (word, start, end) in enumerate(word_spans(text)):
        if len(word) <= MAX_WORD_CHARACTERS:
            tokens += [Token(term, position, start, end) for term in terms(word)]
    return PreTokenizedString(text, tokens)


def phrase_variants(text: str, limit: int = 16) -> list[list[tuple[int, str]]]:
    """Return the forms in which a phrase can stand in the index, each as positions and terms.

    One is of its English stems, the others combine the forms of its Welsh words.
    """
    words = split_words(text)
    stems = [(position, stem(word)) for position, word in enumerate(words)]
    english = [(position, term) for position, term in stems if term is not None]
    variants = [english] if english else []
    welsh_forms = [
        [(position, form) for form in welsh_terms(word)]
        for position, word in enumerate(words)
        if stem(word) is not None and not is_welsh_stop_word(word)
    ]
    for number, variant in enumerate(product(*welsh_forms) if welsh_forms else ()):
        if number == limit:
            break
        variants.append(list(variant))
    return variants
