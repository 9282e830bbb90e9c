"""Doubts about what answers cite, what staff decided about them, and since when a question is held."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "evidence_answer_doubts"
down_revision: str | None = "evidence_import_records"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)
WAITING = "status IN ('open', 'assigned')"


def upgrade() -> None:
    op.create_table(
        "answer_decisions",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("turn_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.String(length=6), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("doubts", postgresql.JSONB(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.CheckConstraint("decision IN ('keep', 'revise')", name=op.f("ck_answer_decisions_decision")),
        sa.ForeignKeyConstraint(["turn_id"], ["request_turns.id"], name=op.f("fk_answer_decisions_turn_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_decisions")),
    )
    op.create_index("ix_answer_decisions_turn_id", "answer_decisions", ["turn_id"])
    op.add_column("request_citations", sa.Column("flagged_reason", sa.String(length=24), nullable=True))
    op.add_column("request_citations", sa.Column("flagged_key", sa.Text(), nullable=True))
    op.add_column("request_citations", sa.Column("flagged_at", MOMENT, nullable=True))
    accepted = sa.Column("accepted", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False)
    op.add_column("request_citations", accepted)
    for name in ("flagged_at", "flagged_key"):
        op.create_check_constraint(
            op.f(f"ck_request_citations_{name}"),
            "request_citations",
            f"(flagged_reason IS NULL) = ({name} IS NULL)",
        )
    op.add_column("evidence_requests", sa.Column("assigned_at", MOMENT, nullable=True))
    op.add_column("evidence_requests", sa.Column("doubted_at", MOMENT, nullable=True))
    op.create_check_constraint(
        op.f("ck_evidence_requests_doubted_at"), "evidence_requests", "doubted_at IS NULL OR status <> 'withdrawn'"
    )
    op.execute("UPDATE evidence_requests SET assigned_at = updated_at WHERE status = 'assigned'")
    # What stands on withdrawn or retracted sources already is looked at too; the worker flags the rest as it changes.
    op.execute(
        "UPDATE request_citations c SET flagged_reason = 'withdrawn', flagged_key = 'withdrawn', flagged_at = now()"
        " FROM items i WHERE c.kind = 'item' AND i.id = c.source_id AND i.status = 'withdrawn'"
    )
    op.execute(
        "UPDATE request_citations c SET flagged_reason = 'withdrawn', flagged_key = 'withdrawn', flagged_at = now()"
        " FROM guides g WHERE c.kind = 'guide' AND g.id = c.source_id AND g.status = 'withdrawn'"
    )
    op.execute(
        "UPDATE request_citations c SET flagged_reason = 'retracted',"
        " flagged_key = 'retracted:' || coalesce(i.retraction ->> 'on', ''), flagged_at = now()"
        " FROM items i WHERE c.kind = 'item' AND i.id = c.source_id AND i.status = 'published'"
        " AND i.retraction ->> 'nature' = 'retraction'"
    )
    op.execute(
        "UPDATE evidence_requests r SET doubted_at = now() FROM request_citations c JOIN request_turns t"
        " ON t.id = c.turn_id WHERE t.request_id = r.id AND c.flagged_at IS NOT NULL AND r.status <> 'withdrawn'"
    )
    _index_queue(f"{WAITING} OR doubted_at IS NOT NULL")
    op.create_index("ix_evidence_requests_status_id", "evidence_requests", ["status", "id"])


def downgrade() -> None:
    op.drop_index("ix_evidence_requests_status_id", "evidence_requests")
    _index_queue(WAITING)
    op.drop_constraint(op.f("ck_evidence_requests_doubted_at"), "evidence_requests", type_="check")
    op.drop_column("evidence_requests", "doubted_at")
    op.drop_column("evidence_requests", "assigned_at")
    for name in ("flagged_at", "flagged_key"):
        op.drop_constraint(op.f(f"ck_request_citations_{name}"), "request_citations", type_="check")
    for column in ("accepted", "flagged_at", "flagged_key", "flagged_reason"):
        op.drop_column("request_citations", column)
    op.drop_table("answer_decisions")


def _index_queue(condition: str) -> None:
    op.drop_index("ix_evidence_requests_queue", "evidence_requests")
    op.create_index(
        "ix_evidence_requests_queue",
        "evidence_requests",
        ["urgency_rank", "due_at", "id"],
        postgresql_where=sa.text(condition),
    )
