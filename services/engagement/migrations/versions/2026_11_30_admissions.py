"""How a survey lets each group in; whom an invitation was made for; how many answered by one made for nobody known."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "engagement_admissions"
down_revision: str | None = "engagement_followed_needs"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Surveys from before let everybody in both ways: from now on by invitation, as far as they are still open.
EVERY_GROUP_BY_INVITATION = (
    '[{"group": "people_who_draw_on_care_and_support", "admission": "invitation"}, '
    '{"group": "unpaid_carers", "admission": "invitation"}, '
    '{"group": "frontline_practitioners", "admission": "invitation"}, '
    '{"group": "managers_and_providers", "admission": "invitation"}, '
    '{"group": "commissioners", "admission": "invitation"}, '
    '{"group": "researchers", "admission": "invitation"}, '
    '{"group": "policy_makers", "admission": "invitation"}, '
    '{"group": "others", "admission": "invitation"}]'
)


def upgrade() -> None:
    groups = sa.Column("groups", postgresql.JSONB(), server_default=EVERY_GROUP_BY_INVITATION, nullable=False)
    op.add_column("surveys", groups)
    op.add_column("invitations", sa.Column("person_hash", sa.LargeBinary(), nullable=True))
    op.create_check_constraint(
        op.f("ck_invitations_person_hash_is_whole"), "invitations", "octet_length(person_hash) = 32"
    )
    op.add_column("results", sa.Column("unnamed_voices", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("results", "unnamed_voices")
    op.drop_constraint(op.f("ck_invitations_person_hash_is_whole"), "invitations", type_="check")
    op.drop_column("invitations", "person_hash")
    op.drop_column("surveys", "groups")
