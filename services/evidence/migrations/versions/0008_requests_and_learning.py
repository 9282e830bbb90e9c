"""Evidence requests; topics with synonyms and every voice; what is seen of each way of knowing."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    _topics()
    _requests()
    op.create_table(
        "seen_tallies",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("way_of_knowing", sa.String(length=20), nullable=False),
        sa.Column("how", sa.String(length=6), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("how IN ('shown', 'opened')", name=op.f("ck_seen_tallies_how")),
        sa.PrimaryKeyConstraint("day", "way_of_knowing", "how", name=op.f("pk_seen_tallies")),
    )
    op.create_table(
        "sight_completions",
        sa.Column("completion_id", sa.Uuid(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("completion_id", name=op.f("pk_sight_completions")),
    )
    op.create_index(op.f("ix_sight_completions_piece_id"), "sight_completions", ["piece_id"], unique=False)


def _topics() -> None:
    op.add_column(
        "topics",
        sa.Column("synonyms", sa.ARRAY(sa.String(length=120)), server_default=sa.text("'{}'"), nullable=False),
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
        "topic_hearings",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('assembly', 'request')", name=op.f("ck_topic_hearings_kind")),
        sa.CheckConstraint("people >= 0", name=op.f("ck_topic_hearings_people")),
        sa.PrimaryKeyConstraint("kind", "source_id", "topic_id", name=op.f("pk_topic_hearings")),
    )
    op.create_index(
        "ix_topic_hearings_kind_at",
        "topic_hearings",
        ["kind", "at"],
        unique=False,
        postgresql_include=["topic_id", "people"],
    )
    op.create_index("ix_topic_hearings_topic_id", "topic_hearings", ["topic_id"], unique=False)
    op.create_table(
        "topic_attendances",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("assembly_id", sa.Uuid(), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_topic_attendances")),
    )
    op.create_index(op.f("ix_topic_attendances_assembly_id"), "topic_attendances", ["assembly_id"], unique=False)
    op.create_table(
        "topic_unweighed",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("topics", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.CheckConstraint("kind IN ('assembly', 'request')", name=op.f("ck_topic_unweighed_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_unweighed")),
    )
    op.create_index(
        "ix_filings_topic_id_way_of_knowing",
        "filings",
        ["topic_id", "way_of_knowing"],
        unique=False,
        postgresql_where=sa.text("published_at IS NOT NULL"),
    )
    _note_changes_of_what_is_filed()
    _hear_what_was_heard()


def _note_changes_of_what_is_filed() -> None:
    op.create_table(
        "filing_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("sweep", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_changes")),
    )
    op.execute(
        "CREATE FUNCTION note_filing_change() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN INSERT INTO filing_changes DEFAULT VALUES; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER filings_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON filings"
        " FOR EACH STATEMENT EXECUTE FUNCTION note_filing_change()"
    )
    op.execute(
        "CREATE TRIGGER tree_changed AFTER INSERT OR UPDATE OF parent_id OR DELETE ON topics"
        " FOR EACH STATEMENT EXECUTE FUNCTION note_filing_change()"
    )


def _hear_what_was_heard() -> None:
    """Assemblies of before are voices too: the line of sight has kept them."""
    op.execute(
        "INSERT INTO topic_attendances (registration_id, assembly_id, attended)"
        " SELECT registration_id, assembly_id, attended FROM sight_attendances"
    )
    op.execute(
        "INSERT INTO topic_hearings (kind, source_id, topic_id, people, at)"
        " SELECT 'assembly', l.to_id, l.from_id,"
        " (SELECT count(*) FROM sight_attendances a WHERE a.assembly_id = l.to_id AND a.attended),"
        " (n.facts ->> 'held_on')::date"
        " FROM sight_links l JOIN sight_nodes n ON (n.kind, n.id) = ('assembly', l.to_id)"
        " WHERE l.relation = 'discussed_at' AND n.facts ? 'held_on'"
    )


def _requests() -> None:
    waiting = sa.text("state IN ('open', 'in_hand')")
    op.create_table(
        "evidence_requests",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("asker_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("urgency", sa.String(length=12), nullable=False),
        sa.Column("hurry", sa.Integer(), nullable=False),
        sa.Column("setting", sa.String(length=120), nullable=True),
        sa.Column("country", sa.String(length=6), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_hand_of", sa.Uuid(), nullable=True),
        sa.Column("first_answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used", sa.String(length=8), nullable=True),
        sa.Column("what_happened", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shown_question", sa.Text(), nullable=True),
        sa.Column("shown_answer", sa.Text(), nullable=True),
        sa.Column("shown_turn", sa.Uuid(), nullable=True),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'in_hand', 'answered', 'closed', 'taken_back')", name=op.f("ck_evidence_requests_state")
        ),
        sa.CheckConstraint(
            "urgency IN ('today', 'this_week', 'this_month', 'no_hurry')", name=op.f("ck_evidence_requests_urgency")
        ),
        sa.CheckConstraint("hurry BETWEEN 0 AND 3", name=op.f("ck_evidence_requests_hurry")),
        sa.CheckConstraint(
            "(state = 'in_hand') = (in_hand_of IS NOT NULL)", name=op.f("ck_evidence_requests_in_hand_of")
        ),
        sa.CheckConstraint("used IN ('yes', 'no', 'not_yet')", name=op.f("ck_evidence_requests_used")),
        sa.CheckConstraint(
            "shown_at IS NULL OR state IN ('open', 'in_hand', 'answered', 'closed')",
            name=op.f("ck_evidence_requests_shown"),
        ),
        *(
            sa.CheckConstraint(f"(shown_at IS NULL) = ({column} IS NULL)", name=op.f(f"ck_evidence_requests_{column}"))
            for column in ("shown_question", "shown_answer", "shown_turn")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_requests")),
    )
    indexes = {
        "ix_evidence_requests_queue": (["hurry", "due_at", "id"], waiting),
        "ix_evidence_requests_asker_id_id": (["asker_id", "id"], None),
        "ix_evidence_requests_shown_at_id": (["shown_at", "id"], sa.text("shown_at IS NOT NULL")),
        "ix_evidence_requests_asked_at": (["asked_at"], None),
    }
    for name, (columns, where) in indexes.items():
        op.create_index(name, "evidence_requests", columns, unique=False, postgresql_where=where)
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
        "request_topics",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["evidence_requests.id"], name=op.f("fk_request_topics_request_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_request_topics_topic_id")),
        sa.PrimaryKeyConstraint("request_id", "topic_id", name=op.f("pk_request_topics")),
    )
    op.create_index("ix_request_topics_topic_id_request_id", "request_topics", ["topic_id", "request_id"], unique=False)
    op.create_table(
        "request_citations",
        sa.Column("turn_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('item', 'guide')", name=op.f("ck_request_citations_kind")),
        sa.ForeignKeyConstraint(["turn_id"], ["request_turns.id"], name=op.f("fk_request_citations_turn_id")),
        sa.PrimaryKeyConstraint("turn_id", "kind", "thing_id", name=op.f("pk_request_citations")),
    )
    op.create_index("ix_request_citations_kind_thing_id", "request_citations", ["kind", "thing_id"], unique=False)


def downgrade() -> None:
    op.execute("DROP TRIGGER tree_changed ON topics")
    op.execute("DROP TRIGGER filings_changed ON filings")
    op.execute("DROP FUNCTION note_filing_change()")
    for table in (
        "sight_completions",
        "seen_tallies",
        "request_citations",
        "request_topics",
        "request_turns",
        "evidence_requests",
        "filing_changes",
        "topic_unweighed",
        "topic_attendances",
        "topic_hearings",
        "topic_synonyms",
    ):
        op.drop_table(table)
    op.drop_index("ix_filings_topic_id_way_of_knowing", "filings")
    op.drop_column("topics", "synonyms")
