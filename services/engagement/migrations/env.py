"""Alembic's way into engagement's tables: importing a slice's tables adds them to the metadata."""

from importlib import import_module
from pathlib import Path

from services.engagement.tables import Row
from shared.migrations import run

for tables in sorted(Path(__file__).parents[1].glob("*/tables.py")):
    import_module(f"services.engagement.{tables.parent.name}.tables")

run(Row.metadata)
