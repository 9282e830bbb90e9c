"""Which members of a group are decided together."""

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

import pytest

from services.evidence.library.bulk_changes import change_request, rules
from services.evidence.library.items.tables import ItemStatus

A, B, C = (UUID(int=number) for number in (1, 2, 3))


@dataclass(frozen=True)
class GroupMemberRow:
    id: UUID
    version: int = 1
    status: ItemStatus = "published"
    details: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class PairRow:
    low_id: UUID
    high_id: UUID
    title_similarity: int = 100
    judgement: str = "duplicate"
    decision: str | None = None


def plans(
    pairs: list[PairRow], decision: Literal["merge", "different"] = "merge", **selection: Any
) -> list[tuple[set[UUID], str | None]]:
    request = change_request.DuplicateDecisions.model_validate(
        {"kind": "duplicates", "decision": decision, "selection": {"judgement": "duplicate", **selection}}
    )
    steps = rules.plan_group(UUID(int=9), {item: GroupMemberRow(item) for item in (A, B, C)}, pairs, request)
    return [(set(step.items), step.reason) for step in steps]


@pytest.mark.parametrize(
    ("pairs", "selection", "expected"),
    [
        ([PairRow(A, B), PairRow(A, C), PairRow(B, C)], {}, [({A, B, C}, None)]),
        ([PairRow(A, B), PairRow(B, C)], {}, [({A, B, C}, rules.NOT_ALL_ALIKE)]),
        ([PairRow(A, B), PairRow(B, C, judgement="maybe")], {}, [({A, B}, None)]),
        ([PairRow(A, B, 98), PairRow(B, C, 85)], {"min_similarity": 95}, [({A, B}, None)]),
        ([PairRow(A, B, 98), PairRow(B, C, 85)], {"max_similarity": 95}, [({B, C}, None)]),
        (
            [PairRow(A, B), PairRow(B, C), PairRow(A, C, decision="different")],
            {},
            [({A, B, C}, rules.CALLED_DIFFERENT)],
        ),
        ([PairRow(A, B, decision="same"), PairRow(B, C)], {}, [({B, C}, None)]),
    ],
)
def test_members_are_merged_where_each_is_alike_with_each_other_one(
    pairs: list[PairRow], selection: dict[str, Any], expected: list[tuple[set[UUID], str | None]]
) -> None:
    assert plans(pairs, **selection) == expected


def test_a_group_is_called_different_only_as_a_whole() -> None:
    assert plans([PairRow(A, B), PairRow(B, C)], "different") == [({A, B, C}, None)]
    mixed = [PairRow(A, B), PairRow(B, C, judgement="maybe")]
    assert plans(mixed, "different") == [({A, B, C}, rules.NOT_ALL_ALIKE)]


def test_a_survivor_is_the_member_that_is_suggested_for_the_group() -> None:
    request = change_request.DuplicateDecisions.model_validate(
        {"kind": "duplicates", "decision": "merge", "selection": {"judgement": "duplicate"}}
    )
    members = {A: GroupMemberRow(A, status="draft"), B: GroupMemberRow(B)}
    [step] = rules.plan_group(UUID(int=9), members, [PairRow(A, B)], request)
    assert (step.into_id, step.reason) == (B, None)
