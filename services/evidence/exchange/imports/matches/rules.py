"""What a record adds to the item that it matches, and what only an editor may decide.

Only research gains from a file: an account and practice knowledge are their people's words. Of research, fields of the
reference are filled where the item has none, and identifiers that it lacks are learnt. What differs, and what somebody
judges (the design, whom it is about), is offered to an editor. A record that matches two items adds nothing.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from services.evidence.exchange.additions.rules import NewItem
from services.evidence.exchange.imports.matches.features import differ
from services.evidence.library.items.identifiers.rules import WORK_SCHEMES, Name, fingerprint
from services.evidence.library.items.tables import ItemStatus

MAX_IDENTIFIERS = 50
"""Of one item, as in `items.descriptions`."""
FILLED_FIELDS = (
    *("summary", "kind", "authors", "editors", "published_in", "published_on", "volume", "issue", "pages"),
    *("publisher", "keywords", "url"),
)
JUDGED_FIELDS = (
    *("title", "language", "country", "setting", "design", "population", "sample", "participants", "intervention"),
    *("service", "period", "involvement"),
)
COLUMNS = frozenset({"title", "summary", "country", "setting", "language"})
"""Fields that are columns of `items`; the others are in `details`."""
_IN_FINGERPRINT = frozenset({"authors", "published_in", "published_on", "volume", "pages"})


class FieldGain(NamedTuple):
    """A field that a record fills: `before` is what stood there (None: nothing), `value` what it adds."""

    field: str
    before: Any
    value: Any


class FilledField(NamedTuple):
    """A row of `imported_fields`."""

    job_id: UUID
    number: int
    field: str
    item_id: UUID
    before: Any
    value: Any


class RepeatedField(NamedTuple):
    """A row of `repeated_fields`."""

    job_id: UUID
    number: int
    field: str
    item_id: UUID
    value: Any


class FieldOffer(NamedTuple):
    """What a record states in a field, for an editor to decide."""

    field: str
    value: Any

    @property
    def digest(self) -> str:
        """Return what two equal values share."""
        return hashlib.blake2b(orjson.dumps(self.value, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


@dataclass
class MatchedItem:
    """An item of the library, as its row is and as records change it."""

    id: UUID
    version: int
    way_of_knowing: str
    status: ItemStatus
    contributor_id: UUID | None
    title: str
    summary: str
    country: str | None
    setting: str | None
    language: str
    details: dict[str, Any]
    edition: int
    fingerprint: str | None
    identified: bool
    learnt: list[Name] = field(default_factory=list[Name])
    """Identifiers of the work that records added."""

    def value(self, name: str) -> Any:  # noqa: ANN401  of any field
        return getattr(self, name) if name in COLUMNS else self.details.get(name)


class RecordContribution(NamedTuple):
    """What one record adds to one item, and what it leaves to an editor."""

    gains: Sequence[FieldGain]
    offers: Sequence[FieldOffer]


NOTHING = RecordContribution((), ())


def contribute(
    item: MatchedItem,
    work: NewItem,
    held_by_others: Sequence[Name],
    *,
    may_fill: bool,
    filled_before: Mapping[str, Sequence[Any]],
) -> RecordContribution:
    """Add to the item what it lacks of the record. Returns that, and what is left to an editor.

    `filled_before` has the values that files filled of each field: where one is gone, somebody removed it, and it is
    offered. `may_fill` is False for a sender who could not change the item: everything is offered.
    """
    if item.way_of_knowing != "research" or work.way_of_knowing != "research" or item.status not in _STANDING:
        return NOTHING
    if held_by_others:
        return RecordContribution((), [FieldOffer("identifiers", _identifier(name)) for name in held_by_others])
    details: dict[str, Any] = orjson.loads(work.details)
    record = {**details, **{name: getattr(work, name) for name in COLUMNS}}
    gains: list[FieldGain] = []
    offers: list[FieldOffer] = []
    for name in FILLED_FIELDS:
        ours, theirs = item.value(name), record.get(name)
        if is_empty(name, theirs) or theirs == ours:
            continue
        if is_empty(name, ours) or _is_more_precise(name, ours, theirs):
            gains.append(FieldGain(name, ours or None, theirs))
        elif differ(name, (item.title, item.details), (work.title, details), ours, theirs):
            offers.append(FieldOffer(name, theirs))
    offers += [
        FieldOffer(name, record[name])
        for name in JUDGED_FIELDS
        if _is_offered(name, item.value(name), record.get(name), item, record)
    ]
    learnt, others = _identifiers(item.details.get("identifiers") or [], record.get("identifiers") or [])
    offers += [FieldOffer("identifiers", identifier) for identifier in others]
    if learnt:
        gains.append(FieldGain("identifiers", None, learnt))
    gains, removed = _without_removed(gains, filled_before)
    if not may_fill or _is_no_more_itself(item, gains):
        gains, removed = [], [*removed, *gains]
    offers += [offer for gain in removed for offer in _offers_of(gain)]
    for gain in gains:
        _fill(item, gain)
    return RecordContribution(gains, offers)


def repeated(item: MatchedItem, work: NewItem, filled_before: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Return, by field and as they are stored, the values of the item that files filled and this record states too."""
    if work.way_of_knowing != "research":
        return {}
    record: dict[str, Any] = {**orjson.loads(work.details), **{name: getattr(work, name) for name in COLUMNS}}
    values: dict[str, Any] = {}
    for name, filled in filled_before.items():
        if name == "identifiers":
            stated: list[Any] = record.get(name) or []
            ours: list[Any] = item.details.get(name) or []
            common = [identifier for identifier in filled if identifier in stated and identifier in ours]
            values |= {name: common} if common else {}
        elif (theirs := record.get(name)) == item.value(name) and not is_empty(name, theirs):
            value = stored_value(FieldGain(name, None, theirs))
            values |= {name: value} if value in filled else {}
    return values


def stored_value(gain: FieldGain) -> Any:  # noqa: ANN401  of any field
    """Return the value as `imported_fields` stores it: a summary by its MD5, which the database computes too."""
    return summary_digest(gain.value) if gain.field == "summary" else gain.value


def summary_digest(summary: str) -> str:
    """Return the MD5 of a summary."""
    return hashlib.md5(summary.encode(), usedforsecurity=False).hexdigest()


def is_empty(name: str, value: object) -> bool:
    """Return whether the field holds nothing. A kind that is none of those named says nothing."""
    return value is None or value in ("", []) or (name == "kind" and value == "other")


def fingerprint_of(title: str, details: Mapping[str, Any]) -> str:
    """Return the fingerprint of a work, as `items.rules.fingerprint_of` does of its description."""
    date: str | None = details.get("published_on")
    return fingerprint(
        title,
        date[:4] if date else None,
        details.get("authors") or [],
        details.get("published_in"),
        details.get("volume"),
        details.get("pages"),
    )


_STANDING = ("draft", "published")


def _is_more_precise(name: str, ours: object, theirs: object) -> bool:
    """Return whether both are one date, and theirs says more of it."""
    return name == "published_on" and len(str(theirs)) > len(str(ours)) and str(theirs).startswith(str(ours))


def _is_offered(name: str, ours: object, theirs: object, item: MatchedItem, record: Mapping[str, Any]) -> bool:
    """Return whether the record states something else. English may be no more than what is assumed."""
    if is_empty(name, theirs) or theirs == ours or (name == "language" and theirs == "en"):
        return False
    if name == "title":
        return differ(name, (item.title, item.details), (str(theirs), record), ours, theirs)
    return True


def _identifiers(
    ours: Sequence[dict[str, str]], theirs: Sequence[dict[str, str]]
) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return the identifiers to learn, and those of a work that differ from one of the same scheme.

    A journal has an ISSN in print and another online: a second one says nothing.
    """
    schemes = {identifier["scheme"] for identifier in ours}
    new = [identifier for identifier in theirs if identifier not in ours]
    learnt = [identifier for identifier in new if identifier["scheme"] not in schemes]
    others = [identifier for identifier in new if identifier["scheme"] in schemes & WORK_SCHEMES]
    return learnt[: max(0, MAX_IDENTIFIERS - len(ours))], others


def _without_removed(
    gains: Sequence[FieldGain], filled_before: Mapping[str, Sequence[Any]]
) -> tuple[list[FieldGain], list[FieldGain]]:
    """Return the gains, and apart from them those of fields that a file filled before and somebody emptied since."""
    remaining: list[FieldGain] = []
    removed: list[FieldGain] = []
    for gain in gains:
        earlier = filled_before.get(gain.field)
        if earlier is None:
            remaining.append(gain)
        elif gain.field != "identifiers":
            removed.append(gain)
        else:
            again = [identifier for identifier in gain.value if identifier in earlier]
            new = [identifier for identifier in gain.value if identifier not in earlier]
            removed += [gain._replace(value=again)] if again else []
            remaining += [gain._replace(value=new)] if new else []
    return remaining, removed


def _is_no_more_itself(item: MatchedItem, gains: Collection[FieldGain]) -> bool:
    """Return whether an item that is known by its fingerprint alone would get another one, which may be taken."""
    learns = any(_names(gain.value) for gain in gains if gain.field == "identifiers")
    if item.identified or learns or not any(gain.field in _IN_FINGERPRINT for gain in gains):
        return False
    filled = item.details | {gain.field: gain.value for gain in gains if gain.field in _IN_FINGERPRINT}
    return fingerprint_of(item.title, filled) != item.fingerprint


def _offers_of(gain: FieldGain) -> list[FieldOffer]:
    if gain.field == "identifiers":
        return [FieldOffer("identifiers", identifier) for identifier in gain.value]
    return [FieldOffer(gain.field, gain.value)]


def _fill(item: MatchedItem, gain: FieldGain) -> None:
    if gain.field == "summary":
        item.summary = gain.value
        return
    if gain.field == "identifiers":
        item.details = {**item.details, "identifiers": [*(item.details.get("identifiers") or []), *gain.value]}
        item.learnt += _names(gain.value)
    else:
        item.details = {**item.details, gain.field: gain.value}
    item.identified = item.identified or bool(item.learnt)
    item.fingerprint = fingerprint_of(item.title, item.details)


def _names(identifiers: Sequence[Mapping[str, str]]) -> list[Name]:
    return [
        (identifier["scheme"], identifier["value"])
        for identifier in identifiers
        if identifier["scheme"] in WORK_SCHEMES
    ]


def _identifier(name: Name) -> dict[str, str]:
    return {"scheme": name[0], "value": name[1]}
