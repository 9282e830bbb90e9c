from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from services.evidence.publications.cited_items.rules import (
    CitedItem,
    Issue,
    accept_issue,
    carry_over_flag,
    count_by_way_of_knowing,
    find_flag_changes,
    find_issues,
    find_open_issues,
)
from shared.persistence.tables import new_id

THEN, NOW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


def cited(**changes: Any) -> CitedItem:
    """A published item of research, or what these changes make of it."""
    item_id = changes.pop("id", None) or new_id()
    item = CitedItem(item_id, item_id, "research", "published", 1, None, THEN, None, "A trial", None, {})
    return item._replace(**changes)


def notice(nature: str) -> dict[str, Any]:
    return {"nature": nature, "on": "2026-02-03"}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (cited(), []),
        (cited(edition=2), []),
        (cited(edition=4), ["changed:4"]),
        (cited(status="withdrawn", edition=4, retraction=notice("retraction")), ["withdrawn"]),
        (cited(retraction=notice("retraction"), edition=3), ["retracted:2026-02-03", "changed:3"]),
        (cited(retraction=notice("expression_of_concern")), ["concern:2026-02-03"]),
        (cited(retraction=notice("correction")), ["corrected:2026-02-03"]),
        (cited(retraction=notice("superseded")), ["superseded:2026-02-03"]),
        (cited(retraction=notice("reinstatement")), []),
        (cited(retraction={"nature": "retraction", "on": None}), ["retracted:"]),
    ],
)
def test_issues_of_a_citation_are_found_the_gravest_first(item: CitedItem, expected: list[str]) -> None:
    assert [issue.key for issue in find_issues(item.id, 2, item)] == expected


def test_an_item_that_another_stands_for_is_compared_with_no_edition_of_that() -> None:
    item = cited(edition=9)
    assert find_issues(new_id(), 1, item) == [Issue("merged", f"merged:{item.id}")]


def test_what_was_accepted_opens_again_only_for_another_issue() -> None:
    issues = [Issue("retracted", "retracted:2026-02-03"), Issue("changed", "changed:3")]
    assert find_open_issues(issues, [{"key": "retracted:2026-02-03"}]) == [issues[1]]
    assert find_open_issues(issues, [{"key": "changed:2"}]) == issues


def test_each_item_counts_once_and_withdrawn_and_retracted_ones_do_not() -> None:
    study, retracted = cited(), cited(retraction=notice("retraction"))
    account = cited(way_of_knowing="lived_experience")
    withdrawn = cited(way_of_knowing="practice_knowledge", status="withdrawn")
    alias = new_id()
    items = {item.id: item for item in (study, retracted, account, withdrawn)} | {alias: study}
    counts = count_by_way_of_knowing([*items, study.id], items)
    assert counts == {"research": 1, "lived_experience": 1, "practice_knowledge": 0}


class Citation(NamedTuple):
    """A citation of an edition, with its flag columns."""

    item_id: UUID
    flagged_reason: str | None = None
    flagged_key: str | None = None
    flagged_at: datetime | None = None
    accepted: tuple[dict[str, Any], ...] = ()
    edition: int = 1


CHANGED = Issue("changed", "changed:2")


def test_a_flag_appears_moves_on_and_goes_with_the_first_open_issue() -> None:
    new, later, gone = (
        Citation(new_id()),
        Citation(new_id(), "changed", "changed:2", THEN),
        Citation(new_id(), "changed", "changed:2", THEN),
    )
    retracted = Issue("retracted", "retracted:")
    changes = find_flag_changes([(new, [CHANGED]), (later, [retracted, CHANGED]), (gone, [])], NOW)
    assert [(change.citation, change.issue, change.flagged_at) for change in changes] == [
        (new, CHANGED, NOW),
        (later, retracted, THEN),
        (gone, None, None),
    ]


def test_a_flag_that_is_right_already_and_an_accepted_issue_are_no_change() -> None:
    flagged = Citation(new_id(), "changed", "changed:2", THEN)
    accepted = Citation(new_id(), accepted=tuple(accept_issue(flagged, "A word was misspelt.", date(2026, 1, 5))))
    assert accepted.accepted[0]["on"] == "2026-01-05"
    assert find_flag_changes([(flagged, [CHANGED]), (accepted, [CHANGED])], NOW) == []


def test_a_flag_is_carried_over_to_a_citation_of_the_same_edition_alone() -> None:
    flagged = Citation(new_id(), "changed", "changed:2", THEN, ({"key": "merged:"},))
    assert carry_over_flag(flagged, 1) == {
        "flagged_reason": "changed",
        "flagged_key": "changed:2",
        "flagged_at": THEN,
        "accepted": ({"key": "merged:"},),
    }
    for unflagged in (carry_over_flag(flagged, 2), carry_over_flag(None, 1)):
        assert unflagged == {"flagged_reason": None, "flagged_key": None, "flagged_at": None, "accepted": []}
