"""Alembic's environment of the engagement service: importing every slice's tables adds them to the metadata."""

from importlib import import_module
from pathlib import Path

from services.engagement.tables import Row
from shared.persistence.migrations.environment import run

SERVICE = Path(__file__).parents[1]
for tables in sorted(SERVICE.rglob("*/tables.py")):
    import_module(".".join(("services.engagement", *tables.relative_to(SERVICE).with_suffix("").parts)))

run(Row.metadata)
