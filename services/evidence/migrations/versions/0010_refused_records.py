"""Records that an import refused are kept as they came, to be corrected and sent again."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "import_originals",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_import_originals_import_id")),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_originals")),
    )


def downgrade() -> None:
    op.drop_table("import_originals")
