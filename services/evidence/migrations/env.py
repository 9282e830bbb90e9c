"""Alembic's way into evidence's tables: importing a slice's tables adds them to the metadata."""

from importlib import import_module
from pathlib import Path

from services.evidence.tables import Row
from shared.migrations import run

for tables in sorted(Path(__file__).parents[1].glob("*/tables.py")):
    import_module(f"services.evidence.{tables.parent.name}.tables")

run(Row.metadata)
