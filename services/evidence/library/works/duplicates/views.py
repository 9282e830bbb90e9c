"""Groups as they are answered."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.library.items.queries import items_by_id
from services.evidence.library.items.views import ResearchView, item_view
from services.evidence.library.works.duplicates import queries, rules
from services.evidence.library.works.duplicates.tables import DuplicateGroup
from shared.views import View


class Likeness(View):
    """Why two members may be one work."""

    items: tuple[UUID, UUID]
    judgement: Literal["duplicate", "maybe"]
    likeness: int = Field(description="Of the titles, 0 to 100.")
    reasons: list[str] = Field(description="What agrees; the last says what decided it.")
    decided: Literal["same", "different"] | None = Field(description="What a person said of these two before.")


class DuplicateGroupView(View):
    """Items that may be one work, side by side."""

    id: UUID
    state: Literal["open", "decided"]
    members: list[ResearchView] = Field(
        description="Those that stand: an item that was merged or withdrawn is left out."
    )
    pairs: list[Likeness]
    suggested: UUID | None = Field(description="The member that had best stand for the others.")
    created_at: datetime
    decided_at: datetime | None


async def views(session: AsyncSession, groups: Sequence[DuplicateGroup]) -> list[DuplicateGroupView]:
    """Each with its members and what was found between them."""
    wanted = {member for group in groups for member in group.members}
    standing = {
        item: row for item, row in (await items_by_id(session, wanted)).items() if row.state in queries.STANDING
    }
    found = (await session.execute(queries.pairs_among(standing.keys()))).all() if standing else ()
    pairs = _by_first(found)
    return [_view(group, [standing[item] for item in group.members if item in standing], pairs) for group in groups]


def _by_first(found: Iterable[Any]) -> dict[UUID, list[Any]]:
    """Pairs by their smaller id, so that a group looks at those of its members alone."""
    pairs: dict[UUID, list[Any]] = {}
    for row in found:
        pairs.setdefault(row.low_id, []).append(row)
    return pairs


def _view(group: DuplicateGroup, members: Sequence[Any], pairs: Mapping[UUID, Sequence[Any]]) -> DuplicateGroupView:
    own = {row.id for row in members}
    return DuplicateGroupView(
        id=group.id,
        state="decided" if group.state == "decided" else "open",
        members=[ResearchView.model_validate(item_view(row, show_agreement=False)) for row in members],
        pairs=[
            Likeness(
                items=(row.low_id, row.high_id),
                judgement=row.judgement,
                likeness=row.likeness,
                reasons=row.reasons,
                decided=row.decided,
            )
            for member in sorted(own)
            for row in pairs.get(member, ())
            if row.high_id in own
        ],
        suggested=rules.best(members),
        created_at=group.created_at,
        decided_at=group.decided_at,
    )
