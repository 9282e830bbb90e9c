"""People known by a hash of their address, links for those, and where and when a session was used."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "gateway_sign_in"
down_revision: str | None = "gateway_first_schema"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("people", sa.Column("address_digest", sa.LargeBinary(), nullable=True))
    op.create_unique_constraint(op.f("uq_people_address_digest"), "people", ["address_digest"])
    # What everyone has is no longer stored: an index finds those who have a role.
    op.execute("UPDATE people SET roles = array_remove(roles, 'contributor') WHERE 'contributor' = ANY(roles)")
    op.create_index("ix_people_with_roles", "people", ["id"], postgresql_where=sa.text("roles <> '{}'"))
    op.alter_column("one_time_links", "person_id", existing_type=sa.Uuid(), nullable=True)
    op.add_column("one_time_links", sa.Column("address_digest", sa.LargeBinary(), nullable=True))
    op.create_index(op.f("ix_one_time_links_address_digest"), "one_time_links", ["address_digest"], unique=False)
    op.create_check_constraint(
        op.f("ck_one_time_links_whose"), "one_time_links", "num_nonnulls(person_id, address_digest) = 1"
    )
    op.add_column("sessions", sa.Column("last_used_at", MOMENT, server_default=sa.text("now()"), nullable=False))
    op.add_column("sessions", sa.Column("browser", sa.String(length=20), nullable=True))
    op.add_column("sessions", sa.Column("system", sa.String(length=20), nullable=True))


def downgrade() -> None:
    for name in ("system", "browser", "last_used_at"):
        op.drop_column("sessions", name)
    op.drop_constraint(op.f("ck_one_time_links_whose"), "one_time_links")
    op.execute("DELETE FROM one_time_links WHERE person_id IS NULL")
    op.drop_index(op.f("ix_one_time_links_address_digest"), "one_time_links")
    op.drop_column("one_time_links", "address_digest")
    op.alter_column("one_time_links", "person_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_index("ix_people_with_roles", "people")
    op.drop_constraint(op.f("uq_people_address_digest"), "people")
    op.drop_column("people", "address_digest")
