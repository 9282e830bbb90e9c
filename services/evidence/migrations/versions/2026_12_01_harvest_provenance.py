"""What harvested records gave, which records repeat a conflict, and what went with an import and may come in anew."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "evidence_harvest_provenance"
down_revision: str | None = "evidence_name_order"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for name in ("enriched", "conflicts"):
        op.add_column("harvest_runs", sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "harvest_run_records",
        sa.Column("harvest_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("identifier", sa.String(2_000), nullable=False),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("outcome IN ('created', 'matched', 'changed')", name=op.f("ck_harvest_run_records_outcome")),
        sa.PrimaryKeyConstraint("harvest_id", "number", name=op.f("pk_harvest_run_records")),
    )
    op.create_index(op.f("ix_harvest_run_records_item_id"), "harvest_run_records", ["item_id"])
    op.create_table(
        "import_conflict_repeats",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("conflict_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conflict_id"], ["import_conflicts.id"], name=op.f("fk_import_conflict_repeats_conflict_id")
        ),
        sa.PrimaryKeyConstraint("job_id", "number", "conflict_id", name=op.f("pk_import_conflict_repeats")),
    )
    op.create_index(op.f("ix_import_conflict_repeats_conflict_id"), "import_conflict_repeats", ["conflict_id"])
    op.add_column("items", sa.Column("withdrawn_with", sa.Uuid(), nullable=True))
    op.add_column("items", sa.Column("returned_as", sa.Uuid(), nullable=True))
    # Research alone showed until now that it went with its import: by having no fingerprint any more.
    op.execute(
        "UPDATE items SET withdrawn_with = records.job_id FROM import_records AS records"
        " WHERE records.item_id = items.id AND records.outcome = 'created'"
        " AND items.status = 'withdrawn' AND items.way_of_knowing = 'research' AND items.fingerprint IS NULL"
    )


def downgrade() -> None:
    for name in ("returned_as", "withdrawn_with"):
        op.drop_column("items", name)
    for table in ("import_conflict_repeats", "harvest_run_records"):
        op.drop_table(table)
    for name in ("conflicts", "enriched"):
        op.drop_column("harvest_runs", name)
