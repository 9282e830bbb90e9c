"""Judgements of items for other places."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.evidence.tables import Row
from shared.persistence.tables import PERSONAL

_words: dict[str, Any] = {"info": PERSONAL}


class TransferJudgement(Row, table=True):
    """One item, one target. `parts`: as `criteria.TransferParts` says them; `conclusion`: what follows by the rule."""

    __tablename__ = "transfer_judgements"

    __table_args__ = (
        CheckConstraint(
            "conclusion IN ('transferable', 'transferable_if_adapted', 'not_transferable', 'cannot_be_said')",
            name="conclusion",
        ),
        CheckConstraint("edition >= 1", name="edition"),
        Index("ix_transfer_judgements_item_id_id", "item_id", "id"),
    )

    item_id: UUID = Field(foreign_key="items.id")
    edition: int
    country: str = Field(sa_type=String(6))
    setting: str | None = Field(default=None, sa_type=String(120))
    service: str | None = Field(default=None, sa_type=String(300))
    parts: dict[str, Any] = Field(sa_type=JSONB, sa_column_kwargs=_words)
    adapted: str = Field(default="", sa_type=Text, sa_column_kwargs=_words)
    needs: str = Field(default="", sa_type=Text, sa_column_kwargs=_words)
    judged_by: str = Field(sa_type=String(40))
    judged_on: date
    conclusion: str = Field(sa_type=String(30))
