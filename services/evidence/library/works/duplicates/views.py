"""Groups of duplicates as they are returned, and decisions as they are sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.library.items.queries import ItemRow, items_by_id
from services.evidence.library.items.views import ResearchView, item_view
from services.evidence.library.works.duplicates import queries, rules
from services.evidence.library.works.duplicates.queries import DuplicatePair
from services.evidence.library.works.duplicates.tables import Decision, DuplicateGroup, GroupStatus
from services.evidence.library.works.merges.rules import MAX_ITEMS
from shared.http.etags import digest_of
from shared.views import Body, View


class SameWork(Body):
    """Members that are one work."""

    into: UUID = Field(description="The member that is to stand for the others.")
    items: list[UUID] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_ITEMS,
        description="The members to merge into it: all others, where left out.",
    )


class GroupDecision(Body):
    """One decision on the whole group. Members that it does not name stay in the group, to be decided later."""

    merge: SameWork | None = None
    different: list[UUID] = Field(
        default=[],
        max_length=rules.MAX_MEMBERS,
        description="Works of their own: none of them is put beside another member again.",
    )


class PairView(View):
    """Why two members may be one work."""

    items: tuple[UUID, UUID]
    judgement: Literal["duplicate", "maybe"]
    title_similarity: int = Field(description="0 to 100.")
    reasons: list[str] = Field(description="What agrees; the last reason decided.")
    decision: Decision | None = Field(description="What a person decided of these two before.")


class DuplicateGroupView(View):
    """Items that may be one work, side by side."""

    id: UUID
    status: GroupStatus
    members: list[ResearchView] = Field(
        description="Those that are drafts or published: an item that was merged or withdrawn is left out."
    )
    pairs: list[PairView]
    suggested: UUID | None = Field(description="The member that is suggested to stand for the others.")
    created_at: datetime
    decided_at: datetime | None

    @property
    def version(self) -> int:
        """The version of all that is shown: a member that changes is another one to decide about."""
        return digest_of(self.model_dump_json())


async def group_views(session: AsyncSession, groups: Sequence[DuplicateGroup]) -> list[DuplicateGroupView]:
    """Return the groups with their members and the pairs of these."""
    ids = {member for group in groups for member in group.members}
    rows = await items_by_id(session, ids)
    members = {item: row for item, row in rows.items() if row.status in queries.STANDING}
    pairs: dict[UUID, list[DuplicatePair]] = {}
    for pair in await queries.pairs_among(session, members.keys()):
        pairs.setdefault(pair.low_id, []).append(pair)
    return [_group_view(group, [members[item] for item in group.members if item in members], pairs) for group in groups]


def _group_view(
    group: DuplicateGroup, members: Sequence[ItemRow], pairs: Mapping[UUID, Sequence[DuplicatePair]]
) -> DuplicateGroupView:
    """Return the view of one group. `pairs`: by their smaller id."""
    ids = {row.id for row in members}
    return DuplicateGroupView(
        id=group.id,
        status=group.status,
        members=[ResearchView.model_validate(item_view(row, show_agreement=False)) for row in members],
        pairs=[_pair_view(pair) for member in sorted(ids) for pair in pairs.get(member, ()) if pair.high_id in ids],
        suggested=rules.best_survivor(members),
        created_at=group.created_at,
        decided_at=group.decided_at,
    )


def _pair_view(pair: DuplicatePair) -> PairView:
    return PairView.model_validate({**pair._asdict(), "items": (pair.low_id, pair.high_id)})
