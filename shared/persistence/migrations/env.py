"""Alembic's environment, the same for every service. `schema` runs it, with a connection of its own."""

from typing import Literal

from alembic import context
from sqlmodel.sql.sqltypes import AutoString

from shared.persistence.migrations.schema import metadata_of
from shared.persistence.platform_tables import platform_metadata

attributes = context.config.attributes
only = attributes.get("only")
"""The tables of the branch that a new migration is written for; all are compared otherwise."""


def belongs_to_branch(_object: object, name: str | None, kind: str, reflected: bool, _other: object) -> bool:
    """Leave the platform's tables out of a service's new migration."""
    return not (kind == "table" and reflected and only is not None and name not in only.tables)


def render_type(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write SQLModel's texts as SQLAlchemy's, so that a migration does not import what may change later."""
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


context.configure(
    connection=attributes["connection"],
    target_metadata=list({platform_metadata, metadata_of(attributes["package"])}) if only is None else only,
    compare_server_default=False,
    include_object=belongs_to_branch,
    render_item=render_type,
)
with context.begin_transaction():
    context.run_migrations()
