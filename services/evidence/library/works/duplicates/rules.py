"""Whether two references describe the same work, with reasons that a person can check.

Nothing is merged by these rules: `duplicate` and `maybe` are put before an editor. Objections come first, since a wrong
merge costs more than a second look.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from uuid import UUID

from services.evidence.library.items.tables import ItemStatus
from services.evidence.library.works.duplicates.features import (
    SHORT_TITLE_WORDS,
    PairFeatures,
    features_of,
    have_different_titles,
    not_surely_different,
)
from services.evidence.library.works.duplicates.tables import GroupStatus
from services.evidence.library.works.duplicates.works import ABOUT_OTHERS, ComparedTitle, Work
from shared.problems import Conflict, Invalid

Judgement = Literal["duplicate", "maybe", "different"]
Pair = tuple[UUID, UUID]
"""Two items, the smaller id first."""
MAX_MEMBERS = 100


class GroupDecided(Conflict):
    title = "This group has been decided already"
    detail = "Somebody decided it before you. What they merged is at /v1/merges and can be undone there."


class NothingDecided(Invalid):
    title = "Say what these items are"
    detail = (
        "Send `merge` with the item that is to stand for the others, or `different` with those that are works of "
        "their own."
    )


class NotAMember(Invalid):
    title = "Some of these items are not in the group"
    detail = "Read the group again: it may have changed since. Decide about its members alone."


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """`title_similarity`: 0 to 100. `reasons`: plain sentences, the last of which decided."""

    judgement: Judgement
    title_similarity: int
    reasons: list[str] = field(default_factory=list[str])


MEMBER_GONE = PairVerdict("different", 0, ["One of them is no longer there."])
DIFFERENT_TITLES = PairVerdict("different", 0, ["The titles differ."])


def pair(a: UUID, b: UUID) -> Pair:
    """Return the pair of two items."""
    return (a, b) if a < b else (b, a)


def components(edges: Iterable[Pair]) -> list[set[UUID]]:
    """Return the connected components, of at most `MAX_MEMBERS` each: nobody can compare more side by side."""
    group_of: dict[UUID, set[UUID]] = {}
    for low, high in sorted(edges):
        left, right = group_of.setdefault(low, {low}), group_of.setdefault(high, {high})
        if left is right or len(left) + len(right) > MAX_MEMBERS:
            continue
        left |= right
        for member in right:
            group_of[member] = left
    unique = {id(group): group for group in group_of.values() if len(group) > 1}
    return sorted(unique.values(), key=min)


class GroupMember(Protocol):
    """What the rules need of a member of a group."""

    @property
    def id(self) -> UUID: ...
    @property
    def status(self) -> ItemStatus: ...
    @property
    def details(self) -> Mapping[str, Any]: ...


def best_survivor(members: Iterable[GroupMember]) -> UUID | None:
    """Return the member to stand for the others: a published one, then one with a DOI, the fullest, the oldest."""

    def order(member: GroupMember) -> tuple[bool, bool, int, UUID]:
        has_doi = any(name["scheme"] == "doi" for name in member.details.get("identifiers") or ())
        filled_fields = sum(value not in (None, "", []) for value in member.details.values())
        return member.status != "published", not has_doi, -filled_fields, member.id

    ordered = sorted(members, key=order)
    return ordered[0].id if ordered else None


def check_undecided(status: GroupStatus) -> None:
    """Refuse a group that has been decided. Raises GroupDecided."""
    if status == "decided":
        raise GroupDecided


def check_decision(
    members: Iterable[UUID], into: UUID | None, merged: Collection[UUID], different: Collection[UUID]
) -> None:
    """Refuse a decision about nothing, about others than the members, or one that contradicts itself.

    Raises NothingDecided, NotAMember.
    """
    if into is None and not different:
        raise NothingDecided
    decided = {*merged, *different, *([into] if into else [])}
    if not decided <= set(members):
        raise NotAMember
    if into is not None and (not merged or into in merged):
        raise NothingDecided("Name at least one other item to merge into the one that stays.")
    if not set(different).isdisjoint(merged):
        raise NothingDecided("An item is either merged or a work of its own: one of these is named as both.")


def possible_duplicates(work: ComparedTitle, others: Mapping[UUID, ComparedTitle]) -> set[UUID]:
    """Return those works that `compare` does not find different by their titles and identifiers alone."""
    possible = not_surely_different(work.title, {item: other.title for item, other in others.items()})
    for identifier in work.identifiers.split():
        # Also of a longer one that contains it: those are then compared as a whole.
        possible.update(item for item, other in others.items() if identifier in other.identifiers)
    return possible


def compare(a: Work, b: Work) -> PairVerdict:
    """Compare two references. The order of the two makes no difference."""
    if not a.identifiers & b.identifiers and have_different_titles(a.title, b.title):
        return DIFFERENT_TITLES
    features = features_of(a, b)
    judgement, deciding_reason = _judge(features)
    return PairVerdict(judgement, int(features.title_similarity), [*_agreements(features), deciding_reason])


def _judge(features: PairFeatures) -> tuple[Judgement, str]:
    if features.identifier == "same":
        if features.titles == "different" and features.authors != "same":
            return "different", "They share an identifier, but nothing else: one of them has the wrong one."
        return "duplicate", "They share an identifier."
    if features.titles == "different":
        return "different", "The titles differ."
    for find_objection in OBJECTIONS:
        if (objection := find_objection(features)) is not None:
            return objection
    return _judge_support(features)


Objection = tuple[Judgement, str] | None


def _one_is_about_the_other(features: PairFeatures) -> Objection:
    a, b = features.works
    if ABOUT_OTHERS & set(a.words) == ABOUT_OTHERS & set(b.words):
        return None
    judgement: Judgement = "maybe" if features.pages == "same" and features.authors == "same" else "different"
    return judgement, "One is a reply, correction, review or protocol by its title; the other is not."


def _only_alike(features: PairFeatures) -> Objection:
    """Object to titles that are only alike, except of two translations or with a slip, on the same page.

    Abstracts share pages, whose numbers then have a letter.
    """
    page = features.works[0].page
    if features.titles != "alike" or (features.pages == "same" and features.authors == "same" and page.isdecimal()):
        return None
    return "different", "The titles differ."


def _other_numbers(features: PairFeatures) -> Objection:
    a, b = features.works
    if a.numbers == b.numbers:
        return None
    if (a.numbers and b.numbers) or features.pages != "same":
        return "different", "The titles have different numbers: of parts, years or editions."
    return "maybe", "One title has a number that the other has not."


def _other_authors(features: PairFeatures) -> Objection:
    if features.authors != "different":
        return None
    if features.titles == "same" and features.pages == "same":
        return "maybe", "Title and pages agree, but the authors are not the same."
    return "different", "They are by different people."


def _other_identifiers(features: PairFeatures) -> Objection:
    if features.identifier != "different" or features.are_versions:
        return None
    if features.titles == "same" and features.authors == "same" and features.one_is_preprint:
        return "maybe", "One is a preprint, the other may be the article that came of it."
    if features.titles != "longer" and features.pages == "same" and features.venue != "different":
        return "maybe", "They have different identifiers, but are on the same page."
    return "different", "They have different identifiers."


def _other_venue(features: PairFeatures) -> Objection:
    a, b = features.works
    if features.titles == "same" and features.pages == "same" and not features.years_apart:
        return None
    alike = features.titles == "same" and features.authors == "same" and (features.years_apart or 0) <= 1
    if features.venue == "different":
        reason = "They came out in different places: a conference paper and its article, perhaps."
        return ("maybe" if alike else "different"), reason
    if a.is_conference_paper != b.is_conference_paper and features.years_apart != 0:
        return ("maybe" if alike else "different"), "One was given at a conference, the other came out in another year."
    return None


def _other_year(features: PairFeatures) -> Objection:
    a, b = features.works
    if not features.years_apart or features.pages == "same":
        return None
    if a.is_conference_paper and b.is_conference_paper:
        return "different", "They were given at meetings of different years."
    if features.titles == "same" and features.years_apart == 1 and features.authors == "same":
        if features.are_versions or (features.venue == "same" and features.one_has_no_volume):
            return None
        if features.pages == "unknown":
            return "maybe", "A year lies between them."
    return "different", "They came out in different years."


def _other_pages(features: PairFeatures) -> Objection:
    if features.pages == "different" and not features.are_versions:
        return "different", "They are in different volumes or on different pages."
    return None


def _short_title(features: PairFeatures) -> Objection:
    a, b = features.works
    if len(a.words) >= SHORT_TITLE_WORDS and len(b.words) >= SHORT_TITLE_WORDS:
        return None
    if features.pages == "same":
        return None
    if features.authors == "same" and features.years_apart == 0 and features.venue == "same":
        return "maybe", "So short a title may be that of many works."
    return "different", "So short a title may be that of many works."


OBJECTIONS: tuple[Callable[[PairFeatures], Objection], ...] = (
    _only_alike,
    _one_is_about_the_other,
    _other_numbers,
    _other_authors,
    _other_identifiers,
    _other_venue,
    _other_year,
    _other_pages,
    _short_title,
)


def _judge_support(features: PairFeatures) -> tuple[Judgement, str]:
    """Judge a pair without objections by how much agrees."""
    if features.pages == "same" and (features.authors == "same" or features.titles == "same"):
        return "duplicate", "They are on the same page of the same volume."
    if features.authors == "unknown":
        all_else_agrees = features.titles == "same" and features.years_apart == 0 and features.venue == "same"
        return ("duplicate" if all_else_agrees else "maybe"), "The authors of one are not known."
    if features.titles == "same":
        return "duplicate", "Title and authors agree, and nothing speaks against it."
    if features.titles == "nearly" and features.years_apart == 0:
        reason = "Only the spelling of the titles speaks against it."
        return ("duplicate" if features.venue == "same" else "maybe"), reason
    return "maybe", "One title goes on where the other ends; no page says that they are one."


def _agreements(features: PairFeatures) -> list[str]:
    """Return what agrees, as sentences for an editor."""
    sentences = {
        "same": "The titles are the same.",
        "nearly": "The titles differ by a spelling.",
        "longer": "One title goes on where the other ends.",
        "alike": "The titles are alike.",
        "different": "The titles differ.",
    }
    agreements = [sentences[features.titles]]
    if features.authors == "same":
        agreements.append("The authors agree.")
    if features.years_apart == 0:
        agreements.append("They are from the same year.")
    if features.venue == "same":
        agreements.append("They came out in the same journal, book or series.")
    if features.are_versions:
        agreements.append("Their DOIs name two versions of one work.")
    return agreements
