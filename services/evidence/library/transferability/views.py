"""Judgements of transferability as they are sent and answered."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from services.evidence.library.field_types import Country, Line, PastDay, Prose, Setting
from services.evidence.library.transferability import rules
from services.evidence.library.transferability.criteria import PARTS, Part, TransferParts
from services.evidence.library.transferability.rules import Conclusion, Judgement
from services.evidence.library.transferability.tables import TransferJudgement
from shared.events.contracts.evidence import RetractionNature
from shared.views import Body, View

JudgedBy = Literal[
    "person_who_draws_on_support",
    "unpaid_carer",
    "frontline_practitioner",
    "manager_or_provider",
    "commissioner",
    "researcher",
    "facilitator",
    "evidence_editor",
    "mixed_group",
]
_fits: dict[str, Any] = {"judgement": "fits", "why": "Much the same in both places."}
_money: dict[str, Any] = {
    "judgement": "fits_if_adapted",
    "why": "Two budgets here, one there: pool them.",
}


class TransferTarget(Body):
    """The place for which something is judged."""

    country: Country
    setting: Setting | None = None
    service: Line | None = Field(default=None, description="The kind of support there.")


class NewTransferJudgement(Body):
    """What somebody judged of an item for a place of their own."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "target": {"country": "GB-ENG", "setting": "council team", "service": "hospital discharge"},
                "parts": {
                    "population": {"criteria": {"needs": _fits}, "why": "Older people with much the same needs."},
                    "intervention": {"criteria": {"core": _fits}, "why": "One team and one assessment."},
                    "environment": {"criteria": {"money": _money}, "why": "Health and care are separate here."},
                    "transfer": {"criteria": {"exchange": _fits}, "why": "The first team would help."},
                },
                "needs": "A pooled fund of the council and the health service.",
                "judged_by": "commissioner",
                "judged_on": "2024-03-01",
            }
        }
    )

    target: TransferTarget
    parts: TransferParts
    adapted: Prose = Field(default="", description="What was changed to make it fit there, where that was tried.")
    needs: Prose = Field(default="", description="What it would need to work there.")
    judged_by: JudgedBy = Field(description="In what role; no name.")
    judged_on: PastDay
    edition: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        default=None, description="The edition of the item that was judged; today's where left out."
    )


class TransferConclusion(View):
    """What follows from the judgements by the `rule`, and from which of them."""

    conclusion: Conclusion
    of_parts: dict[Part, Judgement]
    decided_by: list[str] = Field(examples=[["environment.money"]])
    rule: str


class TransferView(View):
    """A judgement of an item for a place. `outdated`: the item has moved on since, to `current_edition`.

    One that came with an item which was merged into this one keeps that item's id, and is outdated.
    """

    id: UUID
    item_id: UUID
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
    retracted: RetractionNature | None = Field(description="What became of the work itself: to be said first.")
    created_at: datetime
    updated_at: datetime


def view(row: TransferJudgement, item: Any) -> TransferView:
    parts = TransferParts.model_validate(row.parts)
    return TransferView(
        **row.model_dump(exclude={"version", "country", "setting", "service", "parts", "conclusion"}),
        target=TransferTarget(country=row.country, setting=row.setting, service=row.service),
        parts=parts,
        concluded=TransferConclusion(
            conclusion=rules.conclusion_of(parts),
            of_parts={part: rules.judgement_of(parts.criteria_of(part)) for part in PARTS},
            decided_by=rules.deciding(parts),
            rule=rules.RULE,
        ),
        current_edition=item.edition,
        outdated=row.item_id != item.id or row.edition < item.edition,
        retracted=item.retraction["nature"] if item.retraction else None,
    )


def as_judged(row: TransferJudgement) -> dict[str, Any]:
    """What was sent: what a patch applies to."""
    kept = row.model_dump(mode="json")
    target = {name: kept[name] for name in ("country", "setting", "service")}
    return {"target": target, **{name: kept[name] for name in NewTransferJudgement.model_fields if name != "target"}}


def columns(judged: NewTransferJudgement, edition: int) -> dict[str, Any]:
    """As a row keeps it."""
    return {
        **judged.target.model_dump(),
        **judged.model_dump(exclude={"target", "parts", "edition"}),
        "parts": judged.parts.model_dump(mode="json", exclude_none=True),
        "edition": edition,
        "conclusion": rules.conclusion_of(judged.parts),
    }
