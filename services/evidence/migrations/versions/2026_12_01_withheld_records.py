"""Why a record of an import or harvest added nothing, where its words are a person's."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "evidence_withheld_records"
down_revision: str | None = "evidence_repeated_fields"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("import_records", "harvest_run_records")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("withheld", sa.String(10)))
        op.create_check_constraint(op.f(f"ck_{table}_withheld"), table, "withheld IN ('taken_back', 'given')")


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "withheld")
