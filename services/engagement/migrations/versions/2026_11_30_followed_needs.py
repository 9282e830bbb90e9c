"""Access needs of registrations follow the person's saved ones; a cancelled registration has none."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "engagement_followed_needs"
down_revision: str | None = "engagement_first_schema"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Whether needs were given for one registration alone is not known of those from before: they stay as they are.
    op.add_column("registrations", sa.Column("own_needs", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.alter_column("registrations", "access_needs", existing_type=sa.LargeBinary(), nullable=True)
    op.execute("UPDATE registrations SET access_needs = NULL WHERE status = 'cancelled'")
    op.create_check_constraint(
        op.f("ck_registrations_cancelled_has_no_needs"),
        "registrations",
        "status = 'registered' OR access_needs IS NULL",
    )
    op.create_index("ix_registrations_person_id", "registrations", ["person_id", "id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("what was erased does not come back")
