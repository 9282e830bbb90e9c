"""The first schema of the engagement service."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "engagement_first_schema"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("engagement",)
depends_on: str | Sequence[str] | None = "platform_tables"


def upgrade() -> None:
    op.create_table(
        "evidence_requests",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("topic_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_requests")),
    )
    op.create_index(
        "ix_evidence_requests_topic_ids",
        "evidence_requests",
        ["topic_ids"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("open"),
    )
    op.create_table(
        "guides",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=True),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guides")),
    )
    op.create_table(
        "items",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("way_of_knowing", sa.String(length=30), nullable=True),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("access_needs", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_table(
        "results",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("respondents", sa.Integer(), nullable=False),
        sa.Column("fewest_shown", sa.Integer(), nullable=False),
        sa.Column("published", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_results")),
    )
    op.create_table(
        "surveys",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("introduction", sa.String(length=2000), nullable=True),
        sa.Column("questions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NOT NULL) = (status = 'closed')", name=op.f("ck_surveys_closed_at_when_closed")
        ),
        sa.CheckConstraint("(opened_at IS NULL) = (status = 'draft')", name=op.f("ck_surveys_opened_unless_draft")),
        sa.CheckConstraint("status IN ('draft', 'open', 'closed')", name=op.f("ck_surveys_status_is_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys")),
    )
    op.create_index("ix_surveys_closes_on", "surveys", ["closes_on"], unique=False, postgresql_where="status = 'open'")
    op.create_index("ix_surveys_created_at_id", "surveys", ["created_at", "id"], unique=False)
    op.create_table(
        "topics",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=True),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("open_questions", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
    )
    op.create_table(
        "answered",
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("person_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(person_hash) = 32", name=op.f("ck_answered_person_hash_is_whole")),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("fk_answered_survey_id")),
        sa.PrimaryKeyConstraint("survey_id", "person_hash", name=op.f("pk_answered")),
    )
    op.create_table(
        "assemblies",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=True),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("places_taken", sa.Integer(), nullable=False),
        sa.Column("expected_cost_pence", sa.BigInteger(), nullable=False),
        sa.Column("scheme", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("refusal", sa.String(length=300), nullable=True),
        sa.CheckConstraint("(refusal IS NOT NULL) = (status = 'refused')", name=op.f("ck_assemblies_refusal_says_why")),
        sa.CheckConstraint("mode IN ('in_person', 'online')", name=op.f("ck_assemblies_mode_is_known")),
        sa.CheckConstraint(
            "status IN ('awaiting_funding', 'open', 'refused')", name=op.f("ck_assemblies_status_is_known")
        ),
        sa.CheckConstraint(
            "places > 0 AND minutes > 0 AND expected_cost_pence >= 0", name=op.f("ck_assemblies_sizes_make_sense")
        ),
        sa.CheckConstraint("places_taken BETWEEN 0 AND places", name=op.f("ck_assemblies_places_are_not_oversold")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_assemblies_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assemblies")),
    )
    op.create_index("ix_assemblies_held_on_id", "assemblies", ["held_on", "id"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("stakeholder_group", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "stakeholder_group IN ('people_who_draw_on_care_and_support', 'unpaid_carers', 'frontline_practitioners', 'managers_and_providers', 'commissioners', 'researchers', 'policy_makers', 'others')",
            name=op.f("ck_invitations_stakeholder_group_is_known"),
        ),
        sa.CheckConstraint("octet_length(token_hash) = 32", name=op.f("ck_invitations_token_hash_is_whole")),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("fk_invitations_survey_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitations")),
    )
    op.create_index(op.f("ix_invitations_survey_id"), "invitations", ["survey_id"], unique=False)
    op.create_table(
        "responses",
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stakeholder_group", sa.Text(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("jsonb_typeof(answers) = 'object'", name=op.f("ck_responses_answers_are_an_object")),
        sa.CheckConstraint(
            "stakeholder_group IN ('people_who_draw_on_care_and_support', 'unpaid_carers', 'frontline_practitioners', 'managers_and_providers', 'commissioners', 'researchers', 'policy_makers', 'others')",
            name=op.f("ck_responses_stakeholder_group_is_known"),
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("fk_responses_survey_id")),
        sa.PrimaryKeyConstraint("survey_id", "id", name=op.f("pk_responses")),
    )
    op.create_table(
        "projects",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("model", sa.String(length=20), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("assembly_id", sa.Uuid(), nullable=True),
        sa.Column("applies", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("guide_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("outcomes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "model IN ('demonstrator', 'facilitator', 'network')", name=op.f("ck_projects_model_is_known")
        ),
        sa.CheckConstraint("outcomes >= 0", name=op.f("ck_projects_outcomes_are_counted")),
        sa.ForeignKeyConstraint(["assembly_id"], ["assemblies.id"], name=op.f("fk_projects_assembly_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_projects_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
    )
    op.create_index(op.f("ix_projects_assembly_id"), "projects", ["assembly_id"], unique=False)
    op.create_index("ix_projects_created_at_id", "projects", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_projects_topic_id"), "projects", ["topic_id"], unique=False)
    op.create_table(
        "registrations",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("assembly_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("access_needs", sa.LargeBinary(), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=True),
        sa.Column("entitled", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "status = 'registered' OR attended IS NOT TRUE", name=op.f("ck_registrations_only_the_registered_attend")
        ),
        sa.CheckConstraint("status IN ('registered', 'cancelled')", name=op.f("ck_registrations_status_is_known")),
        sa.ForeignKeyConstraint(["assembly_id"], ["assemblies.id"], name=op.f("fk_registrations_assembly_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("assembly_id", "person_id", name=op.f("uq_registrations_assembly_id_person_id")),
    )
    op.create_index("ix_registrations_assembly_id_id", "registrations", ["assembly_id", "id"], unique=False)
    op.create_table(
        "entitlements",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_entitlements_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entitlements")),
    )
    op.create_index(op.f("ix_entitlements_registration_id"), "entitlements", ["registration_id"], unique=False)
    op.create_table(
        "outcomes",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("people_affected", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.CheckConstraint("direction IN ('better', 'same', 'worse')", name=op.f("ck_outcomes_direction_is_known")),
        sa.CheckConstraint("people_affected >= 0", name=op.f("ck_outcomes_people_are_counted")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_outcomes_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
    )
    op.create_index("ix_outcomes_project_id_id", "outcomes", ["project_id", "id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("the first schema is not taken back: `make reset` begins with an empty database")
