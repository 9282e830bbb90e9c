"""The first schema of the evidence service."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "evidence_first_schema"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("evidence",)
depends_on: str | Sequence[str] | None = "platform_tables"

FUNCTIONS = (
    """
CREATE FUNCTION note_added_works() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pending_comparisons (item_id) SELECT id FROM added WHERE way_of_knowing = 'research' ORDER BY id;
    INSERT INTO unchecked_items (item_id) SELECT id FROM added WHERE way_of_knowing = 'research' ORDER BY id;
    RETURN NULL;
END $$
""",
    """
CREATE FUNCTION note_changed_works() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pending_comparisons (item_id)
        SELECT changed.id FROM changed JOIN former USING (id)
        WHERE changed.way_of_knowing = 'research'
            AND (changed.title, changed.details, changed.status)
                IS DISTINCT FROM (former.title, former.details, former.status)
        ORDER BY changed.id;
    INSERT INTO unchecked_items (item_id)
        SELECT changed.id FROM changed JOIN former USING (id)
        WHERE changed.way_of_knowing = 'research'
            AND (changed.details -> 'identifiers', changed.status)
                IS DISTINCT FROM (former.details -> 'identifiers', former.status)
        ORDER BY changed.id;
    RETURN NULL;
END $$
""",
    """
CREATE FUNCTION note_filing_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO filing_changes DEFAULT VALUES; RETURN NULL; END $$
""",
    """
CREATE FUNCTION note_guide_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO guide_changes (guide_id) SELECT id FROM changed
        WHERE status IN ('published', 'withdrawn') ORDER BY id
        ON CONFLICT (guide_id) DO UPDATE SET changed_in = EXCLUDED.changed_in;
    IF FOUND THEN
        NOTIFY item_changes;
    END IF;
    RETURN NULL;
END $$
""",
    """
CREATE FUNCTION note_item_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO item_changes (item_id) SELECT id FROM changed WHERE status <> 'draft' ORDER BY id
        ON CONFLICT (item_id) DO UPDATE SET changed_in = EXCLUDED.changed_in;
    IF FOUND THEN
        NOTIFY item_changes;
    END IF;
    RETURN NULL;
END $$
""",
    """
CREATE FUNCTION note_oai_filings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO oai_changes (item_id) SELECT DISTINCT item_id FROM changed WHERE published_at IS NOT NULL;
    RETURN NULL;
END $$
""",
    """
CREATE FUNCTION note_oai_items() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO oai_changes (item_id) SELECT id FROM changed WHERE status = 'published';
    ELSE
        INSERT INTO oai_changes (item_id)
            SELECT changed.id FROM changed JOIN was ON was.id = changed.id
            WHERE changed.status = 'published' OR was.status = 'published';
    END IF;
    RETURN NULL;
END $$
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
)

TRIGGERS = (
    """ALTER TABLE ONLY import_chunks ALTER COLUMN content SET STORAGE EXTERNAL""",
    """ALTER TABLE ONLY retraction_chunks ALTER COLUMN content SET STORAGE EXTERNAL""",
    """CREATE TRIGGER filings_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON filings
    FOR EACH STATEMENT EXECUTE FUNCTION note_filing_change()""",
    """CREATE TRIGGER guides_note_added AFTER INSERT ON guides
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_guide_changes()""",
    """CREATE TRIGGER guides_note_changed AFTER UPDATE ON guides
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_guide_changes()""",
    """CREATE TRIGGER items_note_added AFTER INSERT ON items
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_item_changes()""",
    """CREATE TRIGGER items_note_added_works AFTER INSERT ON items
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_added_works()""",
    """CREATE TRIGGER items_note_changed AFTER UPDATE ON items
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_item_changes()""",
    """CREATE TRIGGER items_note_changed_works AFTER UPDATE ON items
    REFERENCING OLD TABLE AS former NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_changed_works()""",
    """CREATE TRIGGER oai_filings_added AFTER INSERT ON filings
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_oai_filings()""",
    """CREATE TRIGGER oai_filings_removed AFTER DELETE ON filings
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_oai_filings()""",
    """CREATE TRIGGER oai_items_added AFTER INSERT ON items
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_oai_items()""",
    """CREATE TRIGGER oai_items_changed AFTER UPDATE ON items
    REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_oai_items()""",
    """CREATE TRIGGER oai_topic_changed AFTER UPDATE OF name, parent_id ON topics
    FOR EACH ROW WHEN (OLD.name <> NEW.name OR OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION note_oai_topic()""",
    """CREATE TRIGGER tree_changed AFTER INSERT OR DELETE OR UPDATE OF parent_id ON topics
    FOR EACH STATEMENT EXECUTE FUNCTION note_filing_change()""",
)


def upgrade() -> None:
    op.create_table(
        "duplicate_groups",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("members", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'decided') = (decided_at IS NOT NULL)", name=op.f("ck_duplicate_groups_decided_at")
        ),
        sa.CheckConstraint("status IN ('open', 'decided')", name=op.f("ck_duplicate_groups_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_groups")),
    )
    op.create_index(
        "ix_duplicate_groups_members", "duplicate_groups", ["members"], unique=False, postgresql_using="gin"
    )
    op.create_index("ix_duplicate_groups_status_id", "duplicate_groups", ["status", "id"], unique=False)
    op.create_table(
        "duplicate_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("key", "item_id", name=op.f("pk_duplicate_keys")),
    )
    op.create_index(op.f("ix_duplicate_keys_item_id"), "duplicate_keys", ["item_id"], unique=False)
    op.create_table(
        "evidence_requests",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("asker_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("urgency", sa.String(length=12), nullable=False),
        sa.Column("urgency_rank", sa.Integer(), nullable=False),
        sa.Column("setting", sa.String(length=120), nullable=True),
        sa.Column("country", sa.String(length=6), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("first_answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used", sa.String(length=8), nullable=True),
        sa.Column("what_happened", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_question", sa.Text(), nullable=True),
        sa.Column("public_answer", sa.Text(), nullable=True),
        sa.Column("public_turn_id", sa.Uuid(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'assigned') = (assignee_id IS NOT NULL)", name=op.f("ck_evidence_requests_assignee_id")
        ),
        sa.CheckConstraint(
            "published_at IS NULL OR status IN ('open', 'assigned', 'answered', 'closed')",
            name=op.f("ck_evidence_requests_published_at"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'assigned', 'answered', 'closed', 'withdrawn')",
            name=op.f("ck_evidence_requests_status"),
        ),
        sa.CheckConstraint(
            "urgency IN ('today', 'this_week', 'this_month', 'no_hurry')", name=op.f("ck_evidence_requests_urgency")
        ),
        sa.CheckConstraint("used IN ('yes', 'no', 'not_yet')", name=op.f("ck_evidence_requests_used")),
        sa.CheckConstraint(
            "(published_at IS NULL) = (public_answer IS NULL)", name=op.f("ck_evidence_requests_public_answer")
        ),
        sa.CheckConstraint(
            "(published_at IS NULL) = (public_question IS NULL)", name=op.f("ck_evidence_requests_public_question")
        ),
        sa.CheckConstraint(
            "(published_at IS NULL) = (public_turn_id IS NULL)", name=op.f("ck_evidence_requests_public_turn_id")
        ),
        sa.CheckConstraint("urgency_rank BETWEEN 0 AND 3", name=op.f("ck_evidence_requests_urgency_rank")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_requests")),
    )
    op.create_index("ix_evidence_requests_asked_at", "evidence_requests", ["asked_at"], unique=False)
    op.create_index("ix_evidence_requests_asker_id_id", "evidence_requests", ["asker_id", "id"], unique=False)
    op.create_index(
        "ix_evidence_requests_queue",
        "evidence_requests",
        ["urgency_rank", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('open', 'assigned')"),
    )
    op.create_index(
        "ix_evidence_requests_published_at_id",
        "evidence_requests",
        ["published_at", "id"],
        unique=False,
        postgresql_where=sa.text("published_at IS NOT NULL"),
    )
    op.create_table(
        "filing_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("sweep", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_changes")),
    )
    op.create_table(
        "guides",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("edition", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("topics", sa.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(status = 'published') = (published_at IS NOT NULL)", name=op.f("ck_guides_published_at")),
        sa.CheckConstraint("(status = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_guides_withdrawn_at")),
        sa.CheckConstraint(
            "status <> 'published' OR (edition > 0 AND review_on IS NOT NULL)", name=op.f("ck_guides_edition")
        ),
        sa.CheckConstraint("status IN ('draft', 'review', 'published', 'withdrawn')", name=op.f("ck_guides_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guides")),
    )
    op.create_index(op.f("ix_guides_owner_id"), "guides", ["owner_id"], unique=False)
    op.create_index(
        "ix_guides_published_at_id",
        "guides",
        ["published_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(
        "ix_guides_review_on_id",
        "guides",
        ["review_on", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index("ix_guides_topics", "guides", ["topics"], unique=False, postgresql_using="gin")
    op.create_table(
        "harvests",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("base_url", sa.String(length=2000), nullable=False),
        sa.Column("metadata_prefix", sa.String(length=20), nullable=False),
        sa.Column("set_spec", sa.String(length=500), nullable=True),
        sa.Column("topics", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("publish", sa.Boolean(), nullable=False),
        sa.Column("every_hours", sa.Integer(), nullable=True),
        sa.Column("harvester_id", sa.Uuid(), nullable=False),
        sa.Column("harvester_kind", sa.String(length=10), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.String(length=20), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("harvester_kind IN ('person', 'client')", name=op.f("ck_harvests_harvester_kind")),
        sa.CheckConstraint("every_hours > 0", name=op.f("ck_harvests_every_hours")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvests")),
    )
    op.create_index(
        "ix_harvests_due", "harvests", ["next_at"], unique=False, postgresql_where=sa.text("next_at IS NOT NULL")
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("submitter_id", sa.Uuid(), nullable=False),
        sa.Column("submitter_kind", sa.String(length=10), nullable=False),
        sa.Column("topics", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("publish", sa.Boolean(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("bytes_read", sa.BigInteger(), nullable=False),
        sa.Column("next_line", sa.Integer(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("published", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unparsed_lines", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("submitter_kind IN ('person', 'client')", name=op.f("ck_imports_submitter_kind")),
        sa.CheckConstraint("status IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_imports_status")),
        sa.CheckConstraint("bytes_read BETWEEN 0 AND total", name=op.f("ck_imports_bytes_read")),
        sa.CheckConstraint("published BETWEEN 0 AND matched", name=op.f("ck_imports_published")),
        sa.CheckConstraint("read = created + matched + rejected", name=op.f("ck_imports_counts_add_up")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(
        "ix_imports_unfinished",
        "imports",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    op.create_table(
        "items",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("way_of_knowing", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=6), nullable=True),
        sa.Column("setting", sa.String(length=120), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("consent_to_publish", sa.Boolean(), nullable=True),
        sa.Column("contributor_id", sa.Uuid(), nullable=True),
        sa.Column("fingerprint", sa.String(length=32), nullable=True),
        sa.Column("identified", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edition", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("retraction", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint("(status = 'merged') = (merged_into IS NOT NULL)", name=op.f("ck_items_merged_into")),
        sa.CheckConstraint("(status = 'published') = (published_at IS NOT NULL)", name=op.f("ck_items_published_at")),
        sa.CheckConstraint("(status = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_items_withdrawn_at")),
        sa.CheckConstraint(
            "(way_of_knowing = 'lived_experience') = (consent_to_publish IS NOT NULL)",
            name=op.f("ck_items_consent_asked"),
        ),
        sa.CheckConstraint(
            "status <> 'published' OR way_of_knowing <> 'lived_experience' OR consent_to_publish",
            name=op.f("ck_items_consent"),
        ),
        sa.CheckConstraint("status = 'withdrawn' OR title <> ''", name=op.f("ck_items_title")),
        sa.CheckConstraint("status IN ('draft', 'published', 'withdrawn', 'merged')", name=op.f("ck_items_status")),
        sa.CheckConstraint(
            "way_of_knowing IN ('research', 'lived_experience', 'practice_knowledge')", name=op.f("ck_items_way")
        ),
        sa.CheckConstraint("edition >= 1", name=op.f("ck_items_edition")),
        sa.ForeignKeyConstraint(["merged_into"], ["items.id"], name=op.f("fk_items_merged_into")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
    )
    op.create_index("ix_items_contributor_id_id", "items", ["contributor_id", "id"], unique=False)
    op.create_index("ix_items_drafts", "items", ["id"], unique=False, postgresql_where=sa.text("status = 'draft'"))
    op.create_index(op.f("ix_items_fingerprint"), "items", ["fingerprint"], unique=False)
    op.create_index(op.f("ix_items_merged_into"), "items", ["merged_into"], unique=False)
    op.create_index(
        "ix_items_published_at_id",
        "items",
        ["published_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(
        "ix_items_way_of_knowing_published_at_id",
        "items",
        ["way_of_knowing", "published_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(
        "uq_items_unidentified",
        "items",
        ["fingerprint"],
        unique=True,
        postgresql_where=sa.text("NOT identified AND status <> 'merged'"),
    )
    op.create_table(
        "learning_pieces",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("edition", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("point", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("questions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'published') = (published_at IS NOT NULL)", name=op.f("ck_learning_pieces_published_at")
        ),
        sa.CheckConstraint(
            "(status = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_learning_pieces_withdrawn_at")
        ),
        sa.CheckConstraint("status IN ('draft', 'published', 'withdrawn')", name=op.f("ck_learning_pieces_status")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 10", name=op.f("ck_learning_pieces_minutes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_pieces")),
    )
    op.create_index(
        "ix_learning_pieces_drafts",
        "learning_pieces",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status = 'draft'"),
    )
    op.create_index(op.f("ix_learning_pieces_owner_id"), "learning_pieces", ["owner_id"], unique=False)
    op.create_index(
        "ix_learning_pieces_published_at_id",
        "learning_pieces",
        ["published_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_table(
        "oai_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oai_changes")),
    )
    op.create_table(
        "oai_memberships",
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("topic_id", "item_id", name=op.f("pk_oai_memberships")),
    )
    op.create_index(op.f("ix_oai_memberships_item_id"), "oai_memberships", ["item_id"], unique=False)
    op.create_index(
        "ix_oai_memberships_topic_id_stamped_at_item_id",
        "oai_memberships",
        ["topic_id", "stamped_at", "item_id"],
        unique=False,
    )
    op.create_table(
        "oai_records",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way_of_knowing", sa.String(length=20), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("topics", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_oai_records")),
    )
    op.create_index("ix_oai_records_stamped_at_item_id", "oai_records", ["stamped_at", "item_id"], unique=False)
    op.create_index(
        "ix_oai_records_way_of_knowing_stamped_at_item_id",
        "oai_records",
        ["way_of_knowing", "stamped_at", "item_id"],
        unique=False,
    )
    op.create_table(
        "pending_comparisons",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_comparisons")),
    )
    op.create_table(
        "renditions",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("original_kind", sa.String(length=10), nullable=False),
        sa.Column("original_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.String(length=30), nullable=False),
        sa.Column("checked_with_readers", sa.Boolean(), nullable=False),
        sa.Column("made_from_edition", sa.Integer(), nullable=False),
        sa.Column("named", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('easy_read', 'large_print', 'bsl', 'welsh', 'audio')", name=op.f("ck_renditions_kind")
        ),
        sa.CheckConstraint("original_kind IN ('evidence', 'guide')", name=op.f("ck_renditions_original_kind")),
        sa.CheckConstraint("content IS NOT NULL OR url IS NOT NULL", name=op.f("ck_renditions_something")),
        sa.CheckConstraint("made_from_edition >= 1", name=op.f("ck_renditions_made_from_edition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renditions")),
        sa.UniqueConstraint("original_kind", "original_id", "kind", "language", name="uq_renditions_original"),
    )
    op.create_table(
        "retraction_lists",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("submitter_id", sa.Uuid(), nullable=False),
        sa.Column("submitter_kind", sa.String(length=10), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("bytes_read", sa.BigInteger(), nullable=False),
        sa.Column("next_line", sa.Integer(), nullable=False),
        sa.Column("column_names", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("delimiter", sa.String(length=1), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("flagged", sa.Integer(), nullable=False),
        sa.Column("already_flagged", sa.Integer(), nullable=False),
        sa.Column("not_in_library", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("submitter_kind IN ('person', 'client')", name=op.f("ck_retraction_lists_submitter_kind")),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_retraction_lists_status")
        ),
        sa.CheckConstraint("bytes_read BETWEEN 0 AND total", name=op.f("ck_retraction_lists_bytes_read")),
        sa.CheckConstraint(
            "rows = flagged + already_flagged + not_in_library + rejected",
            name=op.f("ck_retraction_lists_counts_add_up"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retraction_lists")),
    )
    op.create_index(
        "ix_retraction_lists_unfinished",
        "retraction_lists",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    op.create_table(
        "retraction_notices",
        sa.Column("scheme", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=500), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("retraction", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("scheme", "value", "digest", name=op.f("pk_retraction_notices")),
    )
    op.create_table(
        "view_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("way_of_knowing", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('shown', 'opened')", name=op.f("ck_view_counts_kind")),
        sa.PrimaryKeyConstraint("day", "way_of_knowing", "kind", name=op.f("pk_view_counts")),
    )
    op.create_table(
        "sight_responses",
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_sight_responses")),
    )
    op.create_index(op.f("ix_sight_responses_survey_id"), "sight_responses", ["survey_id"], unique=False)
    op.create_table(
        "sight_attendances",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("assembly_id", sa.Uuid(), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_sight_attendances")),
    )
    op.create_index(op.f("ix_sight_attendances_assembly_id"), "sight_attendances", ["assembly_id"], unique=False)
    op.create_table(
        "sight_completions",
        sa.Column("completion_id", sa.Uuid(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("completion_id", name=op.f("pk_sight_completions")),
    )
    op.create_index(op.f("ix_sight_completions_piece_id"), "sight_completions", ["piece_id"], unique=False)
    op.create_table(
        "sight_links",
        sa.Column("from_kind", sa.String(length=12), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("to_kind", sa.String(length=12), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("from_kind", "from_id", "relation", "to_kind", "to_id", name=op.f("pk_sight_links")),
    )
    op.create_index("ix_sight_links_to_kind_to_id", "sight_links", ["to_kind", "to_id"], unique=False)
    op.create_table(
        "sight_nodes",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_sight_nodes")),
    )
    op.create_table(
        "sight_payments",
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("assembly_id", sa.Uuid(), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_sight_payments")),
    )
    op.create_index(op.f("ix_sight_payments_assembly_id"), "sight_payments", ["assembly_id"], unique=False)
    op.create_table(
        "topic_attendances",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("assembly_id", sa.Uuid(), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_topic_attendances")),
    )
    op.create_index(op.f("ix_topic_attendances_assembly_id"), "topic_attendances", ["assembly_id"], unique=False)
    op.create_table(
        "topic_mentions",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('assembly', 'request')", name=op.f("ck_topic_mentions_kind")),
        sa.CheckConstraint("people >= 0", name=op.f("ck_topic_mentions_people")),
        sa.PrimaryKeyConstraint("kind", "source_id", "topic_id", name=op.f("pk_topic_mentions")),
    )
    op.create_index(
        "ix_topic_mentions_kind_at",
        "topic_mentions",
        ["kind", "at"],
        unique=False,
        postgresql_include=["topic_id", "people"],
    )
    op.create_index("ix_topic_mentions_topic_id", "topic_mentions", ["topic_id"], unique=False)
    op.create_table(
        "pending_mentions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("topics", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.CheckConstraint("kind IN ('assembly', 'request')", name=op.f("ck_pending_mentions_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_mentions")),
    )
    op.create_table(
        "topics",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=True),
        sa.Column("synonyms", sa.ARRAY(sa.String(length=120)), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_topics_not_its_own_parent")),
        sa.CheckConstraint("priority BETWEEN 0 AND 100", name=op.f("ck_topics_priority")),
        sa.ForeignKeyConstraint(["parent_id"], ["topics.id"], name=op.f("fk_topics_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sa.UniqueConstraint(
            "parent_id", "name", name=op.f("uq_topics_parent_id_name"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_index(op.f("ix_topics_parent_id"), "topics", ["parent_id"], unique=False)
    op.create_table(
        "unchecked_items",
        sa.Column("sequence", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_unchecked_items")),
    )
    op.create_table(
        "appraisals",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.String(length=40), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column(
            "settled_answers", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'resolved') = (resolved_at IS NOT NULL)", name=op.f("ck_appraisals_resolved_at")),
        sa.CheckConstraint("status IN ('open', 'differing', 'resolved')", name=op.f("ck_appraisals_status")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_appraisals_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisals")),
        sa.UniqueConstraint("item_id", "instrument", "edition", name=op.f("uq_appraisals_item_id_instrument_edition")),
    )
    op.create_index(
        "ix_appraisals_waiting", "appraisals", ["id"], unique=False, postgresql_where=sa.text("status <> 'resolved'")
    )
    op.create_table(
        "filings",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("way_of_knowing", sa.String(length=20), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_filings_item_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_filings_topic_id")),
        sa.PrimaryKeyConstraint("item_id", "topic_id", name=op.f("pk_filings")),
    )
    op.create_index(
        "ix_filings_topic_id_published_at_item_id",
        "filings",
        ["topic_id", "published_at", "item_id"],
        unique=False,
        postgresql_include=["way_of_knowing"],
        postgresql_where=sa.text("published_at IS NOT NULL"),
    )
    op.create_index(
        "ix_filings_topic_id_way_of_knowing",
        "filings",
        ["topic_id", "way_of_knowing"],
        unique=False,
        postgresql_where=sa.text("published_at IS NOT NULL"),
    )
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
    op.create_index("ix_guide_changes_changed_in_guide_id", "guide_changes", ["changed_in", "guide_id"], unique=False)
    op.create_table(
        "guide_drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("author_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("returned_because", sa.Text(), nullable=True),
        sa.CheckConstraint("status IN ('draft', 'review')", name=op.f("ck_guide_drafts_status")),
        sa.ForeignKeyConstraint(["id"], ["guides.id"], name=op.f("fk_guide_drafts_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_drafts")),
    )
    op.create_index("ix_guide_drafts_status_id", "guide_drafts", ["status", "id"], unique=False)
    op.create_table(
        "guide_editions",
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["guide_id"], ["guides.id"], name=op.f("fk_guide_editions_guide_id")),
        sa.PrimaryKeyConstraint("guide_id", "edition", name=op.f("pk_guide_editions")),
    )
    op.create_table(
        "guide_statements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("what_to_try", sa.Text(), nullable=False),
        sa.Column("cost", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("effort", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("confidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["guide_id"], ["guides.id"], name=op.f("fk_guide_statements_guide_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_statements")),
    )
    op.create_index("uq_guide_statements_guide_id_position", "guide_statements", ["guide_id", "position"], unique=True)
    op.create_table(
        "harvest_records",
        sa.Column("harvest_id", sa.Uuid(), nullable=False),
        sa.Column("identifier", sa.String(length=2000), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["harvest_id"], ["harvests.id"], name=op.f("fk_harvest_records_harvest_id")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_harvest_records_item_id")),
        sa.PrimaryKeyConstraint("harvest_id", "identifier", name=op.f("pk_harvest_records")),
    )
    op.create_index(op.f("ix_harvest_records_item_id"), "harvest_records", ["item_id"], unique=False)
    op.create_table(
        "harvest_runs",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("harvest_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("since", sa.String(length=20), nullable=True),
        sa.Column("resumption_token", sa.Text(), nullable=True),
        sa.Column("first_response_date", sa.String(length=20), nullable=True),
        sa.Column("complete_list_size", sa.Integer(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("deleted", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('running', 'done', 'failed')", name=op.f("ck_harvest_runs_status")),
        sa.CheckConstraint(
            "received = created + matched + changed + deleted + quarantined", name=op.f("ck_harvest_runs_counts_add_up")
        ),
        sa.ForeignKeyConstraint(["harvest_id"], ["harvests.id"], name=op.f("fk_harvest_runs_harvest_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvest_runs")),
    )
    op.create_index("ix_harvest_runs_harvest_id_id", "harvest_runs", ["harvest_id", "id"], unique=False)
    op.create_index(
        "ix_harvest_runs_running",
        "harvest_runs",
        ["try_at"],
        unique=False,
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_table(
        "identifiers",
        sa.Column("scheme", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=500), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_identifiers_item_id")),
        sa.PrimaryKeyConstraint("scheme", "value", name=op.f("pk_identifiers")),
    )
    op.create_index(op.f("ix_identifiers_item_id"), "identifiers", ["item_id"], unique=False)
    op.create_table(
        "import_chunks",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("begin", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["imports.id"], name=op.f("fk_import_chunks_job_id")),
        sa.PrimaryKeyConstraint("job_id", "begin", name=op.f("pk_import_chunks")),
    )
    op.create_table(
        "import_originals",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["imports.id"], name=op.f("fk_import_originals_job_id")),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_import_originals")),
    )
    op.create_table(
        "import_rejects",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["imports.id"], name=op.f("fk_import_rejects_job_id")),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_import_rejects")),
    )
    op.create_table(
        "item_changes",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column(
            "changed_in",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_changes_item_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_item_changes")),
    )
    op.create_index("ix_item_changes_changed_in_item_id", "item_changes", ["changed_in", "item_id"], unique=False)
    op.create_table(
        "item_editions",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=6), nullable=True),
        sa.Column("setting", sa.String(length=120), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_editions_item_id")),
        sa.PrimaryKeyConstraint("item_id", "edition", name=op.f("pk_item_editions")),
    )
    op.create_table(
        "learning_completions",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 1 AND 10", name=op.f("ck_learning_completions_minutes")),
        sa.ForeignKeyConstraint(["piece_id"], ["learning_pieces.id"], name=op.f("fk_learning_completions_piece_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_completions")),
        sa.UniqueConstraint(
            "person_id", "piece_id", "edition", name=op.f("uq_learning_completions_person_id_piece_id_edition")
        ),
    )
    op.create_index("ix_learning_completions_person_id_id", "learning_completions", ["person_id", "id"], unique=False)
    op.create_index("ix_learning_completions_piece_id", "learning_completions", ["piece_id"], unique=False)
    op.create_table(
        "learning_sources",
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("flagged_reason", sa.String(length=24), nullable=True),
        sa.Column("flagged_key", sa.Text(), nullable=True),
        sa.Column("flagged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.CheckConstraint("kind IN ('item', 'guide')", name=op.f("ck_learning_sources_kind")),
        sa.CheckConstraint(
            "(flagged_reason IS NULL) = (flagged_at IS NULL)", name=op.f("ck_learning_sources_flagged_at")
        ),
        sa.CheckConstraint(
            "(flagged_reason IS NULL) = (flagged_key IS NULL)", name=op.f("ck_learning_sources_flagged_key")
        ),
        sa.ForeignKeyConstraint(["piece_id"], ["learning_pieces.id"], name=op.f("fk_learning_sources_piece_id")),
        sa.PrimaryKeyConstraint("piece_id", "kind", "source_id", name=op.f("pk_learning_sources")),
    )
    op.create_index(
        "ix_learning_sources_flagged",
        "learning_sources",
        ["flagged_at", "piece_id", "kind", "source_id"],
        unique=False,
        postgresql_where=sa.text("flagged_reason IS NOT NULL"),
    )
    op.create_index("ix_learning_sources_kind_source_id", "learning_sources", ["kind", "source_id"], unique=False)
    op.create_table(
        "merges",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("into_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fields_not_restored", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("(status = 'undone') = (undone_at IS NOT NULL)", name=op.f("ck_merges_undone_at")),
        sa.CheckConstraint("status IN ('standing', 'undone')", name=op.f("ck_merges_status")),
        sa.ForeignKeyConstraint(["into_id"], ["items.id"], name=op.f("fk_merges_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
    )
    op.create_index(
        "ix_merges_into_id_standing",
        "merges",
        ["into_id", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'standing'"),
    )
    op.create_table(
        "survey_scores",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("respondents", sa.Integer(), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("respondents >= 0", name=op.f("ck_survey_scores_respondents")),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_survey_scores_score")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_survey_scores_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_scores")),
        sa.UniqueConstraint("topic_id", "survey_id", name=op.f("uq_survey_scores_topic_id_survey_id")),
    )
    op.create_table(
        "quarantined_records",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("harvest_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("identifier", sa.String(length=2000), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["harvest_id"], ["harvests.id"], name=op.f("fk_quarantined_records_harvest_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantined_records")),
        sa.UniqueConstraint("harvest_id", "identifier", name=op.f("uq_quarantined_records_harvest_id_identifier")),
    )
    op.create_table(
        "request_topics",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["evidence_requests.id"], name=op.f("fk_request_topics_request_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_request_topics_topic_id")),
        sa.PrimaryKeyConstraint("request_id", "topic_id", name=op.f("pk_request_topics")),
    )
    op.create_index("ix_request_topics_topic_id_request_id", "request_topics", ["topic_id", "request_id"], unique=False)
    op.create_table(
        "request_turns",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name=op.f("ck_request_turns_answer")),
        sa.ForeignKeyConstraint(["request_id"], ["evidence_requests.id"], name=op.f("fk_request_turns_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_turns")),
        sa.UniqueConstraint("request_id", "number", name=op.f("uq_request_turns_request_id_number")),
    )
    op.create_table(
        "retraction_chunks",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("begin", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["retraction_lists.id"], name=op.f("fk_retraction_chunks_job_id")),
        sa.PrimaryKeyConstraint("job_id", "begin", name=op.f("pk_retraction_chunks")),
    )
    op.create_table(
        "retraction_rejects",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["retraction_lists.id"], name=op.f("fk_retraction_rejects_job_id")),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_retraction_rejects")),
    )
    op.create_table(
        "topic_synonyms",
        sa.Column("word", sa.String(length=120), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_topic_synonyms_topic_id")),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_topic_synonyms")),
    )
    op.create_index(op.f("ix_topic_synonyms_topic_id"), "topic_synonyms", ["topic_id"], unique=False)
    op.create_table(
        "transfer_judgements",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=6), nullable=False),
        sa.Column("setting", sa.String(length=120), nullable=True),
        sa.Column("service", sa.String(length=300), nullable=True),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("adapted", sa.Text(), nullable=False),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("judged_by", sa.String(length=40), nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("conclusion", sa.String(length=30), nullable=False),
        sa.CheckConstraint(
            "conclusion IN ('transferable', 'transferable_if_adapted', 'not_transferable', 'cannot_be_said')",
            name=op.f("ck_transfer_judgements_conclusion"),
        ),
        sa.CheckConstraint("edition >= 1", name=op.f("ck_transfer_judgements_edition")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_transfer_judgements_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_judgements")),
    )
    op.create_index("ix_transfer_judgements_item_id_id", "transfer_judgements", ["item_id", "id"], unique=False)
    op.create_table(
        "duplicate_pairs",
        sa.Column("low_id", sa.Uuid(), nullable=False),
        sa.Column("high_id", sa.Uuid(), nullable=False),
        sa.Column("judgement", sa.String(length=10), nullable=False),
        sa.Column("title_similarity", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("merge_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("decision IN ('same', 'different')", name=op.f("ck_duplicate_pairs_decision")),
        sa.CheckConstraint("judgement IN ('duplicate', 'maybe')", name=op.f("ck_duplicate_pairs_judgement")),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_duplicate_pairs_in_order")),
        sa.ForeignKeyConstraint(["high_id"], ["items.id"], name=op.f("fk_duplicate_pairs_high_id")),
        sa.ForeignKeyConstraint(["low_id"], ["items.id"], name=op.f("fk_duplicate_pairs_low_id")),
        sa.ForeignKeyConstraint(["merge_id"], ["merges.id"], name=op.f("fk_duplicate_pairs_merge_id")),
        sa.PrimaryKeyConstraint("low_id", "high_id", name=op.f("pk_duplicate_pairs")),
    )
    op.create_index(op.f("ix_duplicate_pairs_high_id"), "duplicate_pairs", ["high_id"], unique=False)
    op.create_index(op.f("ix_duplicate_pairs_merge_id"), "duplicate_pairs", ["merge_id"], unique=False)
    op.create_table(
        "guide_citations",
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("flagged_reason", sa.String(length=24), nullable=True),
        sa.Column("flagged_key", sa.Text(), nullable=True),
        sa.Column("flagged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=8), nullable=True),
        sa.Column("accepted", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.CheckConstraint("decision IN ('repin', 'remove')", name=op.f("ck_guide_citations_decision")),
        sa.CheckConstraint(
            "(flagged_reason IS NULL) = (flagged_at IS NULL)", name=op.f("ck_guide_citations_flagged_at")
        ),
        sa.CheckConstraint(
            "(flagged_reason IS NULL) = (flagged_key IS NULL)", name=op.f("ck_guide_citations_flagged_key")
        ),
        sa.CheckConstraint(
            "decision IS NULL OR flagged_reason IS NOT NULL", name=op.f("ck_guide_citations_decision_about_flag")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_guide_citations_item_id")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["guide_statements.id"], name=op.f("fk_guide_citations_statement_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("statement_id", "item_id", name=op.f("pk_guide_citations")),
    )
    op.create_index(
        "ix_guide_citations_flagged",
        "guide_citations",
        ["flagged_at", "statement_id", "item_id"],
        unique=False,
        postgresql_where=sa.text("flagged_reason IS NOT NULL"),
    )
    op.create_index("ix_guide_citations_item_id", "guide_citations", ["item_id"], unique=False)
    op.create_table(
        "judgements",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("appraisal_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("appraiser_id", sa.Uuid(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("comments", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("position IN (1, 2)", name=op.f("ck_judgements_position")),
        sa.ForeignKeyConstraint(["appraisal_id"], ["appraisals.id"], name=op.f("fk_judgements_appraisal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgements")),
        sa.UniqueConstraint("appraisal_id", "appraiser_id", name=op.f("uq_judgements_appraisal_id_appraiser_id")),
        sa.UniqueConstraint("appraisal_id", "position", name=op.f("uq_judgements_appraisal_id_position")),
    )
    op.create_table(
        "learning_certificates",
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("completion_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["completion_id"],
            ["learning_completions.id"],
            name=op.f("fk_learning_certificates_completion_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_learning_certificates")),
    )
    op.create_index(
        "uq_learning_certificates_valid",
        "learning_certificates",
        ["completion_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "merged_items",
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("identifiers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("redirected_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_merged_items_item_id")),
        sa.ForeignKeyConstraint(["merge_id"], ["merges.id"], name=op.f("fk_merged_items_merge_id")),
        sa.PrimaryKeyConstraint("merge_id", "item_id", name=op.f("pk_merged_items")),
    )
    op.create_index(op.f("ix_merged_items_item_id"), "merged_items", ["item_id"], unique=False)
    op.create_table(
        "request_citations",
        sa.Column("turn_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('item', 'guide')", name=op.f("ck_request_citations_kind")),
        sa.ForeignKeyConstraint(["turn_id"], ["request_turns.id"], name=op.f("fk_request_citations_turn_id")),
        sa.PrimaryKeyConstraint("turn_id", "kind", "source_id", name=op.f("pk_request_citations")),
    )
    op.create_index("ix_request_citations_kind_source_id", "request_citations", ["kind", "source_id"], unique=False)

    for statement in FUNCTIONS:
        op.execute(statement)
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("the first schema is not taken back: `make reset` begins with an empty database")
