"""A difference between two appraisers is settled by both; learning pieces take the minutes that reading takes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "evidence_equal_treatment"
down_revision: str | None = "evidence_attendees"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_WORD = r"\w+(?:[\u0027\u2019-]\w+)*"
"""A word as `publications/learning/content.py` counted it when this was written."""
_COUNT_MINUTES = f"""
UPDATE learning_pieces piece SET minutes = least(CASE WHEN status <> 'draft' THEN 10 END, greatest(1, ceil((
    SELECT sum(regexp_count(read.words, '{_WORD}')) FROM (
        VALUES (piece.title), (piece.point), (piece.text)
        UNION ALL SELECT question ->> name
            FROM jsonb_array_elements(piece.questions) question, (VALUES ('ask'), ('why')) names (name)
        UNION ALL SELECT option
            FROM jsonb_array_elements(piece.questions) question, jsonb_array_elements_text(question -> 'options') option
    ) AS read (words)
) / 175.0))::int)
"""  # noqa: S608  our own pattern
_COUNT_COMPLETIONS = """
UPDATE learning_completions completion SET minutes = piece.minutes FROM learning_pieces piece
WHERE piece.id = completion.piece_id AND piece.edition = completion.edition
"""
"""The words of earlier editions are not kept: what their completions say stays."""

_INDEXED = {"country": "country", "state": "substr(country, 1, 2)", "setting": "lower(setting)"}


def upgrade() -> None:
    for name in ("proposed_answers", "proposed_reasons"):
        column = sa.Column(name, postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
        op.add_column("appraisals", column)
    op.add_column("appraisals", sa.Column("proposed_by", sa.Uuid(), nullable=True))
    op.add_column("appraisals", sa.Column("declined_by", sa.Uuid(), nullable=True))
    op.add_column("appraisals", sa.Column("declined_because", sa.Text(), nullable=True))
    _check_status("'open', 'differing', 'proposed', 'resolved'")
    op.create_check_constraint(
        op.f("ck_appraisals_proposed_by"), "appraisals", "status <> 'proposed' OR proposed_by IS NOT NULL"
    )
    media = sa.Column("media", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False)
    op.add_column("learning_pieces", media)
    _check_minutes("minutes >= 1 AND (status <> 'published' OR minutes <= 10)")
    op.execute(_COUNT_MINUTES)
    op.execute(_COUNT_COMPLETIONS)
    for name, expression in _INDEXED.items():
        op.create_index(
            f"ix_items_{name}_published_at_id",
            "items",
            [sa.text(expression), "published_at", "id"],
            postgresql_where=sa.text(
                f"status = 'published' AND {'setting' if name == 'setting' else 'country'} IS NOT NULL"
            ),
        )


def downgrade() -> None:
    for name in _INDEXED:
        op.drop_index(f"ix_items_{name}_published_at_id", "items")
    op.execute("UPDATE learning_pieces SET minutes = 10 WHERE minutes > 10")
    _check_minutes("minutes BETWEEN 1 AND 10")
    op.drop_column("learning_pieces", "media")
    op.drop_constraint(op.f("ck_appraisals_proposed_by"), "appraisals", type_="check")
    op.execute("UPDATE appraisals SET status = 'differing' WHERE status = 'proposed'")
    _check_status("'open', 'differing', 'resolved'")
    for name in ("declined_because", "declined_by", "proposed_by", "proposed_reasons", "proposed_answers"):
        op.drop_column("appraisals", name)


def _check_status(allowed: str) -> None:
    op.drop_constraint(op.f("ck_appraisals_status"), "appraisals", type_="check")
    op.create_check_constraint(op.f("ck_appraisals_status"), "appraisals", f"status IN ({allowed})")


def _check_minutes(condition: str) -> None:
    op.drop_constraint(op.f("ck_learning_pieces_minutes"), "learning_pieces", type_="check")
    op.create_check_constraint(op.f("ck_learning_pieces_minutes"), "learning_pieces", condition)
