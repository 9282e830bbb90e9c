"""The features of a pair of works: in what their references agree and disagree, each compared by itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from rapidfuzz import fuzz, process

from services.evidence.library.works.duplicates.works import Author, Work, content_words

K = TypeVar("K")
Agreement = Literal["same", "unknown", "different"]
Titles = Literal["same", "nearly", "longer", "alike", "different"]

OPPOSITES = (
    ("hyper", "hypo"),
    ("in", "out"),
    ("intra", "inter"),
    ("macro", "micro"),
    ("pre", "post"),
    ("over", "under"),
    ("", "fe"),
    ("", "in"),
    ("", "ir"),
    ("", "non"),
    ("", "un"),
    ("", "wo"),
)
"""Prefixes that turn a word into its opposite with almost the same letters."""
PREPRINT_PREFIXES = (
    "10.1101/",
    "10.2139/",
    "10.20944/",
    "10.21203/",
    "10.31219/",
    "10.31234/",
    "10.31235/",
    "10.48550/",
)
"""DOI prefixes of bioRxiv and medRxiv, SSRN, Preprints.org, Research Square, OSF, PsyArXiv, SocArXiv and arXiv."""
VERSION = re.compile(r"(?:\.pub|[./]v)\d+$")
"""How Cochrane and preprint servers number the versions of one work at the end of its DOI."""
SHORT_TITLE_WORDS = 4
MISSPELT_SIMILARITY, NEARLY_SIMILARITY, ALIKE_SIMILARITY = 80.0, 90.0, 84.0
"""Percent of the letters, by edit distance (rapidfuzz `ratio`)."""


@dataclass(frozen=True, slots=True)
class PairFeatures:
    """In what two references agree and disagree."""

    works: tuple[Work, Work]
    titles: Titles
    title_similarity: float
    authors: Agreement
    years_apart: int | None
    """None where one is not known."""
    venue: Agreement
    pages: Agreement
    """Volume and first page."""
    identifier: Agreement
    are_versions: bool
    """Whether the DOIs name two versions of one work."""
    one_is_preprint: bool
    """Whether one of them, and not the other, is on a preprint server."""
    one_has_no_volume: bool
    """Whether one of them was only published online so far."""


def features_of(a: Work, b: Work) -> PairFeatures:
    """Compare two works. The order of the two makes no difference."""
    title_similarity = fuzz.ratio(a.title, b.title)
    return PairFeatures(
        works=(a, b),
        titles=compare_titles(a, b, title_similarity),
        title_similarity=title_similarity,
        authors=compare_authors(a, b),
        years_apart=abs(a.year - b.year) if a.year and b.year else None,
        venue=compare_venues(a, b),
        pages=compare_pages(a, b),
        identifier=compare_identifiers(a, b),
        are_versions=_are_versions(a, b),
        one_is_preprint=_is_preprint(a) != _is_preprint(b),
        one_has_no_volume=bool(a.volume) != bool(b.volume),
    )


def have_different_titles(a: str, b: str) -> bool:
    """Return whether two titles (`Work.title`) are surely different, as of most pairs that share a key.

    It costs a hundredth of all features. False does not mean that the titles are alike: see `compare_titles`.
    """
    if a[:20] == b[:20] or fuzz.ratio(a, b, score_cutoff=ALIKE_SIMILARITY) > 0:
        return False
    return a[:1] != b[:1] or a.replace(" ", "") != b.replace(" ", "")


def not_surely_different(title: str, others: Mapping[K, str]) -> set[K]:
    """Return those of these titles that `have_different_titles` does not tell apart from this one.

    For many at a time: rapidfuzz compares them all in one call.
    """
    alike = process.extract(title, others, scorer=fuzz.ratio, score_cutoff=ALIKE_SIMILARITY, limit=None)
    keys: set[K] = {key for _, _, key in alike}
    begin, first, letters = title[:20], title[:1], title.replace(" ", "")
    for key, other in others.items():
        if other[:1] == first and (other[:20] == begin or other.replace(" ", "") == letters):
            keys.add(key)
    return keys


def compare_titles(a: Work, b: Work, similarity: float) -> Titles:
    """Compare titles. `nearly`: the same but for spelling. `longer`: one has a subtitle that the other lacks.

    `alike`: more similar than by chance.
    """
    if not a.title or not b.title:
        return "different"
    if a.title == b.title or a.title.replace(" ", "") == b.title.replace(" ", ""):
        return "same"
    short, long = sorted((a.words, b.words), key=len)
    if len(content_words(short)) >= SHORT_TITLE_WORDS and long[: len(short)] == short:
        return "longer"
    if similarity >= NEARLY_SIMILARITY and _differ_by_spelling(a.words, b.words):
        return "nearly"
    return "alike" if similarity >= ALIKE_SIMILARITY and not _have_opposites(a.words, b.words) else "different"


def _differ_by_spelling(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Return whether each word that only one of them has is a spelling of a word that only the other has."""
    only_a = content_words([word for word in a if word not in b])
    only_b = content_words([word for word in b if word not in a])
    if len(only_a) != len(only_b):
        return _have_same_letters(only_a, only_b)
    return all(_is_misspelling(word_a, word_b) for word_a, word_b in zip(only_a, only_b, strict=True))


def _have_same_letters(left: list[str], right: list[str]) -> bool:
    """Return whether they are like `e health` and `ehealth`."""
    return "".join(left) == "".join(right)


def _is_misspelling(a: str, b: str) -> bool:
    if a.isdecimal() or b.isdecimal():
        return a == b
    return not _are_opposites(a, b) and fuzz.ratio(a, b) >= MISSPELT_SIMILARITY


def _have_opposites(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Return whether a word of one is the opposite of a word of the other: `paid` and `unpaid`."""
    only_a, only_b = set(a) - set(b), set(b) - set(a)
    return any(_are_opposites(word_a, word_b) for word_a in only_a for word_b in only_b)


def _are_opposites(a: str, b: str) -> bool:
    return any(
        x.startswith(prefix) and y.startswith(opposite) and x[len(prefix) :] == y[len(opposite) :]
        for prefix, opposite in OPPOSITES
        for x, y in ((a, b), (b, a))
    )


def compare_authors(a: Work, b: Work) -> Agreement:
    """Compare authors: the same where the first is, or where most of the shorter list are on the longer one.

    Some databases run names together; then three fifths of the words of the shorter list must be in both.
    """
    if not a.authors or not b.authors:
        return "unknown"
    if _are_same_author(a.authors[0], b.authors[0]):
        return "same"
    short, long = sorted((a.authors, b.authors), key=len)
    shared_authors = sum(any(_are_same_author(author, other) for other in long) for author in short)
    if shared_authors * 2 > len(short):
        return "same"
    short_words = frozenset[str]().union(*(author.words for author in short))
    long_words = frozenset[str]().union(*(author.words for author in long))
    are_run_together = max(len(author.words) for author in (*short, *long)) > 5
    min_words = min(len(short_words), len(long_words))
    return "same" if are_run_together and len(short_words & long_words) * 5 >= 3 * min_words else "different"


def _are_same_author(a: Author, b: Author) -> bool:
    if a.key == b.key:
        return not (a.initial and b.initial) or a.initial == b.initial
    if set(a.key.split()) & b.words and set(b.key.split()) & a.words:
        return True
    return min(len(a.key), len(b.key)) > 3 and (a.key in b.words or b.key in a.words or fuzz.ratio(a.key, b.key) >= 85)


def compare_venues(a: Work, b: Work) -> Agreement:
    """Compare venues: journals by their name or its usual abbreviation."""
    if not a.venue or not b.venue:
        return "unknown"
    if a.is_conference_paper != b.is_conference_paper:
        return "different"
    words_a, words_b = content_words(a.venue.split()), content_words(b.venue.split())
    if a.venue == b.venue or fuzz.ratio(a.venue, b.venue) >= NEARLY_SIMILARITY:
        return "same"
    return "same" if _abbreviates(words_a, words_b) or _abbreviates(words_b, words_a) else "different"


def _abbreviates(short: list[str], long: list[str]) -> bool:
    """Return whether `short` is like `health soc care community` for `health and social care in the community`.

    A subtitle of the long form may be missing.
    """
    if not short or not long or short[0][0] != long[0][0]:
        return False
    if len(short) == 1 and short[0] == "".join(word[0] for word in long):
        return True
    rest = iter(long)
    return all(any(_shortens(word, full) for full in rest) for word in short)


def _shortens(word: str, full: str) -> bool:
    """Return whether a word is like `ctries` for `countries`: the same first letter, then letters in their order."""
    letters = iter(full)
    return word[0] == full[0] and all(letter in letters for letter in word)


def compare_pages(a: Work, b: Work) -> Agreement:
    """Compare volume and first page. Page 1 of a work without a volume is provisional, and proves nothing."""
    if a.volume and b.volume and a.volume != b.volume:
        return "different"
    if not (a.page and b.page):
        return "unknown"
    if a.page == b.page:
        is_final = (a.volume and b.volume) or not a.page.isdecimal() or int(a.page) > 1
        return "same" if is_final else "unknown"
    return "different" if bool(a.volume) == bool(b.volume) else "unknown"


def compare_identifiers(a: Work, b: Work) -> Agreement:
    """Compare identifiers: different only where both have one of the same scheme."""
    if a.identifiers & b.identifiers:
        return "same"
    shared_schemes = {scheme for scheme, _ in a.identifiers} & {scheme for scheme, _ in b.identifiers}
    return "different" if shared_schemes else "unknown"


def _are_versions(a: Work, b: Work) -> bool:
    if a.identifiers & b.identifiers:
        return False
    stems = [{VERSION.sub("", doi) for doi in work.identifiers_of("doi")} for work in (a, b)]
    return bool(stems[0] & stems[1])


def _is_preprint(work: Work) -> bool:
    return any(doi.startswith(PREPRINT_PREFIXES) for doi in work.identifiers_of("doi"))
