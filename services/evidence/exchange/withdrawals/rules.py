"""When an import may be withdrawn, and why something of it stays."""

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from services.evidence.exchange.file_jobs.rules import PART_ATTEMPTS
from services.evidence.exchange.imports.matches.rules import FilledField, MatchedItem, RepeatedField, fingerprint_of
from services.evidence.library.items.identifiers.rules import WORK_SCHEMES, Name
from shared.problems import Conflict

StayReason = Literal[
    "merged",
    "cited",
    "applied",
    "appraised",
    "rendered",
    "retracted",
    "edited",
    "another_import",
    "harvested",
    "changed",
    "accepted",
]
PASSED_ON: Final = ("another_import", "harvested")
"""Why fields stay that are credited, from then on, to another record."""
BATCH_ATTEMPTS = PART_ATTEMPTS
FAILED: Final = (
    "Taking it back failed {attempts} times after record {position} and was given up. What was taken back before that "
    "is gone. Ask again to go on, and tell us if it happens again."
)
TEXT_COLUMNS = ("title", "summary", "country", "setting", "language", "details", "consent_to_publish")
"""Of an item: who changed one of these has edited it. Publishing and filing change none."""


class FilledRow(NamedTuple):
    """A field that the import filled, to be taken back."""

    number: int
    field: str
    item_id: UUID
    before: Any
    value: Any


class ImportNotFinished(Conflict):
    title = "This import is still being read"
    detail = "Wait until its status is done or failed, then ask again."


class WithdrawalRunning(Conflict):
    title = "This import is being taken back already"
    detail = "Follow it at /v1/imports/{import_id}/withdrawal."


def check_finished(status: str) -> None:
    """Raise ImportNotFinished."""
    if status not in ("done", "failed"):
        raise ImportNotFinished


def pass_on(row: FilledRow, repeats: Sequence[RepeatedField]) -> tuple[list[FilledField], FilledRow | None]:
    """Return what others state of the field, as filled by the first who does, and what is left to be taken back."""
    if row.field != "identifiers":
        heir = next((repeat for repeat in repeats if repeat.value == row.value), None)
        return ([], row) if heir is None else ([_passed(row, heir, row.value)], None)
    remaining: list[Any] = row.value
    passed: list[FilledField] = []
    for repeat in repeats:
        if value := [identifier for identifier in remaining if identifier in repeat.value]:
            passed.append(_passed(row, repeat, value))
            remaining = [identifier for identifier in remaining if identifier not in value]
    return passed, row._replace(value=remaining) if remaining else None


def _passed(row: FilledRow, heir: RepeatedField, value: Any) -> FilledField:  # noqa: ANN401  of any field
    return FilledField(heir.job_id, heir.number, row.field, row.item_id, row.before, value)


def take_back(item: MatchedItem, field: str, before: Any, value: Any) -> list[Name]:  # noqa: ANN401  of any field
    """Let the field say what it said before a record filled it. Returns the identifiers that the item loses."""
    if field == "summary":
        item.summary = before or ""
        return []
    lost: list[Name] = []
    if field == "identifiers":
        ours: list[dict[str, str]] = item.details[field]
        remaining = [identifier for identifier in ours if identifier not in value]
        lost = [(identifier["scheme"], identifier["value"]) for identifier in value]
        item.details = {**item.details, field: remaining}
        item.identified = any(identifier["scheme"] in WORK_SCHEMES for identifier in remaining)
    else:
        item.details = {**item.details, field: [] if before is None and isinstance(value, list) else before}
    item.fingerprint = fingerprint_of(item.title, item.details)
    return lost
