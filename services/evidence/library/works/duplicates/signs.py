"""What two references agree and disagree in, each asked by itself."""

import re
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from services.evidence.library.works.duplicates.works import Person, Work, telling

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
"""Beginnings that turn a word into another with almost the same letters."""
PREPRINTS = ("10.1101/", "10.2139/", "10.20944/", "10.21203/", "10.31219/", "10.31234/", "10.31235/", "10.48550/")
"""DOI prefixes of bioRxiv and medRxiv, SSRN, Preprints.org, Research Square, OSF, PsyArXiv, SocArXiv and arXiv."""
VERSION = re.compile(r"(?:\.pub|[./]v)\d+$")
"""How Cochrane and preprint servers number the versions of one work at the end of its DOI."""
FEW_WORDS = 4
MISSPELT, NEARLY, ALIKE = 80.0, 90.0, 84.0


@dataclass(frozen=True, slots=True)
class Signs:
    """What two references agree and disagree in."""

    titles: Titles
    likeness: float
    people: Agreement
    years: int | None
    """How many lie between; None where one is not known."""
    venue: Agreement
    place: Agreement
    """Volume and first page."""
    identifier: Agreement
    version: bool
    """Whether the DOIs name two versions of one work."""
    preprint: bool
    """Whether one of them, and not the other, came out on a server of preprints."""
    first_online: bool
    """Whether one of them has no volume yet."""


def signs_of(a: Work, b: Work) -> Signs:
    """No order of the two changes them."""
    likeness = fuzz.ratio(a.title, b.title)
    return Signs(
        titles=compare_titles(a, b, likeness),
        likeness=likeness,
        people=compare_people(a, b),
        years=abs(a.year - b.year) if a.year and b.year else None,
        venue=compare_venues(a, b),
        place=compare_places(a, b),
        identifier=compare_identifiers(a, b),
        version=_two_versions(a, b),
        preprint=_preprint(a) != _preprint(b),
        first_online=bool(a.volume) != bool(b.volume),
    )


def surely_other_titles(a: Work, b: Work) -> bool:
    """Most pairs that share a key: what `compare_titles` would say, at a hundredth of the cost of all signs."""
    if a.title[:20] == b.title[:20]:
        return False
    return fuzz.ratio(a.title, b.title, score_cutoff=ALIKE) == 0 and a.title.replace(" ", "") != b.title.replace(
        " ", ""
    )


def compare_titles(a: Work, b: Work, likeness: float) -> Titles:
    """`nearly`: but for spelling. `longer`: one has a subtitle that the other lacks. `alike`: more than chance."""
    if not a.title or not b.title:
        return "different"
    if a.title == b.title or a.title.replace(" ", "") == b.title.replace(" ", ""):
        return "same"
    short, long = sorted((a.words, b.words), key=len)
    if len(telling(short)) >= FEW_WORDS and long[: len(short)] == short:
        return "longer"
    if likeness >= NEARLY and _differ_by_spelling(a.words, b.words):
        return "nearly"
    return "alike" if likeness >= ALIKE and not _opposed(a.words, b.words) else "different"


def _differ_by_spelling(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Each word that only one of them has is a spelling of a word that only the other has."""
    left, right = telling([word for word in a if word not in b]), telling([word for word in b if word not in a])
    if len(left) != len(right):
        return _written_apart(left, right)
    return all(_misspelt(mine, yours) for mine, yours in zip(left, right, strict=True))


def _written_apart(left: list[str], right: list[str]) -> bool:
    """`e health` and `ehealth`."""
    return "".join(left) == "".join(right)


def _misspelt(a: str, b: str) -> bool:
    if a.isdecimal() or b.isdecimal():
        return a == b
    return not _opposite(a, b) and fuzz.ratio(a, b) >= MISSPELT


def _opposed(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether a word of one is the opposite of a word of the other: `paid` and `unpaid`."""
    left, right = set(a) - set(b), set(b) - set(a)
    return any(_opposite(mine, yours) for mine in left for yours in right)


def _opposite(a: str, b: str) -> bool:
    return any(
        x.startswith(one) and y.startswith(other) and x[len(one) :] == y[len(other) :]
        for one, other in OPPOSITES
        for x, y in ((a, b), (b, a))
    )


def compare_people(a: Work, b: Work) -> Agreement:
    """Whether the first is the same, or those of the shorter list are, for the most part, on the longer one."""
    if not a.people or not b.people:
        return "unknown"
    if _same_person(a.people[0], b.people[0]):
        return "same"
    short, long = sorted((a.people, b.people), key=len)
    if sum(any(_same_person(one, other) for other in long) for one in short) * 2 > len(short):
        return "same"
    mine = frozenset[str]().union(*(person.words for person in short))
    yours = frozenset[str]().union(*(person.words for person in long))
    run_together = max(len(person.words) for person in (*short, *long)) > 5
    return "same" if run_together and len(mine & yours) * 5 >= 3 * min(len(mine), len(yours)) else "different"


def _same_person(a: Person, b: Person) -> bool:
    if a.key == b.key:
        return not (a.initial and b.initial) or a.initial == b.initial
    if set(a.key.split()) & b.words and set(b.key.split()) & a.words:
        return True
    return min(len(a.key), len(b.key)) > 3 and (a.key in b.words or b.key in a.words or fuzz.ratio(a.key, b.key) >= 85)


def compare_venues(a: Work, b: Work) -> Agreement:
    """Journals by their name or its usual abbreviation."""
    if not a.venue or not b.venue:
        return "unknown"
    if a.at_a_meeting != b.at_a_meeting:
        return "different"
    mine, yours = telling(a.venue.split()), telling(b.venue.split())
    if a.venue == b.venue or fuzz.ratio(a.venue, b.venue) >= NEARLY:
        return "same"
    return "same" if _abbreviates(mine, yours) or _abbreviates(yours, mine) else "different"


def _abbreviates(short: list[str], long: list[str]) -> bool:
    """`health soc care community` for `health and social care in the community`; a subtitle may be left away."""
    if not short or not long or short[0][0] != long[0][0]:
        return False
    if len(short) == 1 and short[0] == "".join(word[0] for word in long):
        return True
    rest = iter(long)
    return all(any(_shortens(word, full) for full in rest) for word in short)


def _shortens(word: str, full: str) -> bool:
    """`ctries` for `countries`: the same beginning, then letters of it in their order."""
    letters = iter(full)
    return word[0] == full[0] and all(letter in letters for letter in word)


def compare_places(a: Work, b: Work) -> Agreement:
    """Volume and first page. Pages counted from 1 before the volume is known are not the article's last word."""
    if a.volume and b.volume and a.volume != b.volume:
        return "different"
    if not (a.page and b.page):
        return "unknown"
    if a.page == b.page:
        known = (a.volume and b.volume) or not a.page.isdecimal() or int(a.page) > 1
        return "same" if known else "unknown"
    return "different" if bool(a.volume) == bool(b.volume) else "unknown"


def compare_identifiers(a: Work, b: Work) -> Agreement:
    if a.names & b.names:
        return "same"
    both = {scheme for scheme, _ in a.names} & {scheme for scheme, _ in b.names}
    return "different" if both else "unknown"


def _two_versions(a: Work, b: Work) -> bool:
    if a.names & b.names:
        return False
    stems = [{VERSION.sub("", doi) for doi in work.values("doi")} for work in (a, b)]
    return bool(stems[0] & stems[1])


def _preprint(work: Work) -> bool:
    return any(doi.startswith(PREPRINTS) for doi in work.values("doi"))
