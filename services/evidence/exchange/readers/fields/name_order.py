"""Whether the names of a file that are written without a comma begin with the surname, judged over the whole file.

`Okoro Ada B` shows that surnames come first, and `Ada B Okoro` that given names do; `Okoro Ada` shows nothing, but is
written like the others. Where a file shows neither, or both, such names stay as they are.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.evidence.exchange.readers.fields.person_names import invert_given_first

MIN_WEIGHT = 2
MIN_MAJORITY = 4
"""How many times heavier the signs of one order must be than those of the other."""
MIN_SHARE = 0.1
"""The least share of names with a sign among those without a comma: a few others may be organisations."""
MAX_WORDS = 5
_INITIAL = re.compile(r"[A-Z]\.?|(?:[A-Z]\.-?){2,4}")
_INITIALS = re.compile(r"[A-Z]{2,3}")
_NAME = re.compile(r"[^\W\d_][^\W\d_.'\u2019\u2010-]*(?:[-'\u2019\u2010][^\W\d_]+)*\.?")
_PARTICLE_WORDS = "al bin da de del della den der di dos du el la le ten ter van von zu y"
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_ACRONYM_WORDS = "AIDS BMA CQC DHSC EU GB GP LGA NHS NI NICE OECD PA SCIE UK UN UNDP US USA WHO"
_ACRONYMS = frozenset(_ACRONYM_WORDS.split())
_WORDS_OF_ORGANISATIONS = (
    "academy age aging agency alliance alzheimer's alzheimers america and assembly assistance assoc association "
    "associates australia authority board britain bureau cabinet canada care carers center centre centres charity "
    "children's church citizens city coalition collaboration collaborative college commission committee community "
    "company confederation consortium consulting council county court database department dept directorate "
    "disability division economics education england europe european executive faculty federation for forum "
    "foundation from fund global government great group health healthcare healthwatch home homes hospital house "
    "housing improvement in inc independent initiative innovation insight inspectorate institut institute "
    "institution international investigators ireland joint journal justice kingdom lab laboratory law learning "
    "limited local london ltd management medical medicine mental ministry national network news northern nursing "
    "of office older on ombudsman organisation organization panel parliament partners partnership party people "
    "people's planning plc policy press programme program project public publishing report research resource "
    "review royal rights school science sciences scotland scottish secretary section senate service services "
    "skills social societies society state states statistics strategy studies study support task taskforce team "
    "the think trust trustees union unit united universities university wales welfare welsh with women's work "
    "workers working world young youth"
)
_OF_ORGANISATIONS = frozenset(_WORDS_OF_ORGANISATIONS.split())


@dataclass(frozen=True, slots=True)
class NameSigns:
    """What the names of a file show of their order, and how many have no comma."""

    surname_first: int = 0
    given_first: int = 0
    without_comma: int = 0

    def __add__(self, other: "NameSigns") -> "NameSigns":
        return NameSigns(
            self.surname_first + other.surname_first,
            self.given_first + other.given_first,
            self.without_comma + other.without_comma,
        )

    @property
    def surname_comes_first(self) -> bool | None:
        """Whether the surname comes first in these names; None where they do not show it."""
        most, least = max(self.surname_first, self.given_first), min(self.surname_first, self.given_first)
        if most < max(MIN_WEIGHT, MIN_WEIGHT * MIN_SHARE * self.without_comma) or most < MIN_MAJORITY * least:
            return None
        return self.surname_first > self.given_first


def undecided(*lists: list[str]) -> list[str]:
    """Return those names of these lists that look like a person's and have no comma."""
    names: list[str] = []
    for people in lists:
        for name in people:
            if "," not in name and is_undecided(name):
                names.append(name)  # noqa: PERF401  most records have none, which this sees soonest
    return names


def is_undecided(name: str) -> bool:
    """Return whether a name without a comma looks like a person's whole name."""
    words = name.split()
    if not 1 < len(words) <= MAX_WORDS or not _OF_ORGANISATIONS.isdisjoint(name.lower().split()):
        return False
    if words[-1] in _ACRONYMS or words[0] in _ACRONYMS:
        return False
    return all(_NAME.fullmatch(word) and (not word[0].islower() or word in _PARTICLES) for word in words)


def signs_of(names: Iterable[str]) -> NameSigns:
    """Return what these names show. Each is undecided by itself."""
    surname_first = given_first = count = 0
    for name in names:
        count += 1
        first, *middle, last = name.split()
        if _INITIAL.fullmatch(last):
            surname_first += 2 if len(first) > 1 else 0
        elif _INITIAL.fullmatch(first) or any(_INITIAL.fullmatch(word) for word in middle):
            given_first += 2
        elif _INITIALS.fullmatch(last) and not first.isupper():
            surname_first += 1
        elif _INITIALS.fullmatch(first) and not last.isupper():
            given_first += 1
    return NameSigns(surname_first, given_first, count)


def ordered(name: str, *, surname_comes_first: bool) -> str:
    """Return `Okoro, Ada B` for a name that is undecided by itself."""
    if not surname_comes_first:
        return invert_given_first(name)
    words = name.split()
    end = next((index for index, word in enumerate(words) if word not in _PARTICLES), 0) + 1
    return f"{' '.join(words[:end])}, {' '.join(words[end:])}" if end < len(words) else name
