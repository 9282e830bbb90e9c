"""As which import a rejected record was sent again. Of those that were before, nothing is known."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "evidence_sent_again"
down_revision: str | None = "evidence_withdrawal_reason"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("imports", sa.Column("sent_again", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_check_constraint(op.f("ck_imports_sent_again"), "imports", "sent_again BETWEEN 0 AND rejected")
    op.add_column("import_rejects", sa.Column("sent_again_as", sa.Uuid()))
    op.create_foreign_key(
        op.f("fk_import_rejects_sent_again_as_imports"), "import_rejects", "imports", ["sent_again_as"], ["id"]
    )
    op.create_unique_constraint(op.f("uq_import_rejects_sent_again_as"), "import_rejects", ["sent_again_as"])


def downgrade() -> None:
    op.drop_column("import_rejects", "sent_again_as")
    op.drop_column("imports", "sent_again")
