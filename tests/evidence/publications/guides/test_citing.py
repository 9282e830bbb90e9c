from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.evidence.publications.guides.citing import Mark, marks, open_marks, repin, uncite, voices
from services.evidence.publications.guides.documents import GuideContent
from shared.persistence.tables import new_id


@dataclass(frozen=True)
class Now:
    """An item as it stands."""

    id: UUID = field(default_factory=new_id)
    way_of_knowing: str = "research"
    state: str = "published"
    edition: int = 1
    design: str | None = None
    retraction: dict[str, Any] | None = None
    updated_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)


def said(nature: str) -> dict[str, Any]:
    return {"nature": nature, "on": "2026-02-03"}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (Now(), []),
        (Now(edition=2), []),
        (Now(edition=4), ["changed:4"]),
        (Now(state="withdrawn", edition=4, retraction=said("retraction")), ["withdrawn"]),
        (Now(retraction=said("retraction"), edition=3), ["retracted:2026-02-03", "changed:3"]),
        (Now(retraction=said("expression_of_concern")), ["concern:2026-02-03"]),
        (Now(retraction=said("correction")), ["corrected:2026-02-03"]),
        (Now(retraction=said("reinstatement")), []),
        (Now(retraction={"nature": "retraction", "on": None}), ["retracted:"]),
    ],
)
def test_what_stands_against_a_citation_the_gravest_first(now: Now, expected: list[str]) -> None:
    assert [mark.mark for mark in marks(now.id, 2, now)] == expected


def test_an_item_that_another_stands_for_is_compared_with_no_edition_of_that() -> None:
    now = Now(edition=9)
    assert marks(new_id(), 1, now) == [Mark("merged", f"merged:{now.id}")]


def test_what_was_decided_opens_again_only_for_something_else() -> None:
    found = [Mark("retracted", "retracted:2026-02-03"), Mark("changed", "changed:3")]
    assert open_marks(found, [{"mark": "retracted:2026-02-03"}]) == [found[1]]
    assert open_marks(found, [{"mark": "changed:2"}]) == found


def test_each_item_speaks_once_and_what_was_taken_back_does_not() -> None:
    one, retracted = Now(), Now(retraction=said("retraction"))
    told, gone = Now(way_of_knowing="lived_experience"), Now(way_of_knowing="practice_knowledge", state="withdrawn")
    alias = new_id()
    cited = {now.id: now for now in (one, retracted, told, gone)} | {alias: one}
    assert voices([*cited, one.id], cited) == {"research": 1, "lived_experience": 1, "practice_knowledge": 0}


def content(*cited: UUID) -> GuideContent:
    statement = {
        "id": str(new_id()),
        "text": "x",
        "citations": [{"item_id": str(item), "edition": 1} for item in cited],
    }
    return GuideContent.model_validate({"title": "x", "statements": [statement, statement | {"id": str(new_id())}]})


def test_a_citation_moves_to_what_stands_today_in_its_statement_alone() -> None:
    now = Now(edition=3)
    before = content(now.id)
    after = repin(before, before.statements[0].id or now.id, now.id, now)
    assert [one.citations[0].edition for one in after.statements] == [3, 1]


def test_a_citation_that_moves_to_one_that_is_there_already_goes_into_it() -> None:
    now, old = Now(edition=3), new_id()
    before = content(old, now.id)
    after = repin(before, before.statements[0].id or old, old, now)
    assert [one.item_id for one in after.statements[0].citations] == [now.id]
    assert [one.item_id for one in repin(content(old), old, old, now).statements[0].citations] == [old]


def test_a_citation_is_taken_out_of_its_statement_alone() -> None:
    item = new_id()
    before = content(item)
    after = uncite(before, before.statements[1].id or item, item)
    assert [len(one.citations) for one in after.statements] == [1, 0]
