"""Judgements of transferability as they are returned."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from services.evidence.library.items.descriptions import NoticeNature
from services.evidence.library.transferability import rules
from services.evidence.library.transferability.criteria import (
    PARTS,
    JudgedBy,
    TransferPart,
    TransferParts,
    TransferTarget,
    questions_of,
)
from services.evidence.library.transferability.queries import TransferRecord
from services.evidence.library.transferability.rules import Conclusion, Judgement
from shared.views import View


class TransferConclusion(View):
    """What follows from the judgements of the criteria by the `rule`, and which of them decided."""

    conclusion: Conclusion
    of_parts: dict[TransferPart, Judgement]
    decided_by: list[str] = Field(examples=[["environment.money"]])
    rule: str


class TransferQuestion(View):
    """A criterion: what is compared between the two places."""

    criterion: str
    question: str


class TransferPartView(View):
    """One of the four parts, with its criteria."""

    part: TransferPart
    criteria: list[TransferQuestion]


class TransferCriteriaView(View):
    """The criteria of a judgement, and the rule by which it is concluded."""

    parts: list[TransferPartView]
    rule: str


def criteria_view() -> TransferCriteriaView:
    """Return the criteria as they are asked."""
    return TransferCriteriaView(
        parts=[
            TransferPartView(
                part=part,
                criteria=[TransferQuestion(criterion=name, question=question) for name, question in questions_of(part)],
            )
            for part in PARTS
        ],
        rule=rules.RULE,
    )


class TransferView(View):
    """A judgement of an item for a place. `outdated`: the item has a later edition, `current_edition`.

    A judgement of an item that was merged into this one keeps that item's id, and is outdated.
    """

    id: UUID
    item_id: UUID
    own: bool = Field(description="You judged this, and may change it; an editor may change every judgement.")
    target: TransferTarget
    concluded: TransferConclusion
    parts: TransferParts
    adapted: str
    needs: str
    judged_by: JudgedBy
    judged_on: date
    edition: int
    current_edition: int
    outdated: bool
    retracted: NoticeNature | None = Field(description="What became of the work itself: show it first.")
    created_at: datetime
    updated_at: datetime


def transfer_view(record: TransferRecord, *, own: bool) -> TransferView:
    """Return the view of a judgement; `own`: the caller made it."""
    judgement, item = record
    parts = TransferParts.model_validate(judgement.parts)
    return TransferView(
        **judgement.model_dump(exclude={"version", "country", "setting", "service", "parts", "conclusion"}),
        target=TransferTarget(country=judgement.country, setting=judgement.setting, service=judgement.service),
        parts=parts,
        concluded=TransferConclusion(
            conclusion=rules.conclusion_of(parts),
            of_parts={part: rules.judgement_of(parts.criteria_of(part)) for part in PARTS},
            decided_by=rules.deciding_criteria(parts),
            rule=rules.RULE,
        ),
        own=own,
        current_edition=item.edition,
        outdated=judgement.item_id != item.id or judgement.edition < item.edition,
        retracted=item.retraction["nature"] if item.retraction else None,
    )
