"""What became of each record of an import, what it added to an item, conflicts to decide, and withdrawals."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "evidence_import_records"
down_revision: str | None = "evidence_own_words"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name in ("enriched", "conflicts"):
        op.add_column("imports", sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("imports", sa.Column("withdrawn_at", MOMENT, nullable=True))
    op.create_check_constraint("enriched", "imports", "enriched BETWEEN 0 AND matched")
    _create_records()
    _create_fields()
    _create_conflicts()
    _create_withdrawals()
    # Of earlier imports, what was rejected is all that is known.
    op.execute(
        "INSERT INTO import_records (job_id, number, line, outcome)"
        " SELECT job_id, number, line, 'rejected' FROM import_rejects"
    )


def downgrade() -> None:
    for table in ("import_withdrawals", "import_conflicts", "imported_fields", "import_records"):
        op.drop_table(table)
    op.drop_constraint(op.f("ck_imports_enriched"), "imports")
    for name in ("withdrawn_at", "conflicts", "enriched"):
        op.drop_column("imports", name)


def _create_records() -> None:
    op.create_table(
        "import_records",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("outcome IN ('created', 'matched', 'rejected')", name=op.f("ck_import_records_outcome")),
        sa.CheckConstraint("(outcome = 'rejected') = (item_id IS NULL)", name=op.f("ck_import_records_item_id")),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_import_records")),
    )
    op.create_index("ix_import_records_item_id_job_id", "import_records", ["item_id", "job_id"])


def _create_fields() -> None:
    op.create_table(
        "imported_fields",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(20), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "number", "field", name=op.f("pk_imported_fields")),
    )
    op.create_index(op.f("ix_imported_fields_item_id"), "imported_fields", ["item_id"])


def _create_conflicts() -> None:
    op.create_table(
        "import_conflicts",
        *_row_columns(),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(20), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.CheckConstraint("status IN ('open', 'accepted', 'kept')", name=op.f("ck_import_conflicts_status")),
        sa.CheckConstraint("(status = 'open') = (decided_at IS NULL)", name=op.f("ck_import_conflicts_decided_at")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_import_conflicts_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_conflicts")),
        sa.UniqueConstraint("item_id", "field", "digest", name=op.f("uq_import_conflicts_item_id_field_digest")),
    )
    op.create_index("ix_import_conflicts_open", "import_conflicts", ["id"], postgresql_where=sa.text("status = 'open'"))
    op.create_index("ix_import_conflicts_job_id_number", "import_conflicts", ["job_id", "number"])


def _create_withdrawals() -> None:
    op.create_table(
        "import_withdrawals",
        *_row_columns(),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("position", "removed", "taken_back", "attempts")),
        sa.Column("try_at", MOMENT, nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_import_withdrawals_status")
        ),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_import_withdrawals_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_withdrawals")),
        sa.UniqueConstraint("import_id", name=op.f("uq_import_withdrawals_import_id")),
    )
    op.create_index(
        "ix_import_withdrawals_unfinished",
        "import_withdrawals",
        ["id"],
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )


def _row_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", MOMENT, server_default=sa.text("now()"), nullable=False),
    ]
