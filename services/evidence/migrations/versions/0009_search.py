"""Guides are found too: a trigger notes each change of one that is or was public, as it does for items."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CHANGE_NOTES = (
    """
    CREATE FUNCTION note_guide_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO guide_changes (guide_id) SELECT id FROM changed
            WHERE state IN ('published', 'withdrawn') ORDER BY id
            ON CONFLICT (guide_id) DO UPDATE SET changed_in = EXCLUDED.changed_in;
        IF FOUND THEN
            NOTIFY item_changes;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER guides_note_added AFTER INSERT ON guides
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_guide_changes()
    """,
    """
    CREATE TRIGGER guides_note_changed AFTER UPDATE ON guides
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_guide_changes()
    """,
    "INSERT INTO guide_changes (guide_id) SELECT id FROM guides WHERE state IN ('published', 'withdrawn')",
)


def upgrade() -> None:
    op.create_table(
        "guide_changes",
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column(
            "changed_in",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["guide_id"], ["guides.id"], name=op.f("fk_guide_changes_guide_id")),
        sa.PrimaryKeyConstraint("guide_id", name=op.f("pk_guide_changes")),
    )
    op.create_index("ix_guide_changes_changed_in_guide_id", "guide_changes", ["changed_in", "guide_id"])
    op.create_index("ix_item_changes_changed_in_item_id", "item_changes", ["changed_in", "item_id"])
    op.drop_index(op.f("ix_item_changes_changed_in"), table_name="item_changes")
    for statement in CHANGE_NOTES:
        op.execute(statement)


def downgrade() -> None:
    op.create_index(op.f("ix_item_changes_changed_in"), "item_changes", ["changed_in"])
    op.drop_index("ix_item_changes_changed_in_item_id", table_name="item_changes")
    op.execute("DROP TRIGGER guides_note_added ON guides")
    op.execute("DROP TRIGGER guides_note_changed ON guides")
    op.execute("DROP FUNCTION note_guide_changes()")
    op.drop_table("guide_changes")
