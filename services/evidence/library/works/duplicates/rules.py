"""Whether two references are of one work, said in words that a person can check.

Nothing is merged by these rules: `duplicate` and `maybe` are put before an editor. What speaks against is heard first,
since a wrong merge costs more than a second look.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from uuid import UUID

from services.evidence.library.works.duplicates.problems import NotAMember, NothingDecided
from services.evidence.library.works.duplicates.signs import FEW_WORDS, Signs, signs_of, surely_other_titles
from services.evidence.library.works.duplicates.works import ABOUT_OTHERS, Work

Judgement = Literal["duplicate", "maybe", "different"]
Pair = tuple[UUID, UUID]
"""Two items, the smaller id first."""
MOST_MEMBERS = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """`likeness`: of the titles, 0 to 100. `reasons`: plain sentences, what decided it last."""

    judgement: Judgement
    likeness: int
    reasons: list[str] = field(default_factory=list[str])


APART = Verdict("different", 0, ["One of them is no longer there."])


OTHER_TITLES = Verdict("different", 0, ["The titles differ."])


def pair(one: UUID, other: UUID) -> Pair:
    return (one, other) if one < other else (other, one)


def components(edges: Iterable[Pair]) -> list[set[UUID]]:
    """What hangs together, at most `MOST_MEMBERS` in one group: nobody can look at more side by side."""
    group_of: dict[UUID, set[UUID]] = {}
    for low, high in sorted(edges):
        left, right = group_of.setdefault(low, {low}), group_of.setdefault(high, {high})
        if left is right or len(left) + len(right) > MOST_MEMBERS:
            continue
        left |= right
        for member in right:
            group_of[member] = left
    unique = {id(group): group for group in group_of.values() if len(group) > 1}
    return sorted(unique.values(), key=min)


class Side(Protocol):
    """A member of a group, as far as choosing asks."""

    @property
    def id(self) -> UUID: ...
    @property
    def state(self) -> str: ...
    @property
    def details(self) -> Mapping[str, Any]: ...


def best(members: Iterable[Side]) -> UUID | None:
    """Which had best stand for the others: what is published, then what has a DOI, then what says most, then age."""

    def order(side: Side) -> tuple[bool, bool, int, UUID]:
        has_doi = any(one["scheme"] == "doi" for one in side.details.get("identifiers") or ())
        said = sum(value not in (None, "", []) for value in side.details.values())
        return side.state != "published", not has_doi, -said, side.id

    ordered = sorted(members, key=order)
    return ordered[0].id if ordered else None


def check_decision(
    members: Iterable[UUID], into: UUID | None, merged: Collection[UUID], different: Collection[UUID]
) -> None:
    """Raises NothingDecided or NotAMember."""
    if into is None and not different:
        raise NothingDecided
    named = {*merged, *different, *([into] if into else [])}
    if not named <= set(members):
        raise NotAMember
    if into is not None and (not merged or into in merged):
        raise NothingDecided("Name at least one other item that is to go into the one that stays.")
    if not set(different).isdisjoint(merged):
        raise NothingDecided("An item is either the same as others or a work of its own: it is named as both.")


def compare(a: Work, b: Work) -> Verdict:
    """What the references themselves say; no order of the two changes it."""
    if not a.names & b.names and surely_other_titles(a, b):
        return OTHER_TITLES
    signs = signs_of(a, b)
    judgement, last = _judged(a, b, signs)
    return Verdict(judgement, int(signs.likeness), [*_told(signs), last])


def _judged(a: Work, b: Work, signs: Signs) -> tuple[Judgement, str]:
    if signs.identifier == "same":
        if signs.titles == "different" and signs.people != "same":
            return "different", "They share an identifier, but nothing else: one of them has the wrong one."
        return "duplicate", "They share an identifier."
    if signs.titles == "different":
        return "different", "The titles differ."
    for objection in OBJECTIONS:
        if (found := objection(a, b, signs)) is not None:
            return found
    return _supported(a, b, signs)


Objection = tuple[Judgement, str] | None


def _one_is_about_the_other(a: Work, b: Work, signs: Signs) -> Objection:
    if ABOUT_OTHERS & set(a.words) == ABOUT_OTHERS & set(b.words):
        return None
    judgement: Judgement = "maybe" if signs.place == "same" and signs.people == "same" else "different"
    return judgement, "One is a reply, correction, review or protocol by its title; the other is not."


def _only_alike(a: Work, b: Work, signs: Signs) -> Objection:
    """Two translations of a title, or a slip in one. Abstracts share pages, which then have a letter."""
    if signs.titles != "alike" or (signs.place == "same" and signs.people == "same" and a.page.isdecimal()):
        return None
    return "different", "The titles differ."


def _parts(a: Work, b: Work, signs: Signs) -> Objection:
    if a.numbers == b.numbers:
        return None
    if (a.numbers and b.numbers) or signs.place != "same":
        return "different", "The titles count different parts, years or editions."
    return "maybe", "One title has a number that the other has not."


def _other_people(a: Work, b: Work, signs: Signs) -> Objection:
    if signs.people != "different":
        return None
    if signs.titles == "same" and signs.place == "same":
        return "maybe", "Title and pages agree, but the authors are not the same."
    return "different", "They are by different people."


def _other_identifiers(a: Work, b: Work, signs: Signs) -> Objection:
    if signs.identifier != "different" or signs.version:
        return None
    if signs.titles == "same" and signs.people == "same" and signs.preprint:
        return "maybe", "One is a preprint, the other may be the article that came of it."
    if signs.titles != "longer" and signs.place == "same" and signs.venue != "different":
        return "maybe", "They have different identifiers, but stand on the same page."
    return "different", "They have different identifiers."


def _other_venue(a: Work, b: Work, signs: Signs) -> Objection:
    if signs.titles == "same" and signs.place == "same" and not signs.years:
        return None
    alike = signs.titles == "same" and signs.people == "same" and (signs.years or 0) <= 1
    if signs.venue == "different":
        reason = "They came out in different places: a conference paper and its article, perhaps."
        return ("maybe" if alike else "different"), reason
    if a.at_a_meeting != b.at_a_meeting and signs.years != 0:
        return ("maybe" if alike else "different"), "One was given at a conference, the other came out in another year."
    return None


def _other_year(a: Work, b: Work, signs: Signs) -> Objection:
    if not signs.years or signs.place == "same":
        return None
    if a.at_a_meeting and b.at_a_meeting:
        return "different", "They were given at meetings of different years."
    if signs.titles == "same" and signs.years == 1 and signs.people == "same":
        if signs.version or (signs.venue == "same" and signs.first_online):
            return None
        if signs.place == "unknown":
            return "maybe", "A year lies between them."
    return "different", "They came out in different years."


def _other_place(a: Work, b: Work, signs: Signs) -> Objection:
    if signs.place == "different" and not signs.version:
        return "different", "They stand in different volumes or on different pages."
    return None


def _says_little(a: Work, b: Work, signs: Signs) -> Objection:
    if len(a.words) >= FEW_WORDS and len(b.words) >= FEW_WORDS:
        return None
    if signs.place == "same":
        return None
    if signs.people == "same" and signs.years == 0 and signs.venue == "same":
        return "maybe", "So short a title may be that of many works."
    return "different", "So short a title may be that of many works."


OBJECTIONS: tuple[Callable[[Work, Work, Signs], Objection], ...] = (
    _only_alike,
    _one_is_about_the_other,
    _parts,
    _other_people,
    _other_identifiers,
    _other_venue,
    _other_year,
    _other_place,
    _says_little,
)


def _supported(a: Work, b: Work, signs: Signs) -> tuple[Judgement, str]:
    """Nothing speaks against: how much speaks for it."""
    if signs.place == "same" and (signs.people == "same" or signs.titles == "same"):
        return "duplicate", "They stand on the same page of the same volume."
    if signs.people == "unknown":
        known = signs.titles == "same" and signs.years == 0 and signs.venue == "same"
        return ("duplicate" if known else "maybe"), "The authors of one are not known."
    if signs.titles == "same":
        return "duplicate", "Title and authors agree, and nothing speaks against it."
    if signs.titles == "nearly" and signs.years == 0:
        reason = "The titles differ by a spelling; authors and year agree."
        return ("duplicate" if signs.venue == "same" else "maybe"), reason
    return "maybe", "One title goes on where the other ends; no page says that they are one."


def _told(signs: Signs) -> list[str]:
    """The agreements, as an editor reads them."""
    payload = {
        "same": "The titles are the same.",
        "nearly": "The titles differ by a spelling.",
        "longer": "One title goes on where the other ends.",
        "alike": "The titles are alike.",
        "different": "The titles differ.",
    }
    said = [payload[signs.titles]]
    if signs.people == "same":
        said.append("The authors agree.")
    if signs.years == 0:
        said.append("They are of the same year.")
    if signs.venue == "same":
        said.append("They came out in the same journal, book or series.")
    if signs.version:
        said.append("Their DOIs name two versions of one work.")
    return said
