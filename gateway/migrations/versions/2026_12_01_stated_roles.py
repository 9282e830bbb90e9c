"""When the identity provider stated a person's roles."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "gateway_stated_roles"
down_revision: str | None = "gateway_saved_answers"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("people", sa.Column("roles_stated_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("people", "roles_stated_at")
