"""What harvesters see, and what is harvested elsewhere."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CHANGE_NOTES = (
    """
    CREATE FUNCTION note_oai_items() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO oai_changes (item_id) SELECT id FROM changed WHERE state = 'published';
        ELSE
            INSERT INTO oai_changes (item_id)
                SELECT changed.id FROM changed JOIN was ON was.id = changed.id
                WHERE changed.state = 'published' OR was.state = 'published';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER oai_items_added AFTER INSERT ON items
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_oai_items()
    """,
    """
    CREATE TRIGGER oai_items_changed AFTER UPDATE ON items
        REFERENCING NEW TABLE AS changed OLD TABLE AS was FOR EACH STATEMENT EXECUTE FUNCTION note_oai_items()
    """,
    """
    CREATE FUNCTION note_oai_filings() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO oai_changes (item_id) SELECT DISTINCT item_id FROM changed WHERE published_at IS NOT NULL;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER oai_filings_added AFTER INSERT ON filings
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_oai_filings()
    """,
    """
    CREATE TRIGGER oai_filings_removed AFTER DELETE ON filings
        REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_oai_filings()
    """,
    """
    CREATE FUNCTION note_oai_topic() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO oai_changes (item_id)
            WITH RECURSIVE below (id) AS (
                SELECT NEW.id UNION SELECT topics.id FROM topics JOIN below ON topics.parent_id = below.id
            )
            SELECT DISTINCT filings.item_id FROM filings JOIN below ON below.id = filings.topic_id
            WHERE filings.published_at IS NOT NULL;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER oai_topic_changed AFTER UPDATE OF name, parent_id ON topics FOR EACH ROW
        WHEN (OLD.name <> NEW.name OR OLD.parent_id IS DISTINCT FROM NEW.parent_id)
        EXECUTE FUNCTION note_oai_topic()
    """,
    "INSERT INTO oai_changes (item_id) SELECT id FROM items WHERE state = 'published' ORDER BY published_at, id",
)
FORGOTTEN = (
    "DROP TRIGGER oai_topic_changed ON topics",
    "DROP TRIGGER oai_filings_removed ON filings",
    "DROP TRIGGER oai_filings_added ON filings",
    "DROP TRIGGER oai_items_changed ON items",
    "DROP TRIGGER oai_items_added ON items",
    "DROP FUNCTION note_oai_topic()",
    "DROP FUNCTION note_oai_filings()",
    "DROP FUNCTION note_oai_items()",
)


def _row() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )


def upgrade() -> None:
    _make_provider()
    _make_harvests()
    for statement in CHANGE_NOTES:
        op.execute(statement)


def _make_provider() -> None:
    op.create_table(
        "oai_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oai_changes")),
    )
    op.create_table(
        "oai_records",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way_of_knowing", sa.String(length=20), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("topics", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_oai_records")),
    )
    op.create_index("ix_oai_records_stamped_at_item_id", "oai_records", ["stamped_at", "item_id"])
    op.create_index(
        "ix_oai_records_way_of_knowing_stamped_at_item_id", "oai_records", ["way_of_knowing", "stamped_at", "item_id"]
    )
    op.create_table(
        "oai_memberships",
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("topic_id", "item_id", name=op.f("pk_oai_memberships")),
    )
    op.create_index(op.f("ix_oai_memberships_item_id"), "oai_memberships", ["item_id"])
    op.create_index(
        "ix_oai_memberships_topic_id_stamped_at_item_id", "oai_memberships", ["topic_id", "stamped_at", "item_id"]
    )


def _make_harvests() -> None:
    op.create_table(
        "harvests",
        *_row(),
        sa.Column("base_url", sa.String(length=2_000), nullable=False),
        sa.Column("metadata_prefix", sa.String(length=20), nullable=False),
        sa.Column("set_spec", sa.String(length=500), nullable=True),
        sa.Column("topics", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("publish", sa.Boolean(), nullable=False),
        sa.Column("every_hours", sa.Integer(), nullable=True),
        sa.Column("harvester_id", sa.Uuid(), nullable=False),
        sa.Column("harvester_kind", sa.String(length=10), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.String(length=20), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("harvester_kind IN ('person', 'client')", name=op.f("ck_harvests_harvester_kind")),
        sa.CheckConstraint("every_hours > 0", name=op.f("ck_harvests_every_hours")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvests")),
    )
    op.create_index("ix_harvests_due", "harvests", ["next_at"], postgresql_where=sa.text("next_at IS NOT NULL"))
    numbers = ("pages", "received", "created", "matched", "changed", "deleted", "quarantined", "attempts")
    op.create_table(
        "harvest_runs",
        *_row(),
        sa.Column("harvest_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("asked_from", sa.String(length=20), nullable=True),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("first_answer", sa.String(length=20), nullable=True),
        sa.Column("list_size", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in numbers),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('running', 'done', 'failed')", name=op.f("ck_harvest_runs_status")),
        sa.CheckConstraint(
            "received = created + matched + changed + deleted + quarantined",
            name=op.f("ck_harvest_runs_counts_add_up"),
        ),
        sa.ForeignKeyConstraint(["harvest_id"], ["harvests.id"], name=op.f("fk_harvest_runs_harvest_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvest_runs")),
    )
    op.create_index("ix_harvest_runs_harvest_id_id", "harvest_runs", ["harvest_id", "id"])
    op.create_index(
        "ix_harvest_runs_running", "harvest_runs", ["try_at"], postgresql_where=sa.text("status = 'running'")
    )
    _make_records_of_harvests()


def _make_records_of_harvests() -> None:
    op.create_table(
        "quarantined_records",
        *_row(),
        sa.Column("harvest_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("identifier", sa.String(length=2_000), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["harvest_id"], ["harvests.id"], name=op.f("fk_quarantined_records_harvest_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantined_records")),
        sa.UniqueConstraint("harvest_id", "identifier", name=op.f("uq_quarantined_records_harvest_id_identifier")),
    )
    op.create_table(
        "harvest_records",
        sa.Column("harvest_id", sa.Uuid(), nullable=False),
        sa.Column("identifier", sa.String(length=2_000), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["harvest_id"], ["harvests.id"], name=op.f("fk_harvest_records_harvest_id")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_harvest_records_item_id")),
        sa.PrimaryKeyConstraint("harvest_id", "identifier", name=op.f("pk_harvest_records")),
    )
    op.create_index(op.f("ix_harvest_records_item_id"), "harvest_records", ["item_id"])


def downgrade() -> None:
    for statement in FORGOTTEN:
        op.execute(statement)
    for table in (
        "harvest_records",
        "quarantined_records",
        "harvest_runs",
        "harvests",
        "oai_memberships",
        "oai_records",
        "oai_changes",
    ):
        op.drop_table(table)
